"""What a judged liveness attempt makes of its step and its session."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from frontdesk.kyc.model.definition import Step
from frontdesk.kyc.model.liveness import LIVENESS_LIFECYCLE, KeptImage, LivenessAnswer, LivenessAttempt
from frontdesk.kyc.model.session import Note, Outcome, Progress, StepAnswer
from frontdesk.kyc.rules.completion import complete_step
from frontdesk.kyc.rules.liveness import (
    AttemptUnfinished,
    config_of,
    exhaust,
    facts,
    failed_answer,
    judged_by,
    lapsed,
    liveness_step,
)
from frontdesk.kyc.rules.steps import OutOfOrder, all_completed, next_step_id

PENDING, SUCCEEDED, EXPIRED = "pending", "succeeded", "expired"


class Judged(msgspec.Struct, frozen=True):
    """What the provider said of an attempt. `state` is `pending`, `succeeded`, `failed` or `expired`; pictures are
    those that were kept."""

    state: str
    label: str
    confidence: float | None = None
    reason: str | None = None
    reference: KeptImage | None = None
    audit: tuple[KeptImage, ...] = ()


def passes(step: Step, judged: Judged) -> bool:
    """Whether presence is proved: the provider is sure enough for this step."""
    sure = judged.confidence is not None and judged.confidence >= config_of(step).min_confidence
    return judged.state == SUCCEEDED and sure


def finish_attempt(progress: Progress, liveness_session_id: str, run: int, judged: Judged, now: datetime) -> Outcome:
    """Keep the result, and see what follows. The answer is a `LivenessAnswer`. Raises `JudgingLost` for a claim that
    is lost, and `AttemptUnfinished` while the provider is not done."""
    attempt = judged_by(progress, liveness_session_id, run)
    step = liveness_step(progress, attempt.step_id)
    if judged.state == PENDING and now < attempt.expires_at:
        raise AttemptUnfinished
    if judged.state in (PENDING, EXPIRED):
        after, note = lapsed(progress, replace(attempt, label=judged.label), "expired", now)
        return _unpassed(after, step, attempt, (note,))
    won = passes(step, judged)
    ended = replace(
        attempt,
        status=LIVENESS_LIFECYCLE.move(attempt.status, "pass" if won else "fail"),
        judging_since=None,
        finished_at=now,
        frames=(),
        label=judged.label,
        confidence=judged.confidence,
        reason=None if won else judged.reason or ("low_confidence" if judged.state == SUCCEEDED else "failed"),
        reference=judged.reference if won and config_of(step).save_reference_image else None,
        audit=judged.audit,
    )
    after = progress.with_attempt(ended)
    told = {**facts(ended), "label": judged.label}
    if won:
        return _passed(after, ended, ("kyc.liveness_passed", told), now)
    return _unpassed(after, step, ended, (("kyc.liveness_failed", {**told, "reason": ended.reason or ""}),))


def _passed(progress: Progress, attempt: LivenessAttempt, note: Note, now: datetime) -> Outcome:
    """Passing completes the step, unless an earlier one has become due meanwhile: then the pass waits for it."""
    try:
        done = complete_step(progress, attempt.step_id, None, now)
    except OutOfOrder:
        done = Outcome(progress, changed=False)
    step_answer: StepAnswer | None = done.answer
    answer = LivenessAnswer(
        passed=True,
        confidence=attempt.confidence,
        reference_image_key=None if attempt.reference is None else attempt.image_key,
        step_completed=step_answer is not None,
        session_completed=all_completed(done.progress) if step_answer is None else step_answer.session_completed,
        next_step_id=next_step_id(done.progress) if step_answer is None else step_answer.next_step_id,
        message="Liveness check passed",
    )
    return replace(
        done,
        progress=done.progress.with_attempt(replace(attempt, answer=answer)),
        events=(note, *done.events),
        answer=answer,
        changed=True,
    )


def _unpassed(progress: Progress, step: Step, attempt: LivenessAttempt, events: tuple[Note, ...]) -> Outcome:
    after, verb, more = exhaust(progress, step)
    answer = failed_answer(after, step.step_id)
    kept = after.attempt(attempt.liveness_session_id)
    if kept is not None:
        after = after.with_attempt(replace(kept, answer=answer))
    return Outcome(after, verb, (*events, *more), answer=answer)
