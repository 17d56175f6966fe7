"""Reading a whole workflow: defaults, and every fault at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kyc.model.liveness import LivenessConfig
from frontdesk.kyc.rules.definition import InvalidWorkflow, referred_workflows
from kyc.bodies import documents, field, form, full_name, workflow
from kyc.factories import CHILD_WORKFLOW
from kyc.parsing import faults, parse


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


def test_a_validation_step_names_checks_and_what_failing_leads_to():
    plain = {"step_id": "v", "name": "V", "type": "validation"}
    first, second = parse(
        workflow({**plain, "checks": ["documents", "lists"], "on_fail": "manual_review"}, {**plain, "step_id": "w"})
    ).steps
    assert (first.checks, first.on_fail) == (("documents", "lists"), "manual_review")
    assert (second.checks, second.on_fail) == ((), "flag")


def test_every_fault_of_a_validation_step_is_told_at_once():
    wrong = {"step_id": "v", "name": "V", "type": "validation", "checks": ["lists", "horoscope", 1], "on_fail": "deny"}
    stray = {**full_form(), "step_id": "x", "checks": ["lists"]}
    assert faults(workflow(wrong, stray)).keys() >= {
        "steps[0].checks[1]",
        "steps[0].checks[2]",
        "steps[0].on_fail",
        "steps[1].checks",
    }


def full_form():
    return form(full_name())


def test_options_to_come_are_refused_plainly():
    assert faults(workflow(form(field("file", face_present=True)))).keys() == {"steps[0].custom_fields[0].face_present"}
    assert faults(workflow(form(field("domain", validate_web=True)))).keys() == {
        "steps[0].custom_fields[0].validate_web"
    }
    assert faults(workflow(form(field("email", require_verification=True)))).keys() == {
        "steps[0].custom_fields[0].require_verification"
    }


def liveness(**config):
    return {"step_id": "presence", "name": "Presence", "type": "liveness", "liveness_config": config}


def test_a_liveness_step_has_the_published_defaults():
    [step] = parse(workflow({"step_id": "presence", "name": "Presence", "type": "liveness"})).steps
    assert step.liveness_config == LivenessConfig(90, "FaceMovementChallenge", True, True, 3, None)


def test_a_liveness_step_takes_its_whole_configuration():
    config = {
        "min_confidence": 0,
        "challenge_type": "FaceMovementAndLightChallenge",
        "save_reference_image": False,
        "use_for_face_match": False,
        "max_retries": 0,
        "provider": "local",
    }
    [step] = parse(workflow(liveness(**config))).steps
    assert step.liveness_config == LivenessConfig(**config)


def test_every_fault_of_presence_and_faces_is_told_at_once():
    asked = liveness(
        min_confidence=101, challenge_type="Dance", save_reference_image="no", max_retries=11, provider="x"
    )
    selfie = {"step_id": "me", "name": "Me", "type": "selfie", "min_face_size_px": 1, "use_for_face_match": 1}
    stray = form(full_name(), step_id="about", liveness_config={}, min_face_size_px=100)
    dedup = {"threshold": 2, "scope": "world", "action": "shout", "retention_days": 0, "enabled": "yes"}
    rules = {"face_dedup": dedup, "uncertified_liveness": {"reason": ""}}
    found = faults(workflow(asked, selfie, stray, validation_config={"automation_rules": rules}))
    start, at = "steps[0].liveness_config.", "validation_config.automation_rules."
    assert set(found) == {
        *(
            start + key
            for key in ("min_confidence", "challenge_type", "save_reference_image", "max_retries", "provider")
        ),
        "steps[1].min_face_size_px",
        "steps[1].use_for_face_match",
        "steps[2].liveness_config",
        "steps[2].min_face_size_px",
        *(at + "face_dedup." + key for key in dedup),
        at + "uncertified_liveness.action",
        at + "uncertified_liveness.reason",
    }


def test_a_selfie_step_says_how_large_the_face_must_be():
    plain = {"step_id": "me", "name": "Me", "type": "selfie"}
    [step] = parse(workflow(plain)).steps
    assert (step.min_face_size_px, step.use_for_face_match) == (112, True)
    [step] = parse(workflow({**plain, "min_face_size_px": 300, "use_for_face_match": False})).steps
    assert (step.min_face_size_px, step.use_for_face_match) == (300, False)


def test_looking_for_the_same_face_is_off_unless_asked_for():
    assert (
        parse(workflow(validation_config={"automation_rules": {}})).validation_config.automation_rules.face_dedup
        is None
    )
    found = parse(workflow(validation_config={"automation_rules": {"face_dedup": {"threshold": 0}}}))
    assert found.validation_config.automation_rules.face_dedup == {
        "enabled": True,
        "threshold": 0,
        "scope": "tenant",
        "retention_days": 365,
        "action": "manual_review",
    }


def test_a_paper_may_have_to_show_a_face():
    asked = {"document_type": "id", "post_upload_validations": [{"type": "face_present", "on_fail": "reject"}]}
    [step] = parse(workflow(documents(asked))).steps
    [check] = step.document_requirements[0].post_upload_validations
    assert (check.type, check.params, check.on_fail) == ("face_present", {}, "reject")


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
