"""Attempts at proving presence: who may begin one, which pictures it takes, and who may have it judged."""

from datetime import datetime, timedelta
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from frontdesk.kyc.model.definition import Step
from frontdesk.kyc.model.liveness import LIVENESS_LIFECYCLE, KeptImage, LivenessAnswer, LivenessAttempt, LivenessConfig
from frontdesk.kyc.model.session import Note, Outcome, Progress
from frontdesk.kyc.rules.refusals import Conflicting, Forbidden, Invalid
from frontdesk.kyc.rules.steps import (
    all_completed,
    check_order,
    find_editable_step,
    is_required,
    move,
    next_step_id,
    touch,
)

MOST_FRAMES = 60
LARGEST_FRAME = 1024 * 1024
LARGEST_FRAMES = 16 * 1024 * 1024
"""Bytes of one picture, and of all pictures of an attempt together."""
LATEST_MS = 180_000
GRACE = timedelta(seconds=10)
"""How much longer than the challenge the pictures may be on their way, by our own clock."""
JUDGING_LIVES_FOR = timedelta(minutes=1)
"""Who has begun to ask the provider and not ended by then has died; another may ask."""


class NoLivenessStep(Invalid):
    """The step proves no presence."""

    reason: ClassVar[str] = "no_liveness_step"

    def __init__(self) -> None:
        super().__init__("This is not a liveness step")


class AttemptsUsedUp(Forbidden):
    """The step has no attempts left."""

    reason: ClassVar[str] = "liveness_attempts_used_up"

    def __init__(self) -> None:
        super().__init__("No liveness attempts are left")


class AttemptNotFound(Invalid):
    """The session has no such attempt."""

    reason: ClassVar[str] = "liveness_not_found"

    def __init__(self) -> None:
        super().__init__("Liveness session not found")


class AttemptUnfinished(Invalid):
    """The provider has not finished: the customer is still at it."""

    reason: ClassVar[str] = "liveness_unfinished"

    def __init__(self) -> None:
        super().__init__("The liveness check is not finished yet")


class JudgingUnderWay(Conflicting):
    """Somebody else is asking the provider at this moment."""

    reason: ClassVar[str] = "liveness_judging_under_way"


class JudgingLost(Conflicting):
    """The attempt was given up, or somebody else has taken over."""

    reason: ClassVar[str] = "liveness_judging_lost"


class FrameRefused(Invalid):
    """The picture is not one of this challenge."""

    reason: ClassVar[str] = "frame_refused"


class FramesClosed(Forbidden):
    """The attempt takes no pictures any more."""

    reason: ClassVar[str] = "frames_closed"


class Judging(msgspec.Struct, frozen=True):
    """Leave to ask the provider once, for `run`."""

    attempt: LivenessAttempt
    run: int


def liveness_step(progress: Progress, step_id: str) -> Step:
    """The liveness step of that id, if it may be edited now. Raises `StepNotFound`, `StepNotEditable`."""
    step = find_editable_step(progress, step_id)
    if step.liveness_config is None:
        raise NoLivenessStep
    return step


def config_of(step: Step) -> LivenessConfig:
    """What the step asks for."""
    return step.liveness_config or LivenessConfig()


def counted(progress: Progress, step_id: str) -> tuple[LivenessAttempt, ...]:
    """The attempts that count: those begun since the step was last sent back."""
    asked = [one.created_at for one in progress.corrections if one.step_id == step_id]
    since = max(asked, default=None)
    return tuple(
        one for one in progress.liveness if one.step_id == step_id and (since is None or one.created_at >= since)
    )


def passed(progress: Progress, step_id: str) -> bool:
    """Whether presence was proved since the step was last sent back."""
    return any(one.status == "passed" for one in counted(progress, step_id))


def attempts_left(progress: Progress, step: Step) -> int:
    """How many more attempts may be begun."""
    return max(0, 1 + config_of(step).max_retries - len(counted(progress, step.step_id)))


def status_at(attempt: LivenessAttempt, now: datetime) -> str:
    """The status that time has decided, whether somebody wrote it down or not."""
    over = attempt.status == LIVENESS_LIFECYCLE.start and attempt.judging_since is None and now >= attempt.expires_at
    return LIVENESS_LIFECYCLE.move(attempt.status, "expire") if over else attempt.status


