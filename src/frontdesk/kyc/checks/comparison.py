"""One table of everything that a session says more than once: zone, print and form side by side."""

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

import msgspec
from rapidfuzz import fuzz

from frontdesk.kyc.checks.text import fold, foldings, squeeze
from frontdesk.kyc.model.definition import Field
from frontdesk.kyc.model.session import Progress
from frontdesk.kyc.rules.papers import Paper
from frontdesk.kyc.rules.steps import view

_ALMOST = 80
"""From this likeness on, of 100, two texts may be one text and a slip."""
_ENTERED = {
    "full_name": ("full_name", "name", "legal_full_name"),
    "given_names": ("given_names", "first_name", "first_names"),
    "surname": ("surname", "last_name", "family_name"),
    "date_of_birth": ("date_of_birth", "birth_date", "birthdate", "dob"),
    "nationality": ("nationality",),
    "gender": ("gender", "sex"),
    "document_number": ("document_number", "passport_number", "id_number"),
    "expiry_date": ("expiry_date", "document_expiry", "passport_expiry"),
    "company_name": ("company_name", "legal_name"),
    "registration_number": ("registration_number", "company_number"),
    "incorporation_date": ("incorporation_date", "date_of_incorporation"),
    "iban": ("iban",),
}
"""Under which `field_key` or `field_id` forms ask for what papers say."""
_NAMES = frozenset({"full_name", "given_names", "surname", "company_name"})
_NUMBERS = frozenset({"document_number", "registration_number", "iban"})
_OF_ONE_PAPER = frozenset({"document_number", "expiry_date"})
"""What differs from paper to paper although it is right: compared within a paper, and with the form by identity."""
OWN_ROLES = ("self", "company")
"""Whose papers are the customer's own."""


class _Said(msgspec.Struct, frozen=True):
    """A value and where it stands."""

    value: str
    source: dict[str, Any]


def comparison(progress: Progress, found: Iterable[Paper]) -> list[dict[str, Any]]:
    """A line for each thing that is said at least twice: `field`, `agreement` and `values`.

    `agreement` is `agrees`, `close` (a slip or another spelling) or `differs`. Each value has its `source` (`read`,
    `print` or `form`) and the `doc_id`, or `step_id` and `field_id`, where it stands. Papers of others are left out.
    """
    mine = [one for one in found if one.role in OWN_ROLES]
    lines = []
    for key in _ENTERED:
        entered = list(_entered(progress, key))
        if key in _OF_ONE_PAPER:
            groups = [[*_read(one, key)] for one in mine]
            # A form asks for the number of one paper: it is right if it is that of any.
            groups = [group + entered if _is_wanted(group, groups, entered, key) else group for group in groups]
        else:
            groups = [[*(said for one in mine for said in _read(one, key)), *entered]]
        for group in groups:
            if len(group) > 1 and any("doc_id" in one.source for one in group):
                lines.append(_line(key, group))
    return lines


def _is_wanted(group: list[_Said], groups: list[list[_Said]], entered: list[_Said], key: str) -> bool:
    def fits(one: list[_Said]) -> bool:
        return any(agreement(key, said.value, other.value) != "differs" for said in one for other in entered)

    read = [one for one in groups if one]
    return bool(group) and (fits(group) or not any(fits(one) for one in read))


def _line(key: str, group: list[_Said]) -> dict[str, Any]:
    found = {agreement(key, one.value, other.value) for one, other in combinations(group, 2)}
    worst = next((one for one in ("differs", "close") if one in found), "agrees")
    return {"field": key, "agreement": worst, "values": [{**one.source, "value": one.value} for one in group]}


def agreement(key: str, one: str, other: str) -> str:
    """How two values of a key stand to each other."""
    if key in _NAMES:
        return _names(one, other)
    if key in _NUMBERS:
        left, right = squeeze(one), squeeze(other)
        if left == right:
            return "agrees"
        return "close" if fuzz.ratio(left, right) >= _ALMOST else "differs"
    return "agrees" if one.strip().casefold() == other.strip().casefold() else "differs"


def _names(one: str, other: str) -> str:
    """Papers leave out names, and spell letters in their own ways: one name's words among the other's suffice.

    A name in another script than the other's is for a person: nobody here can read both.
    """
    if not squeeze(one) or not squeeze(other):
        if one.split() == other.split():
            return "agrees"
        return "close" if squeeze(one) or squeeze(other) else "differs"
    left = [frozenset(text.split()) for text in foldings(one)]
    right = [frozenset(text.split()) for text in foldings(other)]
    if any(a <= b or b <= a for a in left for b in right if a and b) or squeeze(one) == squeeze(other):
        return "agrees"
    return "close" if fuzz.token_sort_ratio(fold(one), fold(other)) >= _ALMOST else "differs"


def _read(paper: Paper, key: str) -> Iterator[_Said]:
    if paper.reading is None:
        return
    where = {"doc_id": paper.document.doc_id}
    value = paper.values.get(key) or (paper.values.get("account_holder") if key == "full_name" else None)
    if value:
        yield _Said(value, {"source": "read", **where})
    if printed := paper.reading.printed.get(key):
        yield _Said(printed, {"source": "print", **where})


def _entered(progress: Progress, key: str) -> Iterator[_Said]:
    seen = view(progress)
    for step_id, fields in seen.fields.items():
        for one in fields:
            value = seen.answers.get((step_id, one.field_id))
            if isinstance(value, str) and asks_for(one, key):
                yield _Said(value, {"source": "form", "step_id": step_id, "field_id": one.field_id})


def asks_for(one: Field, key: str) -> bool:
    """Whether a form's field asks for what papers have under this key."""
    if key == "nationality" and one.type == "country":
        return one.options.get("country_type") == "nationality" or one.key in _ENTERED[key]
    return one.key in _ENTERED[key] or one.field_id in _ENTERED[key]
