"""What is sent in JSON. Unknown keys are ignored everywhere."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType


class SessionBody(msgspec.Struct, frozen=True):
    """Open a session over a form."""

    form_id: str


class TurnBody(msgspec.Struct, frozen=True):
    """A message in plain language."""

    message: str


class FieldBody(msgspec.Struct, frozen=True):
    """Name one field, by its id or its number."""

    field_id: str | int


class FieldValue(msgspec.Struct, frozen=True):
    """A value for a field, as the June edition writes it. Null leaves the field blank on purpose."""

    id: str | int
    value: Any


class FieldUpdate(msgspec.Struct, frozen=True):
    """A value for a field, as the September edition writes it."""

    field_id: int | str
    value: Any


class ValuesBody(msgspec.Struct, frozen=True):
    """Values to set directly: `fields` or `updates`, all of them or none."""

    fields: list[FieldValue] | UnsetType = UNSET
    updates: list[FieldUpdate] | UnsetType = UNSET


class KeyBody(msgspec.Struct, frozen=True):
    """A key to make."""

    owner: str
    label: str = ""


class KeyPatch(msgspec.Struct, frozen=True):
    """Switch a key (`enable` or `disable`), call it otherwise, or both."""

    action: str | None = None
    label: str | None = None
