import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kyc.rules.definition import InvalidWorkflow, parse_workflow, referred_workflows
from kyc.bodies import documents, field, form, full_name, workflow
from kyc.factories import CHILD_WORKFLOW, new_ids


def parse(body, known=None, workflow_id=None):
    exists = {CHILD_WORKFLOW: ()} if known is None else known
    return parse_workflow(body, workflow_exists=exists, new_id=new_ids("f"), workflow_id=workflow_id)


def faults(body, **more):
    with pytest.raises(InvalidWorkflow) as caught:
        parse(body, **more)
    return {one["path"]: one["message"] for one in caught.value.details["errors"]}


def collection(**config):
    return {
        "step_id": "owners",
        "name": "Owners",
        "type": "subsession_collection",
        "subsession_config": {"workflow_id": CHILD_WORKFLOW, **config},
    }


def test_defaults_are_those_that_are_published():
    found = parse(workflow(documents(), form(full_name(required=None))))
    first, second = found.steps
    assert (first.order, second.order, first.required) == (1, 2, True)
    asked = first.document_requirements[0]
    assert (asked.required, asked.allow_multiple, asked.auto_extract, asked.entity_role) == (
        True,
        False,
        False,
        "self",
    )
    assert second.custom_fields[0].required is False
    assert found.validation_config.correction_resolution == "manual_review"
    assert found.validation_config.face_match_threshold == 0.85
    assert (found.status, found.template_type) == ("active", "custom")


def test_missing_field_ids_are_made_and_missing_step_ids_are_refused():
    found = parse(workflow(form({"name": "City", "type": "text"})))
    assert found.steps[0].custom_fields[0].field_id == "f_1"
    assert faults(workflow(form(full_name(), step_id=None))) == {"steps[0].step_id": "is required"}


def test_every_fault_is_told_at_once_with_its_path():
    body = workflow(
        documents({"document_type": "ID!"}),
        form(
            full_name(),
            full_name(),
            field("text", validation_rules={"pattern": "("}),
            field("select", field_id="colour"),
            step_id="passport",
        ),
        name="",
        completion_redirect_url="http://shop.example.net",
        validation_config={"face_match_threshold": 2, "correction_resolution": "never"},
    )
    found = faults(body)
    assert found.keys() == {
        "name",
        "steps[0].document_requirements[0].document_type",
        "steps[1].custom_fields[1].field_id",
        "steps[1].custom_fields[2].validation_rules.pattern",
        "steps[1].custom_fields[3].options",
        "steps[1].step_id",
        "validation_config.face_match_threshold",
        "validation_config.correction_resolution",
        "completion_redirect_url",
    }


def test_the_message_names_the_first_fault_and_how_many_there_are():
    with pytest.raises(InvalidWorkflow) as caught:
        parse({"steps": []})
    assert caught.value.message == "Invalid workflow: name: is required (and 1 more)"
    assert caught.value.code == "VALIDATION_ERROR"


@pytest.mark.parametrize("kind", ["selfie", "liveness", "validation"])
def test_step_types_to_come_are_refused_plainly(kind):
    found = faults(workflow(full_form(), {"step_id": "s", "name": "S", "type": kind}))
    assert found == {"steps[1].type": f"step type {kind} is not available in this version"}


def full_form():
    return form(full_name())


def test_face_checks_to_come_are_refused_plainly():
    asked = {"document_type": "id", "post_upload_validations": [{"type": "face_present"}]}
    config = {"automation_rules": {"face_dedup": {"enabled": True}}}
    found = faults(workflow(documents(asked), validation_config=config))
    assert found == {
        "steps[0].document_requirements[0].post_upload_validations[0].type": (
            "face_present is not available in this version"
        ),
        "validation_config.automation_rules.face_dedup": "face_dedup is not available in this version",
    }
    assert faults(workflow(form(field("file", face_present=True)))).keys() == {
        "steps[0].custom_fields[0].face_present"
    }
    assert faults(workflow(form(field("email", require_verification=True)))).keys() == {
        "steps[0].custom_fields[0].require_verification"
    }
    off = {"automation_rules": {"face_dedup": {"enabled": False}}}
    assert parse(workflow(validation_config=off)).validation_config.automation_rules


