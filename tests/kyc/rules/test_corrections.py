"""A reviewer sends steps back, and the customer mends them."""

import pytest
from msgspec.structs import replace

from frontdesk.kyc.model.definition import Field
from frontdesk.kyc.rules.completion import FieldsInvalid, FieldsMissing, complete_step
from frontdesk.kyc.rules.confirm import confirm_upload
from frontdesk.kyc.rules.corrections import CorrectionsInvalid, CorrectionsUsedUp, Demand, request_corrections
from frontdesk.kyc.rules.decision import decide
from frontdesk.kyc.rules.links import extend
from frontdesk.kyc.rules.public_state import public_state
from frontdesk.kyc.rules.steps import StatusForbids, StepNotEditable, current_step_index
from kyc.factories import (
    ANSWERS,
    at,
    confirmation,
    definition,
    document_step,
    form_step,
    inspection,
    new_ids,
    reserve,
    session,
    uploaded,
    when,
)

NAME = Demand("about_you", "The surname differs.", ("full_name",))
PAPER = Demand("passport", "The edge is cut off.", document_types=("id",))


def completed(workflow=None):
    done = complete_step(uploaded(session(workflow)), "passport", None, at(1)).progress
    return complete_step(done, "about_you", ANSWERS, at(2)).progress


def ask(progress, *demands, ttl_days=7, minute=10):
    return request_corrections(
        progress,
        demands,
        requested_by="reviewer",
        new_id=new_ids("corr"),
        now=at(minute),
        ttl_days=ttl_days,
    )


def names(outcome):
    return [name for name, _ in outcome.events]


def test_a_reviewer_sends_the_session_back_on_the_same_link():
    asked = ask(completed(), NAME, PAPER)
    after = asked.progress
    assert (asked.verb, after.status) == ("request_corrections", "awaiting_client_correction")
    assert [after.step(one).status for one in ("passport", "about_you")] == ["needs_correction"] * 2
    assert [one.correction_id for one in asked.answer] == ["corr_1", "corr_2"]
    assert current_step_index(after) == 0
    assert names(asked) == ["kyc.session.correction_requested"]


def test_the_link_lives_at_least_as_long_as_the_corrections_need():
    assert ask(completed(), NAME, ttl_days=7).progress.expires_at == at(10 + 7 * 24 * 60)
    longer = extend(completed(), at(5), ttl_days=60).progress
    assert ask(longer, NAME).progress.expires_at == longer.expires_at


@pytest.mark.parametrize("status", ["active", "approved", "rejected"])
def test_corrections_are_asked_for_in_a_finished_undecided_session_only(status):
    with pytest.raises(StatusForbids):
        ask(replace(completed(), status=status), NAME)


def test_more_can_be_asked_for_while_waiting():
    twice = ask(ask(completed(), NAME).progress, PAPER, replace(NAME, message="And the accents."))
    assert len(twice.progress.corrections) == 3
    assert twice.progress.status == "awaiting_client_correction"


def test_every_fault_of_the_demands_is_told_at_once():
    wrong = [
        Demand("nowhere", "x"),
        Demand("about_you", " ", ("gone",), ("id",)),
        Demand("passport", "x" * 1001, ("full_name",), ("visa",)),
    ]
    with pytest.raises(CorrectionsInvalid) as caught:
        ask(completed(), *wrong, ttl_days=0)
    assert {one["path"] for one in caught.value.details["errors"]} == {
        "ttl_days",
        "corrections[0].step_id",
        "corrections[1].message",
        "corrections[1].field_ids[0]",
        "corrections[1].document_types[0]",
        "corrections[2].message",
        "corrections[2].field_ids[0]",
        "corrections[2].document_types[0]",
    }


@pytest.mark.parametrize("demands", [[], [NAME] * 51])
def test_there_are_one_to_fifty_demands(demands):
    with pytest.raises(CorrectionsInvalid):
        ask(completed(), *demands)


def test_a_hidden_step_cannot_be_corrected():
    hidden = form_step("more", custom_fields=(), conditional_logic=when("email", "is_empty"))
    with pytest.raises(CorrectionsInvalid):
        ask(completed(definition(document_step(), form_step(), hidden)), Demand("more", "x"))


def test_only_the_named_steps_can_be_edited_meanwhile():
    asked = ask(completed(), NAME).progress
    with pytest.raises(StepNotEditable):
        reserve(asked, "doc_2")
    assert reserve(ask(completed(), PAPER).progress, "doc_2").answer


def test_repeating_an_old_completion_is_no_way_into_a_closed_step():
    asked = ask(completed(), NAME).progress
    with pytest.raises(StepNotEditable):
        complete_step(asked, "passport", None, at(11))


def test_a_correction_that_is_sent_twice_is_answered_twice():
    asked = ask(completed(), NAME, PAPER).progress
    once = complete_step(asked, "about_you", {"full_name": "Ana Ruis"}, at(11))
    twice = complete_step(once.progress, "about_you", {"full_name": "Ana Ruis"}, at(12))
    assert (twice.answer, twice.changed) == (once.answer, False)
    last = complete_step(uploaded(once.progress, "doc_2", now=at(13)), "passport", None, at(14))
    assert complete_step(last.progress, "passport", None, at(15)).answer == last.answer


def test_the_first_of_two_leaves_the_session_waiting_and_the_second_moves_it():
    asked = ask(completed(), NAME, PAPER).progress
    first = complete_step(asked, "about_you", {"full_name": "Ana Ruis"}, at(11))
    assert (first.verb, first.progress.status) == (None, "awaiting_client_correction")
    assert (first.answer.next_step_id, first.answer.session_completed) == ("passport", False)
    assert first.progress.form_data["about_you"] == {
        **ANSWERS,
        "email": "ana@example.net",
        "full_name": "Ana Ruis",
    }
    assert [one.status for one in first.progress.corrections] == ["resolved", "open"]
    newer = uploaded(first.progress, "doc_2", now=at(12))
    second = complete_step(newer, "passport", None, at(13))
    assert (second.verb, second.progress.status) == ("resolve_to_review", "manual_review")
    assert second.answer.session_completed
    assert names(second)[-2:] == ["kyc.session.correction_resolved", "kyc.session.manual_review"]