def check_start(progress: Progress, step_id: str, now: datetime) -> Outcome | None:
    """Whether an attempt may begin. Raises what needs no trace; an outcome is to be kept, and holds the refusal."""
    step = liveness_step(progress, step_id)
    check_order(progress, step)
    if attempts_left(progress, step):
        return None
    if any(status_at(one, now) == LIVENESS_LIFECYCLE.start for one in counted(progress, step_id)):
        raise AttemptsUsedUp
    after, events = _lapse(progress, step_id, now, "expired")
    after, verb, more = exhaust(after, step)
    if verb is None and not events:
        raise AttemptsUsedUp
    return Outcome(after, verb, (*events, *more), refusal=AttemptsUsedUp())


def begin_attempt(progress: Progress, attempt: LivenessAttempt, now: datetime) -> Outcome:
    """Keep a new attempt; an earlier one that is still open is given up. The answer is the attempt.

    Given-up attempts count: whoever could ask for challenges without end would wait for one that he has a film of.
    """
    refused = check_start(progress, attempt.step_id, now)
    if refused is not None:
        return refused
    after, dropped = _lapse(progress, attempt.step_id, now, "given_up")
    after, touched = touch(after.with_attempt(attempt), attempt.step_id, now)
    begun: Note = ("kyc.liveness_started", facts(attempt))
    return Outcome(after, events=(*touched, *dropped, begun), answer=attempt)


def check_frame(progress: Progress, liveness_session_id: str, at_ms: int, now: datetime) -> LivenessAttempt:
    """The attempt that takes a picture of that moment now. Raises all that needs no look at the bytes."""
    attempt = find_attempt(progress, liveness_session_id)
    liveness_step(progress, attempt.step_id)
    if not attempt.own:
        raise FrameRefused("This liveness session takes no frames")
    if attempt.status != LIVENESS_LIFECYCLE.start or attempt.judging_since is not None or now >= attempt.expires_at:
        raise FramesClosed("This liveness session takes no more frames")
    received = [one.received_at for one in attempt.frames if one.received_at is not None]
    if received and now >= min(received) + timedelta(seconds=attempt.seconds) + GRACE:
        raise FramesClosed("The time of this challenge is over")
    if not 0 <= at_ms <= LATEST_MS:
        raise FrameRefused(f"at_ms must be a whole number from 0 to {LATEST_MS}")
    return attempt


def add_frame(progress: Progress, liveness_session_id: str, frame: KeptImage, now: datetime) -> Outcome:
    """Keep a picture of the camera. The answer is how many there are; the same picture again changes nothing."""
    attempt = check_frame(progress, liveness_session_id, frame.at_ms, now)
    known = next((one for one in attempt.frames if one.at_ms == frame.at_ms), None)
    if known is not None and known.sha256 == frame.sha256:
        return Outcome(progress, answer=len(attempt.frames), changed=False)
    if known is not None:
        raise FrameRefused("There is another frame of this moment already")
    if len(attempt.frames) >= MOST_FRAMES:
        raise FrameRefused(f"At most {MOST_FRAMES} frames are taken")
    if sum(one.size for one in attempt.frames) + frame.size > LARGEST_FRAMES:
        raise FrameRefused(f"The frames together are larger than {LARGEST_FRAMES} bytes")
    after = replace(attempt, frames=(*attempt.frames, replace(frame, received_at=now)))
    return Outcome(progress.with_attempt(after), answer=len(after.frames))


def claim_judging(progress: Progress, liveness_session_id: str, now: datetime) -> Outcome:
    """The answer is the `LivenessAnswer` that was given before, or a `Judging` that is committed first.

    Raises `JudgingUnderWay` while somebody else is at it.
    """
    attempt = find_attempt(progress, liveness_session_id)
    if attempt.status != LIVENESS_LIFECYCLE.start:
        return Outcome(progress, answer=attempt.answer or failed_answer(progress, attempt.step_id), changed=False)
    liveness_step(progress, attempt.step_id)
    since = attempt.judging_since
    if since is not None and now < since + JUDGING_LIVES_FOR:
        raise JudgingUnderWay("The liveness check is being judged: ask again in a moment")
    claimed = replace(attempt, judging_run=attempt.judging_run + 1, judging_since=now)
    return Outcome(progress.with_attempt(claimed), answer=Judging(claimed, claimed.judging_run))


