"""Reading the validation configuration and its rules."""

import pytest

from kyc.bodies import workflow
from kyc.parsing import faults, parse


def test_automation_rules_are_kept_in_their_normal_form():
    rules = {
        "auto_process": True,
        "country_rules": [{"country_code": "SY", "action": "auto_deny", "applies_to": ["incorporation_country"]}],
        "list_match_rules": [{"action": "flag"}],
        "document_rules": [{"condition": "expires_within_days", "value": 30, "action": "flag"}],
        "form_field_rules": [{"field_id": "full_name", "operator": "is_empty", "action": "flag"}],
        "auto_approve_when": {"no_list_matches": True},
    }
    config = parse(workflow(validation_config={"automation_rules": rules})).validation_config
    assert config.processes_itself
    found = config.automation_rules
    assert found.country_rules == ({"country_code": "SY", "applies_to": ["incorporation"], "action": "auto_deny"},)
    assert found.list_match_rules[0]["list_name"] == "any"
    assert found.auto_approve_when == {"no_list_matches": True}


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        ({"default_action": "shrug"}, "default_action"),
        ({"country_rules": [{"country_code": "XX", "action": "flag"}]}, "country_rules[0].country_code"),
        ({"country_rules": [{"country_code": "SY"}]}, "country_rules[0].action"),
        (
            {"list_match_rules": [{"action": "flag", "min_confidence": 80}]},
            "list_match_rules[0].min_confidence",
        ),
        ({"document_rules": [{"condition": "low_confidence", "action": "flag"}]}, "document_rules[0].value"),
        (
            {"form_field_rules": [{"field_id": "x", "operator": "is_empty", "action": "flag"}]},
            "form_field_rules[0].field_id",
        ),
        ({"auto_approve_when": {"no_list_matchez": True}}, "auto_approve_when.no_list_matchez"),
    ],
)
def test_automation_rules_are_judged_although_they_do_not_run_yet(rules, path):
    found = faults(workflow(validation_config={"automation_rules": rules}))
    assert f"validation_config.automation_rules.{path}" in found