@pytest.mark.parametrize(
    ("mode", "verb", "status", "events"),
    [
        ("manual_review", "resolve_to_review", "manual_review", ["kyc.session.manual_review"]),
        (
            "auto_process",
            "resolve_to_processing",
            "completed",
            ["kyc.session.completed", "kyc.processing_requested"],
        ),
        ("completed", "resolve_to_completed", "completed", ["kyc.session.completed"]),
    ],
)
def test_the_workflow_says_what_follows_the_last_correction(mode, verb, status, events):
    workflow = definition(document_step(), form_step(), resolution=mode)
    fixed = complete_step(ask(completed(workflow), NAME).progress, "about_you", {}, at(11))
    assert (fixed.verb, fixed.progress.status) == (verb, status)
    assert names(fixed)[2:] == events


def test_a_corrected_value_need_not_differ():
    asked = ask(completed(), NAME).progress
    confirmed = complete_step(asked, "about_you", ANSWERS, at(11))
    assert confirmed.changed
    assert confirmed.progress.corrections[0].status == "resolved"


def test_a_named_field_must_be_there_even_an_optional_one():
    asked = ask(completed(), Demand("about_you", "Your mail, please", ("email",))).progress
    with pytest.raises(FieldsMissing, match=r"^Campos requeridos: Email$"):
        complete_step(asked, "about_you", {"email": None}, at(11))
    with pytest.raises(FieldsInvalid):
        complete_step(asked, "about_you", {"email": "x"}, at(11))


def test_a_named_document_must_be_newer_than_the_correction():
    asked = ask(completed(), PAPER).progress
    with pytest.raises(FieldsMissing, match=r"^Campos requeridos: Government ID$"):
        complete_step(asked, "passport", None, at(11))
    newer = uploaded(asked, "doc_2", document_type="passport", now=at(12))
    assert complete_step(newer, "passport", None, at(13)).progress.status == "manual_review"


def test_a_file_that_was_reserved_before_and_confirmed_after_counts():
    waiting = reserve(uploaded(session()), "doc_2")
    done = complete_step(waiting.progress, "passport", None, at(1)).progress
    done = complete_step(done, "about_you", ANSWERS, at(2)).progress
    asked = ask(done, PAPER).progress
    request = confirmation(waiting.answer.document)
    newer = confirm_upload(asked, request, inspection(), at(12)).progress
    assert complete_step(newer, "passport", None, at(13)).changed


def test_a_correction_that_uncovers_a_new_step_goes_back_to_active():
    company = form_step(custom_fields=(Field("company", "Company?", "boolean", required=True),))
    charter = document_step("charter", conditional_logic=when("company", "equals", True))
    opened = session(definition(company, charter))
    done = complete_step(opened, "about_you", {"company": False}, at(1)).progress
    assert done.status == "completed"
    asked = ask(done, Demand("about_you", "Really?", ("company",))).progress
    fixed = complete_step(asked, "about_you", {"company": True}, at(11))
    assert (fixed.verb, fixed.progress.status, fixed.progress.completed_at) == ("resume", "active", None)
    assert fixed.answer.next_step_id == "charter"
    assert not fixed.answer.session_completed


def test_a_correction_of_a_step_that_is_hidden_meanwhile_is_dropped():
    company = form_step(custom_fields=(Field("company", "Company?", "boolean", required=True),))
    charter = document_step("charter", conditional_logic=when("company", "equals", True))
    done = complete_step(session(definition(company, charter)), "about_you", {"company": True}, at(1)).progress
    done = complete_step(uploaded(done, step_id="charter"), "charter", None, at(2)).progress
    asked = ask(done, Demand("about_you", "Really?", ("company",)), Demand("charter", "Unreadable")).progress
    fixed = complete_step(asked, "about_you", {"company": False}, at(11))
    assert fixed.progress.status == "manual_review"
    assert [one.status for one in fixed.progress.corrections] == ["resolved", "cancelled"]


def capped(most, status="manual_review"):
    workflow = definition()
    config = replace(workflow.validation_config, max_corrections=most)
    return session(replace(workflow, validation_config=config), status=status)


@pytest.mark.parametrize("most", [0, 1, 3])
def test_a_session_is_sent_back_only_so_often(most):
    progress = capped(most)
    for number in range(most):
        progress = ask(progress, Demand("about_you", "Look"), Demand("passport", "Look"), minute=number + 1).progress
    with pytest.raises(CorrectionsUsedUp, match="can only be decided now") as caught:
        ask(progress, Demand("about_you", "Look"), minute=50)
    assert (caught.value.code, caught.value.details) == ("CONFLICT", {"max_corrections": most})
    assert decide(progress, "approved", decided_by="r", now=at(60)).progress.status == "approved"


def test_a_demand_has_a_code_that_only_staff_see():
    done = ask(capped(5), Demand("about_you", "Look", reason_code="name_mismatch"))
    assert done.answer[0].reason_code == "name_mismatch"
    assert done.events[0][1]["reason_codes"] == ["name_mismatch"]
    assert "name_mismatch" not in str(public_state(done.progress))
    with pytest.raises(CorrectionsInvalid) as caught:
        ask(capped(5), Demand("about_you", "Look", reason_code="whatever"))
    assert caught.value.details["errors"][0]["path"] == "corrections[0].reason_code"
