"""Checks of an uploaded paper's content: pass, refuse, flag."""

from datetime import date

import pytest

from frontdesk.kyc.model.definition import DocumentRequirement, PostUploadValidation
from frontdesk.kyc.model.session import Extraction
from frontdesk.kyc.rules.post_upload import Verdict, judge_document
from kyc.factories import ANSWERS, NOW, session

TODAY = date(2026, 4, 9)
NAMED = session(form_data={"about_you": {**ANSWERS, "full_name": "Ána Maria Ruiz"}})


def judge(kind, params, values, *, on_fail="reject", overall=0.9):
    asked = DocumentRequirement("id", post_upload_validations=(PostUploadValidation(kind, params, on_fail),))
    read = Extraction("id", values, {"overall": overall}, "mrz", NOW)
    return judge_document(asked, read, NAMED, TODAY)


CASES = [
    ("not_expired", {}, {"expiry_date": "2026-04-09"}, {"expiry_date": "2026-04-08"}),
    ("expires_after_days", {"days": 30}, {"expiry_date": "2026-05-09"}, {"expiry_date": "2026-05-08"}),
    ("issued_within_days", {"days": 90}, {"issue_date": "2026-01-09"}, {"issue_date": "2026-01-08"}),
    ("issued_within_days", {"days": 90}, {"issue_date": "2026-04-09"}, {"issue_date": "2026-04-10"}),
    ("mrz_valid", {}, {"mrz_valid": "true"}, {"mrz_valid": "false"}),
    ("country_in", {"countries": ["PT"]}, {"issuing_country": "PT"}, {"issuing_country": "ES"}),
    ("country_in", {"countries": ["PT"]}, {"nationality": "PT"}, {"nationality": "ES"}),
    ("name_matches_field", {"field_id": "full_name"}, {"full_name": "RUIZ ANA"}, {"full_name": "RUIS ANA"}),
]


@pytest.mark.parametrize(("kind", "params", "right", "wrong"), CASES)
def test_a_check_passes_refuses_or_flags(kind, params, right, wrong):
    assert judge(kind, params, right) == Verdict()
    assert judge(kind, params, wrong).fault
    assert judge(kind, params, wrong, on_fail="flag") == Verdict(None, (kind,))


@pytest.mark.parametrize(("kind", "params", "right", "wrong"), CASES)
def test_what_could_not_be_read_is_flagged_and_never_refused(kind, params, right, wrong):
    assert judge(kind, params, {}) == Verdict(None, (f"{kind}:unreadable",))


def test_a_poor_reading_is_told_by_its_score():
    assert judge("min_confidence", {"min_confidence": 0.8}, {}, overall=0.8) == Verdict()
    assert judge("min_confidence", {"min_confidence": 0.8}, {}, overall=0.7).fault


def test_without_any_reading_everything_is_flagged():
    asked = DocumentRequirement("id", post_upload_validations=(PostUploadValidation("mrz_valid", {}, "reject"),))
    assert judge_document(asked, None, NAMED, TODAY) == Verdict(None, ("mrz_valid:unreadable",))
