"""Validation steps: which checks they run, when they are due again, and what a check that does not pass leads to."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from frontdesk.kyc.model.definition import Step
from frontdesk.kyc.model.findings import CHECKS, Finding, Triggered
from frontdesk.kyc.model.session import STEP_LIFECYCLE, Note, Progress
from frontdesk.kyc.rules.papers import missing_types, papers
from frontdesk.kyc.rules.steps import view, visible_steps

PASSING = frozenset({"clear", "passed"})
"""Everything else did not pass: a check that was skipped has shown nothing."""
_STEPS = "steps."


def switched_on(progress: Progress) -> tuple[str, ...]:
    """The checks that the workflow's `validation_config` wants, and its papers if it has any."""
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


def checks_of(progress: Progress, step: Step) -> tuple[str, ...]:
    """What a validation step runs."""
    return tuple(one for one in CHECKS if one in step.checks) if step.checks else switched_on(progress)


def checks_of_steps(progress: Progress) -> set[str]:
    """What the validation steps that this customer sees run."""
    return {check for step in view(progress).validations for check in checks_of(progress, step)}


def keep_findings(
    progress: Progress, found: Iterable[Finding], now: datetime, by: str | None
) -> tuple[Progress, tuple[Note, ...]]:
    """Keep findings; those of other checks stay."""
    listed = tuple(found)
    known = {one.check: one for one in (*progress.findings, *listed)}
    ordered = tuple(known[check] for check in CHECKS if check in known)
    facts = {"checks": {one.check: one.status for one in listed}, "by": by}
    return replace(progress, findings=ordered, validated_at=now), (("kyc.validated", facts),)


def verdicts(progress: Progress) -> tuple[Triggered, ...]:
    """What completed validation steps say: each check of theirs that did not pass, with the step's `on_fail`."""
    return tuple(
        Triggered(f"{_STEPS}{step.step_id}.{check}", step.on_fail or "flag", found.status)
        for step in view(progress).validations
        if progress.step(step.step_id).completed_at is not None
        for check in checks_of(progress, step)
        if (found := progress.finding(check)) is not None and found.status not in PASSING
    )


def wants_a_person(progress: Progress) -> bool:
    """Whether a validation step leaves the session to a person."""
    return any(one.action == "manual_review" for one in verdicts(progress))


def with_verdicts(progress: Progress) -> Progress:
    """The session with what its validation steps say now, beside what rules said."""
    if not (progress.triggered or view(progress).validations):
        return progress
    others = tuple(one for one in progress.triggered if not one.rule.startswith(_STEPS))
    told = (*others, *verdicts(progress))
    return progress if told == progress.triggered else replace(progress, triggered=told)


def reopen_stale(progress: Progress) -> tuple[Progress, tuple[Note, ...]]:
    """Make validation steps due again that ran before something they look at was changed."""
    events: list[Note] = []
    if progress.status != "active":
        return progress, ()
    for step in view(progress).validations:
        state = progress.step(step.step_id)
        if state.status == "completed" and state.completed_at and _changed_since(progress, step, state.completed_at):
            due = replace(state, status=STEP_LIFECYCLE.move(state.status, "become_due"))
            progress = progress.with_step(due)
            events.append(("kyc.step_reopened", {"step_id": step.step_id}))
    return progress, tuple(events)


def _changed_since(progress: Progress, step: Step, ran_at: datetime) -> bool:
    earlier = {one.step_id for one in progress.definition.steps if one.order < step.order and one.type != "validation"}
    return any(
        at is not None and at > ran_at
        for at in (
            *(progress.step(step_id).completed_at for step_id in earlier),
            *(one.uploaded_at for one in progress.documents if one.current and one.step_id in earlier),
        )
    )
