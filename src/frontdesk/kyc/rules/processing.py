"""Processing: keeping what checks found, and deciding a session by its workflow's rules."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, ClassVar

from msgspec.structs import replace

from frontdesk.kyc.model.findings import CHECKS, Finding, Triggered
from frontdesk.kyc.model.session import LIFECYCLE, Outcome, Progress
from frontdesk.kyc.rules.automation import judge
from frontdesk.kyc.rules.refusals import Invalid
from frontdesk.kyc.rules.steps import StatusForbids, move
from frontdesk.kyc.rules.validation_steps import checks_of_steps, keep_findings, switched_on

_MOVES = {
    "auto_deny": ("process_to_rejected", "rejected"),
    "manual_review": ("process_to_review", "manual_review"),
    "flag": ("process_to_flagged", "flagged"),
    "auto_approve": ("process_to_approved", "approved"),
    "no_action": ("process_undecided", None),
}
"""What each action does to the session, and the decision that it is."""


class ChecksInvalid(Invalid):
    """A check was asked for that there is not."""

    reason: ClassVar[str] = "checks_invalid"


def due_checks(progress: Progress, asked: Collection[str] | None = None) -> tuple[str, ...]:
    """The checks that were asked for; else those that the workflow or a validation step of it wants."""
    if asked is not None:
        unknown = [one for one in asked if one not in CHECKS]
        if unknown or not asked:
            raise ChecksInvalid("checks must be a list of " + ", ".join(CHECKS))
        return tuple(one for one in CHECKS if one in asked)
    wanted = {*switched_on(progress), *checks_of_steps(progress)}
    return tuple(one for one in CHECKS if one in wanted)


def check_processable(progress: Progress) -> None:
    """Raises `StatusForbids`."""
    if not LIFECYCLE.allows(progress.status, "process_undecided"):
        raise StatusForbids(f"This is not possible while the status is {progress.status}")


def record_findings(progress: Progress, found: Iterable[Finding], now: datetime, by: str | None) -> Outcome:
    """Keep findings; those of other checks stay. The answer is the session."""
    after, events = keep_findings(progress, found, now, by)
    return Outcome(after, events=events, answer=after)


def settle(progress: Progress, found: Iterable[Finding], now: datetime, by: str | None) -> Outcome:
    """Decide by rule. `found` are all the checks that are due: what others found before counts no more."""
    check_processable(progress)
    listed = tuple(found)
    checked, events = keep_findings(progress, listed, now, by) if listed else (progress, ())
    checked = replace(checked, findings=listed, validated_at=now)
    judged = judge(checked, now.date())
    verb, decision = _MOVES[judged.action]
    after = replace(move(checked, verb), triggered=judged.triggered, final_decision=decision, processed_at=now)
    facts = {
        "action": judged.action,
        "final_decision": decision,
        "rules": [{"rule": one.rule, "action": one.action} for one in judged.triggered],
        "by": by,
    }
    events += (("kyc.session.processed", facts),)
    if judged.action == "manual_review":
        events += (("kyc.session.manual_review", {"decided_by": None, "from": progress.status, "reopened": False}),)
    return Outcome(after, verb, events, answer=after)


def flags(triggered: Iterable[Triggered]) -> list[dict[str, Any]]:
    """What marks a session for whoever watches it: each rule that flagged it."""
    return [{"rule": one.rule, "reason": one.reason} for one in triggered if one.action == "flag"]
