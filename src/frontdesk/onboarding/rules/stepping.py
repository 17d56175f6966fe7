"""Walking a skill: whose turn it is, what a submission makes of the session, and when enough is enough."""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from frontdesk.basics.errors import Problem
from frontdesk.onboarding.model.session import (
    COMPLETED,
    EXPIRED,
    FAILED,
    IN_PROGRESS,
    OPEN,
    Claim,
    Journey,
    Note,
    Offline,
    Outcome,
    Pass,
    Progress,
    Taken,
)
from frontdesk.onboarding.model.skill import Accepted, Refused, Skill, Step
from frontdesk.onboarding.rules.refusals import (
    ExpiredNonce,
    InvalidNonce,
    InvalidSession,
    InvalidSkill,
    InvalidStep,
    MissingFields,
    UnusableReturn,
)

NONCE_LIVES_FOR = timedelta(minutes=30)
PASS_LIVES_FOR = timedelta(minutes=30)
JOURNEY_LASTS_FOR = timedelta(minutes=60)
CLAIM_HOLDS_FOR = timedelta(seconds=60)
"""Longer than any call to a bank may take."""
MOST_REJECTIONS = 10
RETRY_SECONDS = 30


def status_at(progress: Progress, now: datetime) -> str:
    """The status as time has it: the sweeper may not have written it yet."""
    return EXPIRED if progress.status in OPEN and progress.expires_at <= now else progress.status


def check_open(progress: Progress, now: datetime) -> None:
    """Raises `InvalidSession` for a final or expired session."""
    status = status_at(progress, now)
    if status not in OPEN:
        raise InvalidSession(f"This session takes no more steps: {status}")


def check_nonce(progress: Progress, given: str, good: str, now: datetime) -> None:
    """Whether `given` is the nonce of the next step. Raises `InvalidNonce`, `ExpiredNonce`."""
    if not hmac.compare_digest(given.encode(), good.encode()):
        raise InvalidNonce
    if progress.nonce_until <= now:
        raise ExpiredNonce
    if progress.claim is not None and progress.claim.until > now:
        raise InvalidNonce


def stage(progress: Progress, skill: Skill) -> tuple[Step, ...]:
    """The steps that may come next; none when all were taken."""
    return skill.stages[progress.place] if progress.place < len(skill.stages) else ()


def expected_step(progress: Progress, skill: Skill, named: str, step: str) -> Step:
    """The step that is submitted, if it is its turn. Raises `InvalidSkill`, `InvalidStep`, `MissingFields`."""
    if named != progress.skill:
        raise InvalidSkill("skill is not that of this session")
    found = next((one for one in stage(progress, skill) if one.name == step), None)
    if found is None:
        names = " or ".join(one.name for one in stage(progress, skill))
        raise InvalidStep(f"step: expected {names}")
    # While a step may be taken again its files are those of the newest try, which it may still be waiting for.
    missing = [] if _goes_on(progress, found) else missing_uploads(progress, skill)
    if missing:
        raise MissingFields(missing)
    return found


def _goes_on(progress: Progress, step: Step) -> bool:
    return bool(progress.taken) and progress.taken[-1].step == step.name


def missing_uploads(progress: Progress, skill: Skill) -> list[str]:
    """The required slots of the last accepted step that hold no file."""
    if not progress.taken:
        return []
    last = progress.taken[-1]
    declared = skill.step(last.step)
    held = {one.name for one in last.uploads}
    return [one.name for one in (declared.uploads if declared else ()) if one.required and one.name not in held]


def rejected(progress: Progress, refusal: Problem) -> Outcome:
    """A submission with a good nonce was turned down: it counts, and one too many ends the session."""
    counted = replace(progress, rejections=progress.rejections + 1)
    told: Note = ("onboarding.step_refused", {"code": refusal.code})
    if counted.rejections < MOST_REJECTIONS:
        return Outcome(counted, None, (told,), refusal=refusal)
    ended = replace(failed(counted), verb="fail")
    return replace(ended, events=(told, *ended.events), refusal=refusal)


def failed(progress: Progress) -> Outcome:
    """The session ends without a result, and forgets what it was told."""
    after = replace(emptied(progress), status=FAILED)
    return Outcome(after, "fail", (("onboarding.session_failed", {}),))


def emptied(progress: Progress) -> Progress:
    """The session without anything that it was told or given."""
    bare = tuple(replace(one, uploads=()) for one in progress.taken)
    return replace(
        progress,
        taken=bare,
        values={},
        kept={},
        claim=None,
        journey=None,
        offline=None,
        token=None,
        serial=progress.serial + 1,
    )


def claimed(progress: Progress, key: str, now: datetime) -> Outcome:
    """Hold the nonce while somebody outside is asked."""
    return Outcome(replace(progress, claim=Claim(key, now + CLAIM_HOLDS_FOR)))


def released(progress: Progress, code: str) -> Outcome:
    """Let the nonce go again: the bank did not do it, and the user may try once more."""
    return Outcome(replace(progress, claim=None), None, (("onboarding.bank_failed", {"code": code}),))


def check_claim(progress: Progress, key: str, now: datetime) -> None:
    """Whether the claim is still held. Raises `InvalidSession`, `InvalidNonce`."""
    check_open(progress, now)
    if progress.claim is None or progress.claim.key != key:
        raise InvalidNonce


