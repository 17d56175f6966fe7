"""Processing: keeping what checks found, and deciding a session by its workflow's rules."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, ClassVar

from frontdesk.kyc.model.findings import CHECKS, Finding, Triggered
from frontdesk.kyc.model.records import replace
from frontdesk.kyc.model.session import LIFECYCLE, Note, Outcome, Progress
from frontdesk.kyc.rules.automation import judge
from frontdesk.kyc.rules.papers import missing_types, papers
from frontdesk.kyc.rules.refusals import Invalid
from frontdesk.kyc.rules.steps import StatusForbids, move, visible_steps

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
    """The checks that were asked for; else those that the workflow switches on, and its papers if it has any."""
    if asked is not None:
        unknown = [one for one in asked if one not in CHECKS]
        if unknown or not asked:
            raise ChecksInvalid("checks must be a list of " + ", ".join(CHECKS))
        return tuple(one for one in CHECKS if one in asked)
    config = progress.definition.validation_config
    wanted = {
        "lists": config.run_lists,
        "crypto": config.run_crypto,
        "adverse_media": config.run_adverse_media,
        "liveness": any(step.type == "liveness" for step in visible_steps(progress)),
        "face_match": config.auto_face_match,
        "face_dedup": dedup_of(progress) is not None,
        "documents": bool(papers(progress) or missing_types(progress)),
    }
    return tuple(one for one in CHECKS if wanted[one])


def dedup_of(progress: Progress) -> dict[str, Any] | None:
    """How to look for the same face in other sessions; None unless the workflow asks for it."""
    rules = progress.definition.validation_config.automation_rules
    wanted = None if rules is None else rules.face_dedup
    return wanted if wanted is not None and wanted["enabled"] else None


def check_processable(progress: Progress) -> None:
    """Raises `StatusForbids`."""
    if not LIFECYCLE.allows(progress.status, "process_undecided"):
        raise StatusForbids(f"This is not possible while the status is {progress.status}")


def record_findings(progress: Progress, found: Iterable[Finding], now: datetime, by: str | None) -> Outcome:
    """Keep findings; those of other checks stay. The answer is the session."""
    listed = tuple(found)
    after = _with_findings(progress, listed, now)
    return Outcome(after, events=(_validated(listed, by),), answer=after)


def settle(progress: Progress, found: Iterable[Finding], now: datetime, by: str | None) -> Outcome:
    """Decide by rule. `found` are all the checks that are due: what others found before counts no more."""
    check_processable(progress)
    listed = tuple(found)
    checked = replace(_with_findings(progress, listed, now), findings=listed)
    judged = judge(checked, now.date())
    verb, decision = _MOVES[judged.action]
    after = replace(move(checked, verb), triggered=judged.triggered, final_decision=decision, processed_at=now)
    facts = {
        "action": judged.action,
        "final_decision": decision,
        "rules": [{"rule": one.rule, "action": one.action} for one in judged.triggered],
        "by": by,
    }
    events: list[Note] = [_validated(listed, by)] if listed else []
    events.append(("kyc.session.processed", facts))
    if judged.action == "manual_review":
        events.append(("kyc.session.manual_review", {"decided_by": None, "from": progress.status, "reopened": False}))
    return Outcome(after, verb, tuple(events), answer=after)


def flags(triggered: Iterable[Triggered]) -> list[dict[str, Any]]:
    """What marks a session for whoever watches it: each rule that flagged it."""
    return [{"rule": one.rule, "reason": one.reason} for one in triggered if one.action == "flag"]


def _with_findings(progress: Progress, found: tuple[Finding, ...], now: datetime) -> Progress:
    known = {one.check: one for one in (*progress.findings, *found)}
    ordered = tuple(known[check] for check in CHECKS if check in known)
    return replace(progress, findings=ordered, validated_at=now)


def _validated(found: tuple[Finding, ...], by: str | None) -> Note:
    return "kyc.validated", {"checks": {one.check: one.status for one in found}, "by": by}
