"""A reviewer decides: from which status, with what reasons."""

import pytest

from frontdesk.kyc.model.reasons import OUTCOMES, REJECTION_REASONS
from frontdesk.kyc.model.session import StepState
from frontdesk.kyc.rules.corrections import Demand, request_corrections
from frontdesk.kyc.rules.decision import DecisionFinal, DecisionInvalid, Rejection, decide
from frontdesk.kyc.rules.public_state import public_state
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


@pytest.mark.parametrize("code", REJECTION_REASONS)
def test_a_rejection_keeps_its_code_and_its_two_texts_apart(code):
    done = judge("completed", "rejected", notes="n", more=Rejection(code, "  Sorry. ", "final"))
    review = done.progress.review
    assert (review.reason, review.notes, review.customer_message) == ("because", "n", "Sorry.")
    assert (review.reason_code, review.outcome) == (code, "final")
    facts = done.events[-1][1]
    assert (facts["reason_code"], facts["outcome"]) == (code, "final")
    assert "Sorry" not in str(done.events)


@pytest.mark.parametrize("outcome", [None, *OUTCOMES])
def test_the_customer_sees_only_what_was_written_for_them(outcome):
    after = judge("completed", "rejected", notes="staff", more=Rejection("duplicate", "Sorry.", outcome)).progress
    assert public_state(after)["rejection"] == {"message": "Sorry.", "can_retry": outcome != "final"}
    assert not [word for word in ("because", "staff", "duplicate") if word in str(public_state(after))]
    assert "rejection" not in public_state(judge("completed", "rejected").progress)
    child = session(status="completed", parent_session_id="p")
    told = decide(child, "rejected", decided_by="r", now=at(1), reason="b", more=Rejection(None, "Sorry.")).progress
    assert "rejection" not in public_state(told)


def test_a_final_rejection_is_not_opened_again():
    final = judge("completed", "rejected", more=Rejection(outcome="final")).progress
    with pytest.raises(DecisionFinal, match="open a new one"):
        decide(final, "manual_review", decided_by="rev", now=at(2), reason="sorry")
    for more in (Rejection(), Rejection(outcome="retry")):
        after = judge("completed", "rejected", more=more).progress
        opened = decide(after, "manual_review", decided_by="rev", now=at(2), reason="sorry")
        assert opened.verb == "reopen"
        assert "rejection" not in public_state(opened.progress)


@pytest.mark.parametrize(
    ("wanted", "more"),
    [
        ("rejected", Rejection("because")),
        ("rejected", Rejection(outcome="perhaps")),
        ("rejected", Rejection(message="x" * 1001)),
        ("approved", Rejection("other")),
        ("approved", Rejection(message="Welcome")),
        ("manual_review", Rejection(outcome="final")),
    ],
)
def test_what_belongs_to_no_rejection_or_is_no_code_is_refused(wanted, more):
    with pytest.raises(DecisionInvalid):
        judge("completed", wanted, more=more)
