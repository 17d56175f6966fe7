"""Decisions: what a reviewer may make of a session."""

from datetime import datetime
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from frontdesk.kyc.model.reasons import OUTCOMES, REJECTION_REASONS
from frontdesk.kyc.model.session import DECIDED, Outcome, Progress, Review
from frontdesk.kyc.rules.corrections import cancel_corrections
from frontdesk.kyc.rules.refusals import Conflicting, Invalid
from frontdesk.kyc.rules.steps import move

VERBS = {"approved": "approve", "rejected": "reject", "manual_review": "send_to_review"}
LONGEST_REASON = 500
LONGEST_NOTES = 5000
LONGEST_MESSAGE = 1000


class DecisionInvalid(Invalid):
    """The decision is not one, or it lacks its reason."""

    reason: ClassVar[str] = "decision_invalid"


class DecisionFinal(Conflicting):
    """The session was rejected for good."""

    reason: ClassVar[str] = "decision_final"


class Rejection(msgspec.Struct, frozen=True):
    """What a rejection says besides its reason; `message` is for the customer. Without an outcome it is `retry`."""

    reason_code: str | None = None
    message: str | None = None
    outcome: str | None = None


NOTHING_MORE = Rejection()


def decide(
    progress: Progress,
    status: str,
    *,
    decided_by: str,
    now: datetime,
    reason: str | None = None,
    notes: str | None = None,
    more: Rejection = NOTHING_MORE,
) -> Outcome:
    """Approve, reject, send to review, or open a decided session again, unless it was rejected for good."""
    verb = VERBS.get(status)
    if verb is None:
        raise DecisionInvalid("status must be approved, rejected or manual_review")
    if verb == "send_to_review" and progress.status in DECIDED:
        verb = "reopen"
    given = (reason or "").strip() or None
    if given is None and verb in ("reject", "reopen"):
        raise DecisionInvalid("reason is required to reject or to re-open a session")
    if given is not None and len(given) > LONGEST_REASON:
        raise DecisionInvalid(f"reason must have at most {LONGEST_REASON} characters")
    if notes is not None and len(notes) > LONGEST_NOTES:
        raise DecisionInvalid(f"notes must have at most {LONGEST_NOTES} characters")
    message = (more.message or "").strip() or None
    _check_rejection(verb, more, message)
    if verb == "reopen" and progress.review is not None and progress.review.outcome == "final":
        raise DecisionFinal("The session was rejected for good: open a new one for this customer")
    after = move(progress, verb)
    outcome = (more.outcome or "retry") if verb == "reject" else None
    made = Review(decided_by, now, given, notes, more.reason_code, message, outcome)
    after, events = cancel_corrections(after, {one.step_id for one in after.corrections}, now, decided_by)
    after = replace(after, final_decision=status, review=made)
    facts = {"decided_by": decided_by, "from": progress.status, "reopened": verb == "reopen"}
    if verb == "reject":
        facts |= {"reason_code": made.reason_code, "outcome": outcome}
    return Outcome(after, verb, (*events, (f"kyc.session.{status}", facts)), answer=after.review)


def _check_rejection(verb: str, more: Rejection, message: str | None) -> None:
    if verb != "reject" and more != NOTHING_MORE:
        raise DecisionInvalid("reason_code, customer_message and outcome are of rejections only")
    if more.reason_code is not None and more.reason_code not in REJECTION_REASONS:
        raise DecisionInvalid("reason_code must be one of " + ", ".join(REJECTION_REASONS))
    if more.outcome is not None and more.outcome not in OUTCOMES:
        raise DecisionInvalid("outcome must be retry or final")
    if message is not None and len(message) > LONGEST_MESSAGE:
        raise DecisionInvalid(f"customer_message must have at most {LONGEST_MESSAGE} characters")
