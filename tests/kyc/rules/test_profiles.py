"""Extraction profiles: what is refused at save, and what a reading loses that does not answer one."""

import pytest

from frontdesk.kyc.model.profiles import ENGINES, Profile, ProfileField, profile_to_dict
from frontdesk.kyc.model.session import Extraction
from frontdesk.kyc.rules.profiles import InvalidProfile, held_against, parse_profile
from kyc.bodies import workflow
from kyc.factories import NOW
from kyc.parsing import faults, parse

WHOLE = {
    "profile_id": "passports",
    "document_type": "passport",
    "engine": "mrz",
    "fields": [{"key": "document_number", "required": True, "min_confidence": 0.9, "pattern": "[A-Z0-9]+"}],
    "languages": ["pt-BR"],
}


def test_a_profile_is_read_as_it_is_shown():
    found = parse_profile(WHOLE)
    assert profile_to_dict(found) == WHOLE
    assert parse_profile({"profile_id": "x"}) == Profile("x")
    assert parse_profile({}, "y") == Profile("y")
    assert [parse_profile({"engine": one}, "y").engine for one in ENGINES] == list(ENGINES)


def test_every_fault_is_told_at_once():
    wrong = {
        "document_type": "Pass Port",
        "engine": "magic",
        "fields": [{"key": "a", "pattern": "("}, {"key": "a", "min_confidence": 2}, {"required": 1}, 7],
        "languages": ["Portuguese!"],
    }
    with pytest.raises(InvalidProfile) as caught:
        parse_profile(wrong)
    assert {one["path"] for one in caught.value.details["errors"]} == {
        "profile_id",
        "document_type",
        "engine",
        "fields[0].pattern",
        "fields[1].key",
        "fields[1].min_confidence",
        "fields[2].key",
        "fields[2].required",
        "fields[3]",
        "languages[0]",
    }


@pytest.mark.parametrize("body", [{"profile_id": "other"}, {"engine": "llm"}, {"profile_id": "a b"}])
def test_a_profile_of_another_name_or_of_a_reader_that_is_not_there_is_refused(body):
    with pytest.raises(InvalidProfile):
        parse_profile(body, "mine")


def read(**values):
    return Extraction("id", values, {"overall": 0.9, **dict.fromkeys(values, 0.8)}, "mrz", NOW, "passport", ("seen",))


def held(field, **values):
    return held_against(Profile("p", fields=(field,)), read(**values))


@pytest.mark.parametrize(
    ("field", "kept", "issue"),
    [
        (ProfileField("number"), True, None),
        (ProfileField("number", min_confidence=0.8), True, None),
        (ProfileField("number", min_confidence=0.81), False, "profile_unsure:number"),
        (ProfileField("number", pattern="[A-Z]{2}[0-9]+"), True, None),
        (ProfileField("number", pattern="[A-Z]{2}"), False, "profile_pattern:number"),
        (ProfileField("number", pattern="(A+)+B?1+(1|11)+x"), False, "profile_pattern:number"),
        (ProfileField("other"), True, None),
        (ProfileField("other", required=True), True, "profile_missing:other"),
    ],
)
def test_a_value_that_does_not_answer_is_left_out_and_staff_are_told(field, kept, issue):
    found = held(field, number="AB123", name="ANA")
    assert ("number" in found.values, "number" in found.scores) == (kept, kept)
    assert found.values["name"] == "ANA"
    assert found.issues == (("seen",) if issue is None else ("seen", issue))


def test_nothing_left_is_nothing_read():
    found = held(ProfileField("number", min_confidence=0.9), number="AB123")
    assert (found.values, found.scores) == ({}, {"overall": 0.0})


def test_a_workflow_names_only_profiles_that_there_are():
    asked = {"document_type": "id", "extraction_profile": "passports"}
    files = {"field_id": "f", "name": "F", "type": "file", "extraction_profile": "letters"}
    body = workflow(
        {"step_id": "d", "name": "D", "type": "document_upload", "document_requirements": [asked]},
        {"step_id": "f", "name": "F", "type": "form_fill", "custom_fields": [files]},
    )
    assert faults(body) == {
        "steps[0].document_requirements[0].extraction_profile": "there is no such extraction profile",
        "steps[1].custom_fields[0].extraction_profile": "there is no such extraction profile",
    }
    assert faults(body, profiles={"letters"}).keys() == {"steps[0].document_requirements[0].extraction_profile"}
    assert parse(body, profiles={"letters", "passports"})