def release_judging(progress: Progress, liveness_session_id: str, run: int) -> Outcome:
    """Give a claim back: the provider has not finished, or could not be reached. Raises `JudgingLost`."""
    attempt = judged_by(progress, liveness_session_id, run)
    return Outcome(progress.with_attempt(replace(attempt, judging_since=None)))


def judged_by(progress: Progress, liveness_session_id: str, run: int) -> LivenessAttempt:
    """The attempt, if this run still has the claim. Raises `JudgingLost`."""
    attempt = find_attempt(progress, liveness_session_id)
    if attempt.status != LIVENESS_LIFECYCLE.start or attempt.judging_run != run or attempt.judging_since is None:
        raise JudgingLost("Another call has taken the place of this one")
    return attempt


def exhaust(progress: Progress, step: Step) -> tuple[Progress, str | None, tuple[Note, ...]]:
    """The session's own move, when a required step that is not done has no attempts left: a person looks at it."""
    state = progress.step(step.step_id)
    if attempts_left(progress, step) or state.status == "completed" or progress.status != "active":
        return progress, None, ()
    if not is_required(progress, step):
        return progress, None, ()
    verb = "exhaust_liveness"
    moved: Note = ("kyc.session.manual_review", {"decided_by": None, "from": progress.status, "reopened": False})
    return move(progress, verb), verb, (("kyc.liveness_exhausted", {"step_id": step.step_id}), moved)


def failed_answer(progress: Progress, step_id: str) -> LivenessAnswer:
    """What the customer is told of an attempt that has proved nothing."""
    step = progress.definition.find_step(step_id)
    again = step is not None and attempts_left(progress, step) > 0
    return LivenessAnswer(
        passed=False,
        confidence=None,
        reference_image_key=None,
        step_completed=False,
        session_completed=all_completed(progress),
        next_step_id=next_step_id(progress),
        message="Liveness check failed: please try again" if again else "Liveness check failed",
    )


def find_attempt(progress: Progress, liveness_session_id: str) -> LivenessAttempt:
    """Raises `AttemptNotFound`."""
    attempt = progress.attempt(liveness_session_id)
    if attempt is None:
        raise AttemptNotFound
    return attempt


def pictures(attempt: LivenessAttempt) -> dict[str, KeptImage]:
    """The pictures that staff may see, by name: `reference`, `audit-1` and so on."""
    named = {} if attempt.reference is None else {"reference": attempt.reference}
    return named | {f"audit-{number}": one for number, one in enumerate(attempt.audit, 1)}


def facts(attempt: LivenessAttempt) -> dict[str, str]:
    """What the log says of an attempt."""
    return {
        "step_id": attempt.step_id,
        "liveness_session_id": attempt.liveness_session_id,
        "provider": attempt.provider,
    }


def _lapse(progress: Progress, step_id: str, now: datetime, reason: str) -> tuple[Progress, tuple[Note, ...]]:
    events: list[Note] = []
    for one in progress.liveness:
        if one.step_id == step_id and one.status == LIVENESS_LIFECYCLE.start:
            why = "expired" if now >= one.expires_at else reason
            progress, note = lapsed(progress, one, why, now)
            events.append(note)
    return progress, tuple(events)


def lapsed(progress: Progress, attempt: LivenessAttempt, reason: str, now: datetime) -> tuple[Progress, Note]:
    """The attempt is over without a result; its pictures are given up."""
    ended = replace(
        attempt,
        status=LIVENESS_LIFECYCLE.move(attempt.status, "expire"),
        judging_since=None,
        finished_at=now,
        reason=reason,
        frames=(),
    )
    return progress.with_attempt(ended), ("kyc.liveness_expired", {**facts(attempt), "reason": reason})
