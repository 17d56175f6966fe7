"""Validation steps: what they run, what a check that does not pass leads to, and when they are due again."""

import pytest
from msgspec.structs import replace

from frontdesk.kyc.model.definition import Automation, Step, ValidationConfig
from frontdesk.kyc.model.findings import Finding
from frontdesk.kyc.rules.automation import judge
from frontdesk.kyc.rules.completion import checks_before, complete_step
from frontdesk.kyc.rules.corrections import Demand, request_corrections
from frontdesk.kyc.rules.processing import due_checks, flags, settle
from frontdesk.kyc.rules.steps import OutOfOrder, StepNotEditable, StepNotFound
from kyc.factories import ANSWERS, NOW, at, definition, document_step, form_step, new_ids, session, uploaded, when

PASSES = "passed"


def review_step(step_id="review", checks=("documents",), on_fail="flag", **more):
    return replace(Step(step_id, 1, "Review", "validation", checks=checks, on_fail=on_fail), **more)


def found(check="documents", status="failed", minute=3):
    return Finding(check, status, at(minute), "00")


def opened(*steps, rules=None, resolution="manual_review", **config):
    chosen = steps or (document_step(), form_step(), review_step())
    workflow = definition(*chosen)
    config = ValidationConfig(automation_rules=rules, correction_resolution=resolution, **config)
    return session(replace(workflow, validation_config=config))


def before(progress):
    """Up to the validation step."""
    progress = complete_step(uploaded(progress), "passport", None, at(1)).progress
    return complete_step(progress, "about_you", ANSWERS, at(2)).progress


def done(status=PASSES, on_fail="flag", **more):
    progress = before(opened(document_step(), form_step(), review_step(on_fail=on_fail), **more))
    return complete_step(progress, "review", None, at(3), [found(status=status)])


def names(outcome):
    return [name for name, _ in outcome.events]


def test_it_needs_no_input_keeps_its_findings_and_completes_the_session():
    outcome = done()
    after = outcome.progress
    assert (after.status, after.findings, after.validated_at) == ("completed", (found(status=PASSES),), at(3))
    assert names(outcome) == ["kyc.step_started", "kyc.validated", "kyc.step_completed", "kyc.session.completed"]
    assert outcome.answer.session_completed
    assert after.triggered == ()


@pytest.mark.parametrize("status", ["failed", "match", "review", "error", "skipped"])
def test_what_did_not_pass_is_flagged(status):
    after = done(status).progress
    assert after.status == "completed"
    assert flags(after.triggered) == [{"rule": "steps.review.documents", "reason": status}]


def test_what_did_not_pass_goes_to_a_person_if_the_step_says_so():
    outcome = done("failed", "manual_review")
    assert (outcome.verb, outcome.progress.status, outcome.progress.completed_at) == (
        "complete_to_review",
        "manual_review",
        at(3),
    )
    assert names(outcome)[-2:] == ["kyc.session.completed", "kyc.session.manual_review"]
    assert done(PASSES, "manual_review").progress.status == "completed"


def test_with_processing_by_itself_the_rules_have_the_last_word():
    deny = {"field_id": "full_name", "operator": "is_not_empty", "action": "auto_deny"}
    rules = Automation(auto_process=True, form_field_rules=(deny,))
    outcome = done("failed", "manual_review", rules=rules)
    assert outcome.progress.status == "completed"
    assert settle(outcome.progress, [found()], at(4), None).progress.status == "rejected"


def test_a_later_step_is_still_reached_after_a_failed_check():
    steps = (document_step(), review_step(on_fail="manual_review"), form_step())
    progress = complete_step(uploaded(opened(*steps)), "passport", None, at(1)).progress
    checked = complete_step(progress, "review", None, at(3), [found()])
    assert (checked.progress.status, checked.answer.next_step_id) == ("active", "about_you")
    assert complete_step(checked.progress, "about_you", ANSWERS, at(4)).progress.status == "manual_review"


def test_its_checks_are_those_it_names_or_else_those_that_are_switched_on():
    steps = (form_step(), review_step("one", ("crypto", "lists"), required=False), review_step("two", ()))
    progress = complete_step(opened(*steps, run_adverse_media=True), "about_you", ANSWERS, at(1)).progress
    assert checks_before(progress, "one") == ("lists", "crypto")
    assert checks_before(progress, "two") == ("adverse_media",)
    assert due_checks(progress) == ("lists", "crypto", "adverse_media")


