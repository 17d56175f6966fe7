"""What a customer sees of a workflow, and what never."""

import json

import pytest
from msgspec.structs import replace

from frontdesk.kyc.model.definition import (
    DocumentRequirement,
    Field,
    PostUploadValidation,
    ValidationConfig,
    ValidationRules,
)
from frontdesk.kyc.rules.definition import parse_workflow
from frontdesk.kyc.rules.public_workflow import public_field, public_step, public_workflow
from kyc.bodies import EVERY_FIELD, form, workflow
from kyc.factories import CHILD_WORKFLOW, collection_step, definition, document_step, form_step, new_ids, when

ALWAYS = {
    "step_id",
    "order",
    "name",
    "type",
    "required",
    "required_documents",
    "document_requirements",
    "custom_fields",
    "fields",
}


def test_a_workflow_has_the_published_keys():
    plain = public_workflow(definition())
    assert plain.keys() == {"workflow_name", "total_steps", "steps"}
    full = replace(definition(), description="d", completion_redirect_url="https://shop.example.net")
    assert public_workflow(full).keys() == plain.keys() | {"description", "completion_redirect_url"}


def test_a_step_has_exactly_the_published_keys():
    assert public_step(document_step()) == {
        "step_id": "passport",
        "order": 1,
        "name": "ID document",
        "type": "document_upload",
        "required": True,
        "required_documents": ["id"],
        "document_requirements": [
            {"document_type": "id", "label": "Government ID", "required": True, "allow_multiple": False}
        ],
        "custom_fields": [],
        "fields": [],
    }
    assert public_step(form_step()).keys() == ALWAYS


def test_display_properties_are_there_when_they_are_configured():
    full = document_step(
        description="a",
        instructions="b",
        tooltip="c",
        document_types=("visa",),
        conditional_logic=when("x", "equals", False),
    )
    shown = public_step(full)
    assert shown.keys() == ALWAYS | {
        "description",
        "instructions",
        "tooltip",
        "document_types",
        "conditional_logic",
    }
    assert shown["conditional_logic"]["conditions"] == [{"field_id": "x", "operator": "equals", "value": False}]


def test_a_collection_shows_its_limits_but_not_its_workflow():
    shown = public_step(collection_step())["subsession_config"]
    assert shown == {
        "category": "ubo",
        "min_required": 0,
        "max_allowed": 2,
        "require_completion_before_proceed": False,
    }
    assert CHILD_WORKFLOW not in json.dumps(shown)


def test_a_plain_field_has_four_keys():
    assert public_field(Field("full_name", "Full name", "name", field_key="internal")) == {
        "field_id": "full_name",
        "name": "Full name",
        "type": "name",
        "required": False,
    }


def test_limits_are_shown_and_secrets_are_not():
    limits = ValidationRules(pattern="[0-9]+", min_length=4)
    field = Field("pin", "Pin", "text", default_value="0000", sensitive=True, validation_rules=limits)
    shown = public_field(field)
    assert shown["validation_rules"] == {"pattern": "[0-9]+", "min_length": 4}
    assert (shown["default_value"], shown["sensitive"]) == ("••••", True)


PRIVATE = {"validate_email", "block_disposable", "validate_lists", "validate_web", "blocked", "field_key"}


@pytest.mark.parametrize("kind", sorted(EVERY_FIELD))
def test_no_check_of_the_tenant_is_shown_with_any_type(kind):
    parsed = parse_workflow(workflow(form(EVERY_FIELD[kind])), workflow_exists={}, new_id=new_ids("f"))
    shown = public_field(parsed.steps[0].custom_fields[0])
    assert not PRIVATE & shown.keys()
    assert json.dumps(shown)


def test_nothing_internal_is_ever_shown():
    asked = DocumentRequirement(
        "id",
        extraction_profile="internal-profile",
        entity_role="internal-role",
        auto_extract=True,
        post_upload_validations=(PostUploadValidation("min_confidence", {"internal": 1}, "flag"),),
    )
    hidden = replace(
        definition(document_step(document_requirements=(asked,)), collection_step()),
        validation_config=ValidationConfig(run_lists=True, lists=("internal-list",)),
        tags=("internal-tag",),
        industry="internal",
    )
    text = json.dumps(public_workflow(hidden))
    for word in ("internal", "auto_extract", "post_upload", "validation_config", CHILD_WORKFLOW):
        assert word not in text
