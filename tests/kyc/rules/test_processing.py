"""Processing: what each action makes of a session, from where, and what is told."""

import pytest
from msgspec.structs import replace

from frontdesk.kyc.model.definition import Automation, ValidationConfig
from frontdesk.kyc.model.findings import CHECKS, Finding
from frontdesk.kyc.rules.processing import ChecksInvalid, due_checks, flags, record_findings, settle
from frontdesk.kyc.rules.steps import StatusForbids
from kyc.factories import at, definition, form_step, session

ANY = {"field_id": "full_name", "operator": "is_empty", "reason": "nobody"}


def ready(action="manual_review", status="completed", **config):
    rules = Automation(form_field_rules=({**ANY, "action": action},), default_action="no_action")
    workflow = replace(definition(form_step()), validation_config=ValidationConfig(automation_rules=rules, **config))
    return session(workflow, status=status)


def found(check="lists", status="clear"):
    return Finding(check, status, at(1), "00")


@pytest.mark.parametrize(
    ("action", "status", "decision", "told"),
    [
        ("auto_approve", "approved", "approved", ["processed"]),
        ("flag", "approved", "flagged", ["processed"]),
        ("auto_deny", "rejected", "rejected", ["processed"]),
        ("manual_review", "manual_review", "manual_review", ["processed", "manual_review"]),
        ("no_action", "processed", None, ["processed"]),
    ],
)
def test_each_action_has_its_status_decision_and_webhooks(action, status, decision, told):
    done = settle(ready(action), [], at(1), "key 1")
    after = done.progress
    assert (after.status, after.final_decision, after.processed_at) == (status, decision, at(1))
    assert [name for name, _ in done.events] == [f"kyc.session.{one}" for one in told]
    assert "nobody" not in str(done.events)


def test_a_flag_is_listed():
    after = settle(ready("flag"), [], at(1), None).progress
    assert flags(after.triggered) == [{"rule": "form_field_rules[0]", "reason": "nobody"}]


@pytest.mark.parametrize("status", ["processed", "manual_review"])
def test_it_can_be_done_again(status):
    assert settle(ready("auto_deny", status), [], at(1), "key 1").progress.status == "rejected"


@pytest.mark.parametrize("status", ["active", "awaiting_client_correction", "approved", "rejected"])
def test_elsewhere_it_is_refused(status):
    with pytest.raises(StatusForbids):
        settle(ready("auto_deny", status), [], at(1), "key 1")


def test_only_the_checks_of_this_run_count():
    before = record_findings(ready("auto_approve"), [found(status="skipped")], at(1), None).progress
    after = settle(before, [], at(2), None).progress
    assert (after.status, after.findings) == ("approved", ())


def test_validating_decides_nothing_and_keeps_what_others_found():
    first = record_findings(ready(), [found("documents", "passed")], at(1), None)
    both = record_findings(first.progress, [found("lists", "skipped")], at(2), "key 1")
    assert both.verb is None
    assert [one.check for one in both.progress.findings] == ["lists", "documents"]
    assert both.events == (("kyc.validated", {"checks": {"lists": "skipped"}, "by": "key 1"}),)


def test_the_workflow_says_which_checks_are_due():
    everything = ready(run_lists=True, run_crypto=True, run_adverse_media=True, auto_face_match=True)
    assert due_checks(everything) == ("lists", "crypto", "adverse_media", "face_match")
    assert due_checks(everything, CHECKS) == CHECKS
    assert due_checks(ready()) == ()
    assert due_checks(session()) == ("documents",)
    assert due_checks(everything, ["documents", "lists"]) == ("lists", "documents")


@pytest.mark.parametrize("asked", [[], ["faces"], ["lists", "x"]])
def test_a_check_that_there_is_not_is_refused(asked):
    with pytest.raises(ChecksInvalid):
        due_checks(ready(), asked)
