"""A reviewer decides: from which status, with what reasons."""

import pytest

from frontdesk.kyc.model.session import StepState
from frontdesk.kyc.rules.corrections import Demand, request_corrections
from frontdesk.kyc.rules.decision import DecisionInvalid, decide
from frontdesk.kyc.rules.steps import StatusForbids
from kyc.factories import at, new_ids, session

OPEN = ("completed", "processed", "manual_review", "awaiting_client_correction")


def judge(status, wanted, reason="because", **more):
    return decide(session(status=status), wanted, decided_by="rev", now=at(1), reason=reason, **more)


@pytest.mark.parametrize("status", OPEN)
@pytest.mark.parametrize("wanted", ["approved", "rejected", "manual_review"])
def test_an_undecided_session_can_be_decided(status, wanted):
    done = judge(status, wanted, notes="n")
    assert (done.progress.status, done.progress.final_decision) == (wanted, wanted)
    assert (done.progress.review.decided_by, done.progress.review.notes) == ("rev", "n")
    assert done.events[-1][0] == f"kyc.session.{wanted}"
    assert "because" not in str(done.events)


@pytest.mark.parametrize("status", ["approved", "rejected"])
def test_a_decided_session_can_only_be_opened_again_with_a_reason(status):
    assert judge(status, "manual_review").verb == "reopen"
    with pytest.raises(DecisionInvalid):
        judge(status, "manual_review", reason=None)
    for wanted in ("approved", "rejected"):
        with pytest.raises(StatusForbids):
            judge(status, wanted)


def test_an_active_session_is_not_decided():
    with pytest.raises(StatusForbids):
        judge("active", "approved")


@pytest.mark.parametrize(
    ("wanted", "more"),
    [
        ("rejected", {"reason": None}),
        ("rejected", {"reason": "  "}),
        ("approved", {"reason": "x" * 501}),
        ("approved", {"notes": "x" * 5001}),
        ("completed", {}),
    ],
)
def test_a_decision_without_its_parts_is_refused(wanted, more):
    with pytest.raises(DecisionInvalid):
        judge("completed", wanted, **more)


def test_an_approval_needs_no_reason():
    assert judge("completed", "approved", reason=None).progress.review.reason is None


def test_a_decision_cancels_what_was_still_to_be_corrected():
    finished = session(
        status="completed",
        steps=(StepState("passport", "completed", completed_at=at(0)), StepState("about_you")),
    )
    demands = [Demand("passport", "a"), Demand("about_you", "b")]
    asked = request_corrections(finished, demands, requested_by="rev", new_id=new_ids("corr"), now=at(1)).progress
    done = decide(asked, "approved", decided_by="boss", now=at(2))
    assert [one.status for one in done.progress.corrections] == ["cancelled", "cancelled"]
    assert [one.resolved_by for one in done.progress.corrections] == ["boss", "boss"]
    assert [one.status for one in done.progress.steps] == ["completed", "in_progress"]
