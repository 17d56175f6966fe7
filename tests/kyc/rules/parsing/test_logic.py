"""Reading conditions: what they may look at."""

import pytest

from kyc.bodies import documents, field, form, full_name, workflow
from kyc.parsing import faults, parse


def test_conditions_look_back_only():
    later = {"action": "show", "match": "all", "conditions": [{"field_id": "b", "operator": "is_empty"}]}
    itself = field("text", field_id="a", conditional_logic=later)
    body = workflow(form(itself, field("text", field_id="b", conditional_logic=later)))
    assert faults(body).keys() == {
        "steps[0].custom_fields[0].conditional_logic.conditions[0].field_id",
        "steps[0].custom_fields[1].conditional_logic.conditions[0].field_id",
    }


def test_a_step_may_look_at_fields_of_earlier_steps_only():
    logic = {"conditions": [{"field_id": "full_name", "operator": "is_not_empty"}]}
    assert faults(workflow(form(full_name(), conditional_logic=logic))).keys() == {
        "steps[0].conditional_logic.conditions[0].field_id"
    }
    found = parse(workflow(form(full_name()), documents(conditional_logic=logic)))
    assert found.steps[1].conditional_logic.action == "show"


@pytest.mark.parametrize(
    ("logic", "path"),
    [
        ({"conditions": []}, "conditions"),
        ({"action": "blink", "conditions": [{"field_id": "full_name", "operator": "is_empty"}]}, "action"),
        ({"conditions": [{"field_id": "full_name", "operator": "like"}]}, "conditions[0].operator"),
        ({"conditions": [{"field_id": "full_name", "operator": "in", "value": "x"}]}, "conditions[0].value"),
        ({"conditions": [{"field_id": "full_name", "operator": "less_than"}]}, "conditions[0].value"),
        ({"conditions": [{"field_id": "full_name", "operator": "equals"}]}, "conditions[0].value"),
        ({"groups": [{"conditions": [], "groups": [{}]}]}, "groups[0].groups"),
    ],
)
def test_conditions_that_say_nothing_are_refused(logic, path):
    found = faults(workflow(form(full_name()), documents(conditional_logic=logic)))
    assert f"steps[1].conditional_logic.{path}" in found
