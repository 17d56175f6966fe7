"""What a workflow demands of a paper once it was read: `post_upload_validations`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from rapidfuzz import fuzz

from frontdesk.kyc.checks.extraction import Extraction
from frontdesk.kyc.checks.text import foldings

# `face_present` is a type of the published list that needs the face reader; asking for it here is refused,
# not ignored.
SUPPORTED = frozenset(
    {
        "not_expired",
        "expires_after_days",
        "issued_within_days",
        "mrz_valid",
        "min_confidence",
        "country_in",
        "name_matches_field",
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A demand that the paper does not meet. `message` may be shown to the customer; it holds no value of the
    paper."""

    code: str
    message: str
    on_fail: str


def check(
    extraction: Extraction,
    validations: Sequence[Mapping[str, Any]],
    form_values: Mapping[str, str],
    today: date,
) -> list[Finding]:
    """What fails, in the order of the demands. Raises `ValueError` for a type that is not supported."""
    found = []
    for validation in validations:
        kind = validation["type"]
        if kind not in SUPPORTED:
            raise ValueError(f"post_upload_validations: {kind} is not supported")
        failure = _RULES[kind](extraction, validation.get("params") or {}, form_values, today)
        if failure is not None:
            code, message = failure
            found.append(Finding(code, message, validation.get("on_fail", "reject")))
    return found


Params = Mapping[str, Any]
Failure = tuple[str, str] | None


def _not_expired(extraction: Extraction, params: Params, form: Mapping[str, str], today: date) -> Failure:
    day = _day(extraction, "expiry_date")
    if day is None:
        return (
            "expiry_unreadable",
            "We cannot read until when this document is valid. Please send a sharper picture.",
        )
    return (
        ("document_expired", "This document has expired. Please send one that is still valid.")
        if day < today
        else None
    )


def _expires_after_days(
    extraction: Extraction, params: Params, form: Mapping[str, str], today: date
) -> Failure:
    day, days = _day(extraction, "expiry_date"), int(params.get("days", 0))
    if day is None:
        return (
            "expiry_unreadable",
            "We cannot read until when this document is valid. Please send a sharper picture.",
        )
    if day < today + timedelta(days=days):
        return "document_expires_soon", f"This document has to be valid for at least {days} more days."
    return None


def _issued_within_days(
    extraction: Extraction, params: Params, form: Mapping[str, str], today: date
) -> Failure:
    day, days = _day(extraction, "issue_date"), int(params.get("days", 0))
    if day is None:
        return (
            "issue_date_unreadable",
            "We cannot read when this document was issued. Please send a sharper picture.",
        )
    if day > today:
        return "issue_date_in_future", "This document bears a date that is still to come."
    if day < today - timedelta(days=days):
        return "document_too_old", f"This document must not be older than {days} days."
    return None


def _mrz_valid(extraction: Extraction, params: Params, form: Mapping[str, str], today: date) -> Failure:
    said = extraction.values.get("mrz_valid")
    if said is None:
        return (
            "mrz_unreadable",
            "We cannot read the lines at the edge of the document. Please show all of it, level and sharp.",
        )
    return (
        ("mrz_invalid", "The machine-readable lines of this document contradict themselves.")
        if said != "true"
        else None
    )


def _min_confidence(extraction: Extraction, params: Params, form: Mapping[str, str], today: date) -> Failure:
    least = float(params.get("min_confidence", params.get("value", 0.8)))
    if extraction.scores["overall"] < least:
        return "low_confidence", "This document is hard to read. Please send a sharper picture without glare."
    return None


def _country_in(extraction: Extraction, params: Params, form: Mapping[str, str], today: date) -> Failure:
    allowed = {str(code).upper() for code in params.get("countries", params.get("values", ()))}
    key = str(params.get("field", ""))
    keys = (key,) if key else ("issuing_country", "nationality", "country")
    country = next((extraction.values[k] for k in keys if k in extraction.values), None)
    if country is None:
        return "country_unreadable", "We cannot read which country this document is from."
    return (
        None
        if country in allowed
        else ("country_not_accepted", "Documents of this country are not accepted here.")
    )


def _name_matches_field(
    extraction: Extraction, params: Params, form: Mapping[str, str], today: date
) -> Failure:
    fields = (
        [str(params["field"])] if "field" in params else [str(field) for field in params.get("fields", ())]
    )
    wanted = " ".join(form[field] for field in fields if form.get(field))
    if not wanted:
        return None  # nothing was typed in yet: the form's own rules ask for it
    name = next(
        (
            extraction.values[k]
            for k in ("full_name", "account_holder", "company_name")
            if k in extraction.values
        ),
        None,
    )
    if name is None:
        return "name_unreadable", "We cannot read the name on this document. Please send a sharper picture."
    likeness = max(fuzz.token_sort_ratio(one, other) for one in foldings(name) for other in foldings(wanted))
    if likeness < float(params.get("min_similarity", 0.85)) * 100:
        return "name_mismatch", "The name on this document is not the name that was entered."
    return None


def _day(extraction: Extraction, key: str) -> date | None:
    text = extraction.values.get(key)
    return date.fromisoformat(text) if text else None


_RULES: dict[str, Callable[[Extraction, Params, Mapping[str, str], date], Failure]] = {
    "not_expired": _not_expired,
    "expires_after_days": _expires_after_days,
    "issued_within_days": _issued_within_days,
    "mrz_valid": _mrz_valid,
    "min_confidence": _min_confidence,
    "country_in": _country_in,
    "name_matches_field": _name_matches_field,
}