def test_steps_are_put_into_their_order():
    found = parse(workflow(form(full_name(), order=2), documents(order=1)))
    assert [(one.step_id, one.order) for one in found.steps] == [("passport", 1), ("about_you", 2)]


@pytest.mark.parametrize("orders", [(1, 3), (1, 1), (0, 1), (None, 1), ("1", 2)])
def test_orders_have_no_gaps(orders):
    found = faults(workflow(documents(order=orders[0]), form(full_name(), order=orders[1])))
    assert any(path.startswith("steps") for path in found)


def test_faults_name_the_place_in_the_body_not_in_the_order():
    found = faults(workflow(form(field("huh"), order=2), documents(order=1)))
    assert found.keys() == {"steps[0].custom_fields[0].type"}


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


def test_field_ids_are_unique_in_the_whole_workflow():
    found = faults(workflow(form(full_name()), form(full_name(), step_id="again")))
    assert found == {"steps[1].custom_fields[0].field_id": "is used twice"}


def test_nested_field_ids_are_unique_among_their_neighbours():
    items = [full_name(), full_name()]
    found = faults(workflow(form(field("entity_array", item_fields=items), full_name())))
    assert found == {"steps[0].custom_fields[0].item_fields[1].field_id": "is used twice"}


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        (field("text", max_length=0), "max_length"),
        (field("number", min_value=5, max_value=1), "min_value"),
        (field("number", decimals=1.5), "decimals"),
        (field("date", max_date="yesterday"), "max_date"),
        (field("date", min_date="2020-01-02", max_date="2020-01-01"), "min_date"),
        (field("select", options=["a", "a"]), "options[1]"),
        (field("select", options=[{"label": "x"}]), "options[0]"),
        (field("file", accepted_mime_types=["text/html"]), "accepted_mime_types[0]"),
        (field("file", default_value="doc_1"), "default_value"),
        (field("phone", format="national"), "default_country"),
        (field("country", allowed=["ZZ"]), "allowed[0]"),
        (field("country", default_value="Portugal"), "default_value"),
        (field("wallet", network="gold"), "network"),
        (field("address", country_field="nowhere"), "country_field"),
        (field("entity_array"), "item_fields"),
        (field("object", fields=[field("file")]), "fields[0].type"),
        (field("sub_merchants", sum_field="name"), "sum_field"),
        (field("sub_merchants", min_items=4, max_items=2), "min_items"),
        (field("text", default_value=5), "default_value"),
        (field("text", validation_rules={"min_length": 9, "max_length": 3}), "validation_rules.min_length"),
        (field("text", validation_rules={"equals_field": "two"}), "validation_rules.equals_field"),
        (field("text", validation_rules={"pattern": "a" * 501}), "validation_rules.pattern"),
        (field("text", field_id="a b"), "field_id"),
        (field("text", required="yes"), "required"),
    ],
)
def test_wrong_options_are_told_with_their_path(wrong, path):
    assert f"steps[0].custom_fields[0].{path}" in faults(workflow(form(wrong)))


def test_fields_nest_three_deep_at_most():
    deep = field("text")
    for _ in range(4):
        deep = field("object", fields=[deep])
    assert any("nest at most" in message for message in faults(workflow(form(deep))).values())


def test_related_merchants_have_their_fields_built_in():
    found = parse(workflow(form(field("sub_merchants", item_fields=[field("text")]))))
    nested = found.steps[0].custom_fields[0].fields
    assert [one.field_id for one in nested] == ["name", "country", "website", "tax_id", "one"]


@pytest.mark.parametrize(
    ("step", "path"),
    [
        (documents(type="form_fill"), "document_requirements"),
        (form(full_name(), type="document_upload"), "custom_fields"),
        ({**form(), "subsession_config": {"workflow_id": CHILD_WORKFLOW}}, "subsession_config"),
        ({"step_id": "o", "name": "O", "type": "subsession_collection"}, "subsession_config"),
        ({"step_id": "o", "name": "O", "type": "document_upload"}, "document_requirements"),
        (
            documents({"document_type": "id"}, {"document_type": "id"}),
            "document_requirements[1].document_type",
        ),
        (documents({"document_type": "id", "sides": 3}), "document_requirements[0].sides"),
        (collection(min_required=4, max_allowed=2), "subsession_config.min_required"),
        (collection(ttl_days=91), "subsession_config.ttl_days"),
    ],
)
def test_a_step_holds_what_its_type_asks_for(step, path):
    assert f"steps[0].{path}" in faults(workflow(step))