def test_a_hidden_step_runs_nothing_and_says_nothing():
    hidden = review_step(checks=("lists",), conditional_logic=when("full_name", "equals", "Otto"))
    progress = opened(form_step(), hidden)
    after = complete_step(progress, "about_you", ANSWERS, at(1)).progress
    assert (due_checks(after), after.status) == ((), "completed")


def test_checks_are_not_run_where_the_step_cannot_be_completed():
    with pytest.raises(OutOfOrder):
        checks_before(opened(), "review")
    with pytest.raises(StepNotFound):
        checks_before(opened(), "nowhere")
    with pytest.raises(StepNotEditable):
        checks_before(replace(done().progress, status="manual_review", steps=()), "review")
    assert checks_before(opened(), "about_you") == ()


def test_a_repeated_call_runs_nothing_and_is_answered_as_before():
    outcome = done()
    assert checks_before(outcome.progress, "review") == ()
    again = complete_step(outcome.progress, "review", None, at(9))
    assert (again.answer, again.changed) == (outcome.answer, False)


def middle():
    """Past a validation step, with one more step to come."""
    steps = (document_step(), form_step(), review_step(), form_step("more", custom_fields=()))
    progress = before(opened(*steps))
    return complete_step(progress, "review", None, at(3), [found(status=PASSES)]).progress


def test_an_edit_of_an_earlier_step_makes_it_due_again():
    edited = complete_step(middle(), "about_you", {**ANSWERS, "full_name": "Otto"}, at(5))
    assert edited.progress.step("review").status == "in_progress"
    assert "kyc.step_reopened" in names(edited)
    assert edited.answer.next_step_id == "review"
    assert checks_before(edited.progress, "review") == ("documents",)


def test_another_paper_makes_it_due_again():
    swapped = uploaded(middle(), "doc_2", now=at(5))
    last = complete_step(swapped, "more", None, at(6))
    assert (last.progress.status, last.answer.next_step_id) == ("active", "review")
    checked = complete_step(last.progress, "review", None, at(7), [found(status=PASSES)])
    assert checked.progress.status == "completed"


def test_what_comes_after_it_leaves_it_alone():
    assert complete_step(middle(), "more", None, at(6)).progress.status == "completed"


@pytest.mark.parametrize(("status", "after"), [(PASSES, "completed"), ("failed", "manual_review")])
def test_after_corrections_a_failed_check_still_wants_a_person(status, after):
    progress = done(status, "manual_review", resolution="completed").progress
    sent = request_corrections(
        progress, [Demand("about_you", "Look")], requested_by="k", new_id=new_ids("corr"), now=at(5)
    ).progress
    assert complete_step(sent, "about_you", ANSWERS, at(6)).progress.status == after


def test_a_correction_of_the_step_runs_its_checks_again():
    progress = done("failed", "manual_review", resolution="completed").progress
    sent = request_corrections(
        progress, [Demand("review", "Look")], requested_by="k", new_id=new_ids("corr"), now=at(5)
    ).progress
    assert checks_before(sent, "review") == ("documents",)
    assert complete_step(sent, "review", None, at(6), [found(status=PASSES)]).progress.status == "completed"


def decided(action, on_fail, status="failed", **more):
    rules = (
        Automation(default_action="no_action", **more)
        if action is None
        else Automation(
            form_field_rules=({"field_id": "full_name", "operator": "is_not_empty", "action": action},), **more
        )
    )
    progress = done(status, on_fail, rules=rules).progress
    return judge(progress, NOW.date())


@pytest.mark.parametrize(
    ("action", "on_fail", "winner"),
    [
        ("auto_approve", "flag", "flag"),
        ("auto_approve", "manual_review", "manual_review"),
        ("flag", "flag", "flag"),
        ("auto_deny", "manual_review", "auto_deny"),
        ("auto_deny", "flag", "auto_deny"),
        ("manual_review", "flag", "manual_review"),
        (None, "manual_review", "manual_review"),
        (None, "flag", "no_action"),
    ],
)
def test_its_verdict_joins_the_rules_and_its_flag_alone_approves_nobody(action, on_fail, winner):
    judged = decided(action, on_fail)
    assert judged.action == winner
    assert "steps.review.documents" in [one.rule for one in judged.triggered]


@pytest.mark.parametrize(("on_fail", "winner"), [("flag", "no_action"), ("manual_review", "manual_review")])
def test_it_counts_where_rules_are_off_too(on_fail, winner):
    assert decided("auto_approve", on_fail, enabled=False).action == winner
    assert judge(done("failed", on_fail).progress, NOW.date()).action == winner


def test_a_default_that_approves_is_marked():
    progress = done("failed", rules=Automation(default_action="auto_approve")).progress
    assert judge(progress, NOW.date()).action == "flag"
