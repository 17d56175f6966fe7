from datetime import date
from typing import Any

import pytest

from frontdesk.kyc.checks.extraction import Extraction
from frontdesk.kyc.checks.post_upload import check

TODAY = date(2026, 1, 1)
GOOD = {
    "full_name": "ANNA MARIA ERIKSSON",
    "expiry_date": "2026-01-01",
    "issue_date": "2025-11-01",
    "issuing_country": "SE",
    "mrz_valid": "true",
}


def codes(values: dict[str, str], kind: str, form: dict[str, str] | None = None, **params: Any) -> list[str]:
    extraction = Extraction("passport", values, {"overall": 0.9}, "mrz:test", ())
    return [found.code for found in check(extraction, [{"type": kind, "params": params}], form or {}, TODAY)]


@pytest.mark.parametrize(
    ("kind", "params", "change", "expected"),
    [
        ("not_expired", {}, {}, []),
        ("not_expired", {}, {"expiry_date": "2025-12-31"}, ["document_expired"]),
        ("not_expired", {}, {"expiry_date": ""}, ["expiry_unreadable"]),
        ("expires_after_days", {"days": 0}, {}, []),
        ("expires_after_days", {"days": 1}, {}, ["document_expires_soon"]),
        ("issued_within_days", {"days": 90}, {}, []),
        ("issued_within_days", {"days": 30}, {}, ["document_too_old"]),
        ("issued_within_days", {"days": 30}, {"issue_date": "2026-01-02"}, ["issue_date_in_future"]),
        ("issued_within_days", {"days": 30}, {"issue_date": ""}, ["issue_date_unreadable"]),
        ("mrz_valid", {}, {}, []),
        ("mrz_valid", {}, {"mrz_valid": "false"}, ["mrz_invalid"]),
        ("mrz_valid", {}, {"mrz_valid": ""}, ["mrz_unreadable"]),
        ("min_confidence", {"min_confidence": 0.9}, {}, []),
        ("min_confidence", {"min_confidence": 0.91}, {}, ["low_confidence"]),
        ("country_in", {"countries": ["no", "se"]}, {}, []),
        ("country_in", {"countries": ["NO"]}, {}, ["country_not_accepted"]),
        ("country_in", {"countries": ["SE"]}, {"issuing_country": ""}, ["country_unreadable"]),
    ],
)
def test_a_demand_is_met_or_named(
    kind: str, params: dict[str, Any], change: dict[str, str], expected: list[str]
) -> None:
    values = {key: value for key, value in {**GOOD, **change}.items() if value}
    assert codes(values, kind, **params) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Anna Maria Eriksson", []),
        ("Eriksson, Anna-Maria", []),
        ("Änna Maria Eriksson", []),
        ("Bertil Svensson", ["name_mismatch"]),
        ("", []),
    ],
)
def test_the_name_is_compared_with_the_form(typed: str, expected: list[str]) -> None:
    assert codes(GOOD, "name_matches_field", {"name": typed}, field="name") == expected


def test_a_name_in_two_fields_is_put_together() -> None:
    form = {"first": "Anna Maria", "last": "Eriksson"}
    assert codes(GOOD, "name_matches_field", form, fields=["first", "last"]) == []


def test_what_fails_is_told_without_values_and_with_its_consequence() -> None:
    extraction = Extraction(
        "passport", {**GOOD, "expiry_date": "2020-01-01"}, {"overall": 0.5}, "mrz:test", ()
    )
    demands = [
        {"type": "not_expired", "on_fail": "flag"},
        {"type": "min_confidence", "params": {"min_confidence": 0.8}},
    ]
    found = check(extraction, demands, {}, TODAY)
    assert [(f.code, f.on_fail) for f in found] == [
        ("document_expired", "flag"),
        ("low_confidence", "reject"),
    ]
    assert all("ERIKSSON" not in f.message and "2020" not in f.message for f in found)


def test_a_demand_that_nobody_can_check_is_refused() -> None:
    with pytest.raises(ValueError, match="face_present"):
        codes(GOOD, "face_present")