def test_a_check_by_name_must_name_a_field():
    check = {"type": "name_matches_field", "params": {"field_id": "full_name"}}
    asked = documents({"document_type": "id", "post_upload_validations": [check]})
    assert parse(workflow(asked, form(full_name())))
    path = "steps[0].document_requirements[0].post_upload_validations[0].params.field_id"
    assert faults(workflow(asked)).keys() == {path}


def test_the_switch_for_completion_may_stand_on_the_step():
    found = parse(workflow({**collection(), "require_completion_before_proceed": True}))
    assert found.steps[0].subsession_config.require_completion_before_proceed


def test_a_subsession_workflow_must_exist_and_not_lead_back():
    path = "steps[0].subsession_config.workflow_id"
    assert faults(workflow(collection()), known={CHILD_WORKFLOW: None}).keys() == {path}
    assert faults(workflow(collection()), known={}).keys() == {path}
    known = {CHILD_WORKFLOW: ("middle",), "middle": ("me",), "me": (CHILD_WORKFLOW,)}
    assert "back" in faults(workflow(collection()), known=known, workflow_id="me")[path]
    assert parse(workflow(collection()), known=known, workflow_id="other")
    itself = collection(workflow_id="me")
    assert "back" in faults(workflow(itself), known=known, workflow_id="me")[path]


def test_the_workflows_to_look_up_are_named_before_the_body_is_judged():
    body = workflow(collection(), collection(workflow_id=" x "), {"subsession_config": 3}, 7)
    assert referred_workflows(body) == (CHILD_WORKFLOW, "x")
    assert referred_workflows({"steps": "no"}) == ()


def test_automation_rules_are_kept_in_their_normal_form():
    rules = {
        "auto_process": True,
        "country_rules": [
            {"country_code": "SY", "action": "auto_deny", "applies_to": ["incorporation_country"]}
        ],
        "list_match_rules": [{"action": "flag"}],
        "document_rules": [{"condition": "expires_within_days", "value": 30, "action": "flag"}],
        "form_field_rules": [{"field_id": "full_name", "operator": "is_empty", "action": "flag"}],
        "auto_approve_when": {"no_list_matches": True},
    }
    config = parse(workflow(validation_config={"automation_rules": rules})).validation_config
    assert config.processes_itself
    found = config.automation_rules
    assert found.country_rules == (
        {"country_code": "SY", "applies_to": ["incorporation"], "action": "auto_deny"},
    )
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


def test_branding_is_colours_and_a_logo():
    wrong = {"logo_url": "http://cdn.example.net/l.svg", "primary_color": "green"}
    assert faults(workflow(branding=wrong)).keys() == {"branding.logo_url", "branding.primary_color"}
    right = {"logo_url": "https://cdn.example.net/l.svg", "primary_color": "#224466", "other": "x"}
    assert parse(workflow(branding=right)).branding == {
        "logo_url": "https://cdn.example.net/l.svg",
        "primary_color": "#224466",
    }


KEYS = """
    steps name type step_id order custom_fields options field_id conditional_logic conditions pattern
    subsession_config validation_rules document_requirements post_upload_validations params workflow_id
    default_value validation_config automation_rules country_rules branding
"""
TYPES = ["form_fill", "document_upload", "subsession_collection", "text", "select"]
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS.split()), inner | st.sampled_from(TYPES), max_size=6)
    ),
    max_leaves=25,
)


def told(body):
    try:
        parse(body)
    except InvalidWorkflow as refused:
        return refused.details["errors"]
    return ["nothing"]


@given(ODD, st.lists(ODD, max_size=3))
def test_no_body_whatever_makes_anything_but_a_refusal(body, steps):
    assert told(body)
    assert told({"name": "x", "steps": steps})
