"""The workflow templates."""

import pytest

from frontdesk.kyc.rules.definition import parse_workflow
from frontdesk.kyc.rules.templates import TemplateNotFound, template_body
from kyc.factories import CHILD_WORKFLOW, new_ids


def made(kind, **more):
    body = template_body(kind, name="Mine", **more)
    return parse_workflow(body, workflow_exists={CHILD_WORKFLOW: ()}, new_id=new_ids("f"))


def steps(found):
    return {step.step_id: step.type for step in found.steps}


def test_basic_kyc_asks_for_two_papers_and_a_form():
    found = made("basic-kyc")
    assert (found.name, found.template_type, found.entity_types) == ("Mine", "basic-kyc", ("individual",))
    assert list(steps(found)) == ["id_document", "address_proof", "personal_info"]
    assert [field.field_id for field in found.steps[2].custom_fields] == [
        "full_name",
        "date_of_birth",
        "nationality",
        "residence",
        "email",
        "phone",
    ]


def test_company_kyc_collects_people_in_sessions_or_in_a_form():
    alone = steps(made("company-kyc"))
    assert alone["shareholders"] == alone["directors"] == "form_fill"
    linked = made("company-kyc", subsession_workflow_id=CHILD_WORKFLOW)
    assert steps(linked)["shareholders"] == "subsession_collection"
    assert linked.subsession_workflows == (CHILD_WORKFLOW,)


def test_merchant_onboarding_ends_with_the_related_merchants():
    assert list(steps(made("merchant-onboarding"))) == [
        "business_license",
        "business_info",
        "bank",
        "sub_merchants",
    ]


def test_pep_enhanced_proves_presence_and_ends_with_checks_for_a_person_to_judge():
    found = made("pep-enhanced")
    assert list(steps(found)) == ["id_document", "liveness", "personal_info", "evidence", "validation"]
    assert [step.type for step in found.steps][1::3] == ["liveness", "validation"]
    rules = found.validation_config.automation_rules
    assert rules is not None
    assert rules.default_action == "manual_review"


def test_overrides_replace_whole_keys_but_not_the_name():
    found = made("basic-kyc", overrides={"description": "Other", "name": "No", "tags": ["x"]})
    assert (found.name, found.description, found.tags) == ("Mine", "Other", ("x",))


def test_an_unknown_template_is_not_found():
    with pytest.raises(TemplateNotFound) as caught:
        template_body("gold", name="x")
    assert caught.value.code == "NOT_FOUND"
