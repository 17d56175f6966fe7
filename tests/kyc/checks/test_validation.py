"""What the checks find: issues of papers, and one table of what is said more than once."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from frontdesk.kyc.checks.comparison import agreement
from frontdesk.kyc.checks.numbers import number_of
from frontdesk.kyc.checks.validation import Known, findings
from frontdesk.kyc.model.session import Extraction
from kyc.factories import ANSWERS, NOW, session, uploaded

GOOD = {"full_name": "ANA RUIZ", "date_of_birth": "1991-11-02", "expiry_date": "2030-01-01", "mrz_valid": "true"}


def day(number):
    return (NOW + timedelta(days=number)).date().isoformat()


def checked(form=ANSWERS, scores=(), printed=(), issues=(), recognised="passport", **values):
    scored = {"overall": 0.95, "mrz_valid": 0.95, **dict(scores)}
    read = Extraction("id", {**GOOD, **values}, scored, "mrz", NOW, recognised, issues, dict(printed))
    progress = uploaded(session(form_data={"about_you": form}))
    progress = progress.with_document(replace(progress.documents[0], extractions=(read,)))
    [found] = findings(progress, ["documents"], NOW)
    return found


def codes(found):
    return [one["code"] for one in found.facts["issues"]]


def test_a_paper_that_says_what_the_form_says_passes():
    found = checked()
    assert (found.status, codes(found)) == ("passed", [])
    lines = {line["field"]: line for line in found.facts["comparison"]}
    assert {line["agreement"] for line in lines.values()} == {"agrees"}
    assert [one["source"] for one in lines["full_name"]["values"]] == ["read", "form"]
    assert lines["date_of_birth"]["values"][1] == {
        "source": "form",
        "step_id": "about_you",
        "field_id": "date_of_birth",
        "value": "1991-11-02",
    }


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"expiry_date": day(-1)}, "failed", "expired"),
        ({"expiry_date": day(30)}, "review", "expires_soon"),
        ({"mrz_valid": "false"}, "failed", "mrz_invalid"),
        ({"mrz_valid": "false", "scores": {"mrz_valid": 0.7}}, "review", "mrz_doubtful"),
        ({"issue_date": day(1)}, "failed", "dates_impossible"),
        ({"issue_date": "1980-01-01"}, "failed", "dates_impossible"),
        ({"full_name": "OTTO MEIER"}, "failed", "data_mismatch"),
        ({"date_of_birth": "1991-02-11"}, "failed", "data_mismatch"),
        ({"full_name": "ANNA RUIZ"}, "review", "data_close"),
        ({"printed": {"expiry_date": "2029-01-01"}}, "failed", "data_mismatch"),
        ({"issues": ("expiry_date_differs",)}, "review", "expiry_date_differs"),
        ({"scores": {"overall": 0.5}}, "review", "low_confidence"),
        ({"recognised": "bank_ownership"}, "review", "wrong_type"),
    ],
)
def test_each_fault_has_its_code_and_weight(more, status, code):
    found = checked(**more)
    assert (found.status, codes(found)) == (status, [code])


def test_a_number_that_others_have_shown_needs_a_person():
    read = Extraction("id", GOOD, {"overall": 0.95, "mrz_valid": 0.95}, "mrz", NOW, "passport")
    progress = uploaded(session(form_data={"about_you": ANSWERS}))
    progress = progress.with_document(replace(progress.documents[0], extractions=(read,)))
    others = [f"s{number}" for number in range(30)]
    [found] = findings(progress, ["documents"], NOW, Known(elsewhere={"doc_1": others}))
    assert found.status == "review"
    assert found.facts["issues"] == [
        {"doc_id": "doc_1", "code": "document_seen_before", "count": 30, "session_ids": others[:20]}
    ]
    assert found.inputs != checked().inputs


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"document_number": "AB 123-456"}, {"document_number": "ab123456"}, True),
        ({"document_number": "AB123456", "issuing_country": "PT"}, {"document_number": "AB123456"}, False),
        ({"document_number": "AB123456"}, {"document_number": "AB123457"}, False),
    ],
)
def test_numbers_are_compared_as_they_are_printed(one, other, same):
    assert (number_of(one) == number_of(other)) is same
    assert number_of({"document_number": "12-34"}) is None
    assert number_of({}) is None


def test_a_paper_that_nobody_read_needs_a_person():
    [found] = findings(uploaded(session()), ["documents"], NOW)
    assert (found.status, found.facts["issues"]) == ("review", [{"doc_id": "doc_1", "code": "not_read"}])


def test_a_required_paper_that_is_not_there_fails():
    [found] = findings(session(), ["documents"], NOW)
    assert found.facts["issues"] == [{"document_type": "id", "code": "missing"}]


@pytest.mark.parametrize("check", ["lists", "crypto", "adverse_media"])
def test_a_check_without_a_provider_is_skipped_and_says_so(check):
    [found] = findings(session(), [check], NOW)
    assert found.status == "skipped"
    assert found.facts["reason"] in ("not_configured", "not_available")


def test_the_digest_follows_the_inputs():
    assert checked().inputs == checked().inputs != checked(full_name="ANA RUIZ DIAZ").inputs


@pytest.mark.parametrize(
    ("key", "one", "other", "verdict"),
    [
        ("full_name", "Ana Ruiz", "RUIZ ANA MARIA", "agrees"),
        ("full_name", "Jürgen Groß", "JUERGEN GROSS", "agrees"),
        ("full_name", "Ana Ruiz", "Anna Ruiz", "close"),
        ("full_name", "Ana Ruiz", "Ana Costa", "differs"),
        ("full_name", "王小明", "李大文", "differs"),
        ("full_name", "王小明", "王小明", "agrees"),
        ("full_name", "王小明", "WANG XIAOMING", "close"),
        ("document_number", "AB 123-456", "ab123456", "agrees"),
        ("document_number", "AB1234567", "AB1234S67", "close"),
        ("document_number", "AB123456", "XY998877", "differs"),
        ("date_of_birth", "1991-11-02", "1991-11-03", "differs"),
        ("nationality", "pt", "PT", "agrees"),
    ],
)
def test_values_are_compared_as_papers_write_them(key, one, other, verdict):
    assert agreement(key, one, other) == agreement(key, other, one) == verdict
