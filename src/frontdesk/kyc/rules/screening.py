"""What a screening without a session asks for: one subject, and the lists that it is looked for in."""

from datetime import date
from typing import ClassVar

import msgspec

from frontdesk.kyc.model.screening import Subject
from frontdesk.kyc.rules.fields.countries import COUNTRIES
from frontdesk.kyc.rules.fields.scalars import parse_date
from frontdesk.kyc.rules.refusals import Invalid

KINDS = {"individual": "person", "company": "entity", "wallet": "wallet"}
LONGEST_NAME = 500
MOST_LISTS = 50


class ScreeningInvalid(Invalid):
    """The body does not say whom to look for, or where."""

    reason: ClassVar[str] = "screening_invalid"


class ScreeningUndone(Invalid):
    """Nobody could look: a list is not loaded, or nothing in the name can be read. That is never an all-clear."""

    reason: ClassVar[str] = "screening_undone"


class Sought(msgspec.Struct, frozen=True):
    """Whom to look for. `lists` are names; `one` tells that a single list was asked for by `list_name`."""

    subject: Subject
    lists: tuple[str, ...]
    one: bool


class Described(msgspec.Struct, frozen=True):
    """A subject as it is sent."""

    name: str
    type: str = "individual"
    date_of_birth: str | None = None
    nationality: str | None = None
    document_number: str | None = None


def sought(described: Described, list_name: str | None, lists: tuple[str, ...] | None) -> Sought:
    """Raises `ScreeningInvalid`."""
    name = described.name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise ScreeningInvalid(f"subject.name must have 1 to {LONGEST_NAME} characters")
    kind = KINDS.get(described.type)
    if kind is None:
        raise ScreeningInvalid("subject.type must be individual, company or wallet")
    if (list_name is None) is (lists is None):
        raise ScreeningInvalid("Either list_name or lists is expected")
    asked = tuple(dict.fromkeys(lists if lists is not None else (list_name or "",)))
    if not 1 <= len(asked) <= MOST_LISTS or not all(asked):
        raise ScreeningInvalid(f"1 to {MOST_LISTS} names of lists are expected")
    born = _born(described.date_of_birth)
    country = described.nationality
    if country is not None and country not in COUNTRIES:
        raise ScreeningInvalid("subject.nationality must be two letters of ISO 3166-1, such as PT")
    numbers = tuple(one for one in [(described.document_number or "").strip()] if one)
    if kind == "wallet":
        return Sought(Subject(name, kind), asked, lists is None)
    countries = () if country is None else (country,)
    day = born.isoformat() if born is not None and kind == "person" else None
    return Sought(Subject(name, kind, day, countries, numbers), asked, lists is None)


def _born(text: str | None) -> date | None:
    if text is None:
        return None
    found = parse_date(text)
    if found is None:
        raise ScreeningInvalid("subject.date_of_birth must be a date, like 1985-03-15")
    return found
