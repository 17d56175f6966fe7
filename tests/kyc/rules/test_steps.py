"""Which steps are visible, due and editable."""

import pytest

from frontdesk.kyc.model.definition import Field
from frontdesk.kyc.model.session import StepState
from frontdesk.kyc.rules.steps import (
    StatusForbids,
    StepNotEditable,
    StepNotFound,
    all_completed,
    answered_form,
    answers_by_key,
    current_step_index,
    editable,
    find_editable_step,
    find_step,
    move,
    next_step_id,
    touch,
    visible_steps,
)
from kyc.factories import at, collection_step, definition, document_step, form_step, session, when

HAS_VAT = form_step("tax", custom_fields=(Field("has_vat", "VAT?", "boolean"),))
VAT = form_step("vat", conditional_logic=when("has_vat", "equals", True))


def test_a_hidden_step_is_skipped_everywhere():
    opened = session(definition(HAS_VAT, VAT, document_step()))
    assert [one.step_id for one in visible_steps(opened)] == ["tax", "passport"]
    done = opened.with_step(StepState("tax", "completed")).with_step(StepState("passport", "completed"))
    assert all_completed(done)
    assert next_step_id(done) is None
    assert current_step_index(done) == 3
    assert not editable(opened, "vat")


def test_a_hidden_step_becomes_due_when_an_answer_shows_it():
    answered = session(definition(HAS_VAT, VAT), form_data={"tax": {"has_vat": True}})
    assert next_step_id(answered.with_step(StepState("tax", "completed"))) == "vat"
    assert current_step_index(answered.with_step(StepState("tax", "completed"))) == 1


def test_what_depends_on_a_hidden_field_is_hidden_too():
    fields = (
        Field("a", "A", "boolean"),
        Field("b", "B", "text", conditional_logic=when("a", "equals", True)),
    )
    last = document_step(conditional_logic=when("b", "is_not_empty"))
    steps = definition(form_step("f", custom_fields=fields), last)
    seen = session(steps, form_data={"f": {"a": True, "b": "x"}})
    hidden = session(steps, form_data={"f": {"a": False, "b": "x"}})
    assert len(visible_steps(seen)) == 2
    assert len(visible_steps(hidden)) == 1
    assert answered_form(hidden) == {"f": {"a": False}}


def test_inside_a_subsession_no_further_ones_are_collected():
    nested = session(definition(form_step(), collection_step()), parent_session_id="parent")
    assert [one.step_id for one in visible_steps(nested)] == ["about_you"]


@pytest.mark.parametrize(
    "status",
    ["completed", "processed", "manual_review", "approved", "rejected", "awaiting_client_correction"],
)
def test_a_session_that_is_not_active_is_closed(status):
    assert not editable(session(status=status), "passport")


def test_an_unknown_step_is_not_found_and_a_closed_one_is_forbidden():
    with pytest.raises(StepNotFound, match=r"^Step not found$") as missing:
        find_step(session(), "nowhere")
    assert missing.value.code == "VALIDATION_ERROR"
    with pytest.raises(StepNotFound):
        find_editable_step(session(status="approved"), "nowhere")
    with pytest.raises(StepNotEditable) as closed:
        find_editable_step(session(status="approved"), "passport")
    assert closed.value.code == "FORBIDDEN"


def test_a_step_begins_with_its_first_activity_and_only_once():
    begun, events = touch(session(), "passport", at(1))
    assert begun.step("passport") == StepState("passport", "in_progress", at(1))
    assert events == (("kyc.step_started", {"step_id": "passport"}),)
    assert touch(begun, "passport", at(2)) == (begun, ())
    assert begun.step("about_you").started_at is None


def test_an_illegal_move_is_a_conflict():
    with pytest.raises(StatusForbids) as caught:
        move(session(), "approve")
    assert caught.value.code == "CONFLICT"


def test_answers_are_told_by_their_key_where_they_have_one():
    fields = (Field("f1", "A", "text", field_key="city"), Field("f2", "B", "text"), Field("f3", "C", "text"))
    told = session(definition(form_step("f", custom_fields=fields)), form_data={"f": {"f1": "x", "f2": "y"}})
    assert answers_by_key(told) == {"city": "x", "f2": "y"}
