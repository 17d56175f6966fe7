"""What is sent: every body, and the strict reading of one."""

from collections.abc import Collection
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, UnsetType

from frontdesk.onboarding.rules.refusals import InvalidField, MalformedAccessToken, MissingFields, UnknownFields

LONGEST_USER_ID = 255
Body = TypeVar("Body", bound=msgspec.Struct)


class CreateSession(msgspec.Struct, frozen=True):
    """Begin a session of one user in one skill."""

    tenant_user_id: str
    client_id: str
    client_app_key: str
    skill: str


class SubmitStep(msgspec.Struct, frozen=True):
    """One step. `data` is what the skill asks for in it."""

    client_id: str
    nonce: str
    skill: str
    step: str
    data: dict[str, Any]


class UploadFile(msgspec.Struct, frozen=True):
    """A file for a slot of a step, as JSON: `file` is base64. The same names are the parts of `multipart/form-data`."""

    client_id: str
    nonce: str
    name: str
    file: str
    filename: str | UnsetType = UNSET


class ExchangeToken(msgspec.Struct, frozen=True):
    """The token that ended a session."""

    client_id: str
    client_secret: str
    temp_token: str


class UseConsent(msgspec.Struct, frozen=True):
    """The token of a consent."""

    client_id: str
    client_secret: str
    credentials_id: str
    access_token: str


class DeleteConsent(UseConsent, frozen=True):
    """`pcd_data_retention` is in minutes: how long what was gathered stays."""

    pcd_data_retention: int | UnsetType = UNSET


class ReadAccounts(UseConsent, frozen=True, kw_only=True):
    """The token of a consent, and the user that it is of."""

    tenant_user_id: str


class ReadFiltered(ReadAccounts, frozen=True, kw_only=True):
    """As for accounts; `filter` narrows what is answered."""

    filter: dict[str, Any] | UnsetType = UNSET


class ReadCatalog(msgspec.Struct, frozen=True):
    """`filter` may hold `country`, `family` and `env`."""

    client_id: str
    client_app_key: str
    filter: dict[str, Any] | UnsetType = UNSET


class NameSession(msgspec.Struct, frozen=True):
    """A session, named by the tenant's server."""

    client_id: str
    client_secret: str
    session_id: str


def read(body: dict[str, Any], kind: type[Body], lenient: Collection[str] = ()) -> Body:
    """The body as `kind`; those in `lenient` may be absent and are empty then.

    Raises `MissingFields`, `UnknownFields`, `InvalidField`, in this order, the first two with all names.
    """
    fields = _fields(kind)
    given = {name: value for name, value in body.items() if value is not None}
    missing = [name for name, (_, required) in fields.items() if required and name not in given]
    if missing and lenient:
        given.update((name, "") for name in missing if name in lenient)
        missing = [name for name in missing if name not in lenient]
    if missing == ["access_token"]:
        raise MalformedAccessToken
    if missing:
        raise MissingFields(missing)
    if len(body) > len(fields) or body.keys() - fields.keys():
        raise UnknownFields(sorted(name[:60] for name in body.keys() - fields.keys()))
    for name, value in given.items():
        expected = fields[name][0]
        if expected is str and not (isinstance(value, str) and (value or name in lenient)):
            raise InvalidField(name, "a text that is not empty")
        if expected is dict and not isinstance(value, dict):
            raise InvalidField(name, "an object")
    if len(given.get("tenant_user_id", "")) > LONGEST_USER_ID:
        raise InvalidField("tenant_user_id", f"at most {LONGEST_USER_ID} characters")
    return kind(**given)


def texts(wanted: dict[str, Any] | UnsetType, *names: str) -> dict[str, str]:
    """A filter of texts. Raises `UnknownFields`, `InvalidField`."""
    if isinstance(wanted, UnsetType):
        return {}
    unknown = sorted(set(wanted) - set(names))
    if unknown:
        raise UnknownFields([f"filter.{name[:60]}" for name in unknown])
    for name, value in wanted.items():
        if not isinstance(value, str) or not value:
            raise InvalidField(f"filter.{name}", "a text")
    return dict(wanted)


@cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, tuple[type | None, bool]]:
    """Each field with its type (None: the rules judge it) and whether it is required."""
    hints = get_type_hints(kind)
    return {one.name: (_plain(hints[one.name]), one.required) for one in msgspec.structs.fields(kind)}


def _plain(hint: Any) -> type | None:
    if get_origin(hint) in (Union, UnionType):
        hint = next(part for part in get_args(hint) if part is not UnsetType)
    found = get_origin(hint) or hint
    return found if found in (str, dict) else None