def accepted(
    progress: Progress,
    skill: Skill,
    step: Step,
    result: Accepted,
    now: datetime,
    *,
    step_id: str,
    data: Mapping[str, Any],
) -> Outcome:
    """The step is taken: the next nonce, or the end with its token."""
    after = replace(
        _taken(progress, step, step_id, data, now),
        place=progress.place + 1,
        kept={**progress.kept, **result.keep},
        journey=None,
        offline=None,
    )
    told: Note = ("onboarding.step_accepted", {"step": step.name, "step_id": step_id})
    if after.place < len(skill.stages):
        return Outcome(replace(after, status=IN_PROGRESS), "advance", (told,))
    return _completed(after, (told,), now)


def _completed(progress: Progress, events: tuple[Note, ...], now: datetime) -> Outcome:
    until = now + PASS_LIVES_FOR
    after = replace(progress, status=COMPLETED, token=Pass(until), expires_at=until, journey=None, claim=None)
    return Outcome(after, "complete", (*events, ("onboarding.session_completed", {})))


def _taken(progress: Progress, step: Step, step_id: str, data: Mapping[str, Any], now: datetime) -> Progress:
    """The step on record, and a fresh nonce."""
    earlier = progress.step_taken(step_id)
    uploads = earlier.uploads if earlier is not None else ()
    taken = Taken(step_id, step.name, now, progress.serial, progress.nonce_until, uploads)
    before = progress.taken[:-1] if _goes_on(progress, step) else progress.taken
    return replace(
        progress,
        taken=(*before, taken),
        values={**progress.values, step.name: dict(data)},
        serial=progress.serial + 1,
        nonce_until=now + NONCE_LIVES_FOR,
        rejections=0,
        claim=None,
    )


def sent_away(progress: Progress, step: Step, journey: Journey, now: datetime, data: Mapping[str, Any]) -> Outcome:
    """The user goes to a bank; the nonce allows the same step again, for who closed the bank's page."""
    after = _taken(progress, step, journey.step_id, data, now)
    told: Note = ("onboarding.step_accepted", {"step": step.name, "step_id": journey.step_id})
    return Outcome(replace(after, status=IN_PROGRESS, journey=journey), "advance", (told,))


def put_off(progress: Progress, step: Step, step_id: str, data: Mapping[str, Any], now: datetime) -> Outcome:
    """The step is worked on in the background; the nonce asks for the same step again."""
    run = progress.runs + 1
    after = _taken(progress, step, step_id, data, now)
    offline = Offline(step_id, run, dict(data))
    events: tuple[Note, ...] = (("onboarding.step_put_off", {"step": step.name, "step_id": step_id}),)
    jobs: tuple[Note, ...] = (("onboarding.work", {"run": run}),)
    return Outcome(replace(after, status=IN_PROGRESS, offline=offline, runs=run), "advance", events, jobs)


def asked_again(progress: Progress, now: datetime) -> Outcome:
    """The step is still worked on: the same answer, with a fresh nonce."""
    after = replace(progress, serial=progress.serial + 1, nonce_until=now + NONCE_LIVES_FOR, rejections=0)
    return Outcome(after)


def is_wanted(progress: Progress, run: int, now: datetime) -> bool:
    """Whether this run of background work is still to be done."""
    offline = progress.offline
    return offline is not None and offline.run == run and not offline.ended and status_at(progress, now) in OPEN


def worked(progress: Progress, run: int, result: Accepted | Refused, now: datetime) -> Outcome | None:
    """The background work has ended; whoever submits the step again is told how. None when nobody waits for it."""
    offline = progress.offline
    if offline is None or not is_wanted(progress, run, now):
        return None
    if isinstance(result, Refused):
        done = replace(offline, ended=True, refused=(result.field, result.expected))
    else:
        done = replace(offline, ended=True, outcome=dict(result.data), kept=dict(result.keep))
    return Outcome(replace(progress, offline=done), None, (("onboarding.step_worked", {"step_id": offline.step_id}),))


def coming_back(progress: Progress, key: str, now: datetime) -> Outcome:
    """What came back is used up, before the bank is asked about it. Raises `UnusableReturn`."""
    journey = progress.journey
    busy = progress.claim is not None and progress.claim.until > now
    if journey is None or not journey.state or journey.until <= now or status_at(progress, now) not in OPEN or busy:
        raise UnusableReturn
    used = replace(journey, state=b"")
    return Outcome(replace(progress, journey=used, claim=Claim(key, now + CLAIM_HOLDS_FOR)))


def came_back(progress: Progress, result: Accepted, now: datetime) -> Outcome:
    """The bank has granted it: the session ends with its token, and the nonce dies."""
    after = replace(
        progress,
        kept={**progress.kept, **result.keep},
        place=progress.place + 1,
        serial=progress.serial + 1,
    )
    return _completed(after, (), now)


def resumed(progress: Progress, now: datetime) -> Outcome:
    """A fresh nonce in place of the present one. Raises `InvalidSession`."""
    check_open(progress, now)
    after = replace(progress, serial=progress.serial + 1, nonce_until=now + NONCE_LIVES_FOR, rejections=0, claim=None)
    return Outcome(after, None, (("onboarding.session_resumed", {}),))
