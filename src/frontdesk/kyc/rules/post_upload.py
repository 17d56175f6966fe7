"""Checks of what was read from a file, as its requirement asks for them."""

import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import msgspec

from frontdesk.kyc.model.definition import DocumentRequirement
from frontdesk.kyc.model.session import Extraction, Progress
from frontdesk.kyc.rules.fields.scalars import parse_date
from frontdesk.kyc.rules.steps import view


class Verdict(msgspec.Struct, frozen=True):
    """`fault` refuses the file, in the customer's words; `flags` are for a reviewer."""

    fault: str | None = None
    flags: tuple[str, ...] = ()


class _Paper(msgspec.Struct, frozen=True):
    """What a check may look at."""

    read: Extraction
    params: Mapping[str, Any]
    names: Mapping[str, Any]
    today: date
    faces: int | None


def judge_document(
    requirement: DocumentRequirement,
    read: Extraction | None,
    progress: Progress,
    today: date,
    faces: int | None = None,
) -> Verdict:
    """Run the requirement's checks. `faces` is how many were found on the paper, None if nobody could look. What
    could not be read never refuses a file: a person looks at it."""
    seen = view(progress).answers
    names = {field_id: value for (step_id, field_id), value in seen.items() if step_id is None}
    flags: list[str] = []
    for one in requirement.post_upload_validations:
        paper = None if read is None else _Paper(read, one.params, names, today, faces)
        passed = None if paper is None else _CHECKS[one.type](paper)
        if passed is None:
            flags.append(f"{one.type}:unreadable")
        elif not passed and one.on_fail == "reject":
            return Verdict(_REASONS[one.type])
        elif not passed:
            flags.append(one.type)
    return Verdict(None, tuple(flags))


def _day(paper: _Paper, key: str) -> date | None:
    return parse_date(paper.read.values.get(key, ""))


def _not_expired(paper: _Paper) -> bool | None:
    expiry = _day(paper, "expiry_date")
    return None if expiry is None else expiry >= paper.today


def _expires_after(paper: _Paper) -> bool | None:
    expiry = _day(paper, "expiry_date")
    return None if expiry is None else expiry - paper.today >= timedelta(days=paper.params["days"])


def _issued_within(paper: _Paper) -> bool | None:
    issued = _day(paper, "issue_date")
    if issued is None:
        return None
    return timedelta() <= paper.today - issued <= timedelta(days=paper.params["days"])


def _mrz_valid(paper: _Paper) -> bool | None:
    said = paper.read.values.get("mrz_valid")
    return None if said is None else said == "true"


def _confident(paper: _Paper) -> bool | None:
    return paper.read.scores.get("overall", 0) >= float(paper.params["min_confidence"])


def _country_in(paper: _Paper) -> bool | None:
    values = paper.read.values
    found = values.get("issuing_country") or values.get("country") or values.get("nationality")
    return None if found is None else found in paper.params["countries"]


def _name_matches(paper: _Paper) -> bool | None:
    """Papers leave out names and accents, so one name's words must be among the other's."""
    values = paper.read.values
    written = values.get("full_name") or values.get("account_holder") or values.get("company_name")
    entered = paper.names.get(paper.params["field_id"])
    if written is None or not isinstance(entered, str):
        return None
    one, other = _words(written), _words(entered)
    return bool(one and other) and (one <= other or other <= one)


def _face_present(paper: _Paper) -> bool | None:
    return None if paper.faces is None else paper.faces > 0


def asks_for_a_face(requirement: DocumentRequirement) -> bool:
    """Whether somebody has to look for faces."""
    return any(one.type == "face_present" for one in requirement.post_upload_validations)


def _words(name: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = (one if one.isalnum() else " " for one in plain if not unicodedata.combining(one))
    return frozenset("".join(letters).split())


_CHECKS: Mapping[str, Callable[[_Paper], bool | None]] = {
    "not_expired": _not_expired,
    "expires_after_days": _expires_after,
    "issued_within_days": _issued_within,
    "mrz_valid": _mrz_valid,
    "min_confidence": _confident,
    "country_in": _country_in,
    "name_matches_field": _name_matches,
    "face_present": _face_present,
}
"""True: passed. False: failed. None: could not be read."""
_REASONS = {
    "not_expired": "The document has expired",
    "expires_after_days": "The document expires too soon",
    "issued_within_days": "The document is too old",
    "mrz_valid": "The machine-readable lines of the document cannot be confirmed: send a sharper picture",
    "min_confidence": "The document cannot be read well enough: send a sharper picture",
    "country_in": "Documents of this country are not accepted here",
    "name_matches_field": "The name on the document differs from the name that was entered",
    "face_present": "No face can be seen on the document: send a sharper picture of the side with the portrait",
}
