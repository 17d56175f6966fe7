"""A workflow as it is stored, and read back as it was."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kyc.model.definition_dict import definition_from_dict, definition_to_dict
from frontdesk.kyc.rules.definition import parse_workflow
from kyc.bodies import EVERY_FIELD, form, workflow
from kyc.factories import CHILD_WORKFLOW, collection_step, definition, document_step, form_step, new_ids, when


def stored(found):
    return json.loads(json.dumps(definition_to_dict(found)))


def again(body):
    return parse_workflow(body, workflow_exists={CHILD_WORKFLOW: ()}, new_id=new_ids("f"))


@pytest.mark.parametrize("kind", sorted(EVERY_FIELD))
def test_every_field_type_is_read_back_as_it_was(kind):
    found = again(workflow(form(EVERY_FIELD[kind])))
    assert definition_from_dict(stored(found)) == found
    assert again(stored(found)) == found


@given(
    st.sampled_from(["manual_review", "auto_process", "completed"]),
    st.booleans(),
    st.permutations([document_step(), form_step(), collection_step(ttl_days=3, label_placeholder="Who?")]),
)
def test_every_definition_is_read_back_as_it_was(resolution, auto, steps):
    found = definition(*steps, resolution=resolution, auto=auto)
    assert definition_from_dict(stored(found)) == found


def test_conditions_and_groups_are_read_back_as_they_were():
    logic = {
        "action": "hide",
        "match": "any",
        "conditions": [{"field_id": "full_name", "operator": "in", "value": ["a", 1, True]}],
        "groups": [
            {
                "match": "all",
                "conditions": [{"step_id": "about_you", "field_id": "full_name", "operator": "is_empty"}],
            }
        ],
    }
    found = again(
        workflow(
            form({"field_id": "full_name", "name": "Full name", "type": "text"}),
            {**form({"name": "More", "type": "text"}), "step_id": "more", "conditional_logic": logic},
        )
    )
    assert stored(found)["steps"][1]["conditional_logic"] == logic
    assert definition_from_dict(stored(found)) == found


def test_a_condition_that_compares_with_false_keeps_its_value():
    hidden = form_step(conditional_logic=when("has_vat", "equals", False))
    found = definition(document_step(), hidden)
    assert definition_from_dict(stored(found)) == found
