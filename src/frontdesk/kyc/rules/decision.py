"""Decisions: what a reviewer may make of a session."""

from datetime import datetime
from typing import ClassVar

from frontdesk.kyc.model.records import replace
from frontdesk.kyc.model.session import DECIDED, Outcome, Progress, Review
from frontdesk.kyc.rules.corrections import cancel_corrections
from frontdesk.kyc.rules.refusals import Invalid
from frontdesk.kyc.rules.steps import move

VERBS = {"approved": "approve", "rejected": "reject", "manual_review": "send_to_review"}
LONGEST_REASON = 500
LONGEST_NOTES = 5000


class DecisionInvalid(Invalid):
    """The decision is not one, or it lacks its reason."""

    reason: ClassVar[str] = "decision_invalid"


def decide(
    progress: Progress,
    status: str,
    *,
    decided_by: str,
    now: datetime,
    reason: str | None = None,
    notes: str | None = None,
) -> Outcome:
    """Approve, reject, send to review, or open a decided session again."""
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
    after = move(progress, verb)
    after, events = cancel_corrections(after, {one.step_id for one in after.corrections}, now, decided_by)
    after = replace(after, final_decision=status, review=Review(decided_by, now, given, notes))
    facts = {"decided_by": decided_by, "from": progress.status, "reopened": verb == "reopen"}
    return Outcome(after, verb, (*events, (f"kyc.session.{status}", facts)), answer=after.review)
