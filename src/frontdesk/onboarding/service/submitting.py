"""Submitting a step: at once, by asking a bank while the nonce is held, or as work in the background."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from frontdesk.basics.ids import uuid4
from frontdesk.kernel import change as changes
from frontdesk.kernel.vault import digest
from frontdesk.onboarding.model.session import COMPLETED, Journey, Outcome
from frontdesk.onboarding.model.skill import Accepted, Redirected, Refused, Result, Skill, Step, Visit
from frontdesk.onboarding.rules import stepping
from frontdesk.onboarding.rules.redirects import check_target
from frontdesk.onboarding.rules.refusals import External, InvalidField, InvalidNonce, Refusal
from frontdesk.onboarding.service import tokens
from frontdesk.onboarding.service.banks import outside_of, refusal_of
from frontdesk.onboarding.service.needs import (
    Needs,
    Repeat,
    answered,
    good_nonce,
    keep,
    remembered,
    session_of,
    skill_of,
    terms,
)
from frontdesk.onboarding.store import sessions as store
from frontdesk.onboarding.store.sessions import Dossier
from frontdesk.ports.bank import BankFault
from frontdesk.ports.db import Write

PENDING = {"pending": True, "retry_after": stepping.RETRY_SECONDS}


class Submission(msgspec.Struct, frozen=True):
    """A step as it was sent."""

    session_id: str
    client_id: str
    nonce: str
    skill: str
    step: str
    data: Mapping[str, Any]


class Submitted(msgspec.Struct, frozen=True):
    """An accepted step: with the next nonce, or at the end with the token."""

    step_id: str
    status: str
    data: Mapping[str, Any] = msgspec.field(default_factory=dict)
    nonce: str = ""
    temp_token: str = ""


class _Turn(msgspec.Struct, frozen=True):
    """One look at the session, and the step that is due."""

    read: Dossier
    skill: Skill
    step: Step
    visit: Visit
    repeat: Repeat | None


async def submit_step(needs: Needs, sent: Submission, repeat: Repeat | None = None) -> Submitted:
    """Take a step. Raises what section 6 of the reference names, in its order."""

    async def turn() -> Submitted:
        now = needs.clock.now()
        read = await session_of(needs, sent.client_id, sent.session_id)
        earlier = await answered(needs, repeat, read.session.id, now)
        if earlier is not None:
            return msgspec.json.decode(earlier, type=Submitted)
        progress = read.progress
        stepping.check_open(progress, now)
        stepping.check_nonce(progress, sent.nonce, good_nonce(needs, progress), now)
        skill = skill_of(needs, progress)
        try:
            step = stepping.expected_step(progress, skill, sent.skill, sent.step)
            data = needs.skills.checker(skill.name, step.name).check(sent.data)
            if step.kind == "redirect":
                check_target(data["psu_redirect_link"], terms(read.tenant_settings, skill).targets)
        except Refusal as refusal:
            await keep(needs, read, stepping.rejected(progress, refusal))
            raise
        return await _take(needs, _Turn(read, skill, step, _visit(needs, read, data, now), repeat))

    return await changes.again(turn)


def _visit(needs: Needs, read: Dossier, data: Mapping[str, Any], now: datetime) -> Visit:
    progress = read.progress
    step_id = tokens.step_id(progress.session_id)
    return Visit(progress.session_id, progress.user_id, step_id, now, data, progress.values, progress.kept, needs.code)


async def _take(needs: Needs, turn: _Turn) -> Submitted:
    step, visit = turn.step, turn.visit
    if step.later is not None:
        return await _put_off(needs, turn)
    if step.ask is not None:
        return await _asked(needs, turn)
    result = Accepted() if step.act is None else step.act(visit)
    return await _settle(needs, turn, result)


async def _asked(needs: Needs, turn: _Turn) -> Submitted:
    """Hold the nonce, ask outside, then keep the answer if the nonce is still held; or let it go."""
    now, key = needs.clock.now(), turn.visit.step_id
    await keep(needs, turn.read, stepping.claimed(turn.read.progress, key, now))
    state = uuid4()
    outside = outside_of(needs, turn.read, turn.skill, now, state)
    failure: External | None = None
    result: Result = Accepted()
    try:
        assert turn.step.ask is not None
        result = await turn.step.ask(turn.visit, outside)
    except BankFault as fault:
        failure = refusal_of(fault)

    async def finish() -> Submitted:
        read = await store.load(needs.db, needs.vault, turn.read.session.id)
        if read is None:
            raise InvalidNonce
        stepping.check_claim(read.progress, key, needs.clock.now())
        if failure is not None:
            await keep(needs, read, stepping.released(read.progress, failure.code))
            raise failure
        return await _settle(needs, replace(turn, read=read), result, state)

    return await changes.again(finish)


async def _settle(needs: Needs, turn: _Turn, result: Result, state: str = "") -> Submitted:
    read, visit, step = turn.read, turn.visit, turn.step
    if isinstance(result, Refused):
        refusal = InvalidField(f"data.{result.field}", result.expected)
        released = replace(read.progress, claim=None)
        await keep(needs, read, stepping.rejected(released, refusal))
        raise refusal
    if isinstance(result, Redirected):
        until = visit.now + stepping.JOURNEY_LASTS_FOR
        journey = Journey(digest(state), until, result.target, result.reference, visit.step_id)
        outcome = stepping.sent_away(read.progress, step, journey, needs.clock.now(), visit.data)
        data = {"method": result.method, "url": result.url, "headers": dict(result.headers)}
        return await _answer(needs, turn, outcome, visit.step_id, data)
    outcome = stepping.accepted(
        read.progress, turn.skill, step, result, needs.clock.now(), step_id=visit.step_id, data=visit.data
    )
    return await _answer(needs, turn, outcome, visit.step_id, result.data)


async def _put_off(needs: Needs, turn: _Turn) -> Submitted:
    """Begin background work, ask after it, or tell how it ended."""
    progress, now = turn.read.progress, needs.clock.now()
    offline = progress.offline
    if offline is None:
        outcome = stepping.put_off(progress, turn.step, turn.visit.step_id, turn.visit.data, now)
        return await _answer(needs, turn, outcome, turn.visit.step_id, PENDING)
    if not offline.ended:
        return await _answer(needs, turn, stepping.asked_again(progress, now), offline.step_id, PENDING)
    known = replace(turn, visit=replace(turn.visit, step_id=offline.step_id, data=offline.data))
    if offline.refused:
        # Told once: what is submitted next is a new try.
        renewed = replace(turn.read, progress=replace(progress, offline=None))
        return await _settle(needs, replace(known, read=renewed), Refused(*offline.refused))
    return await _settle(needs, known, Accepted(offline.outcome, offline.kept))


async def _answer(needs: Needs, turn: _Turn, outcome: Outcome, step_id: str, data: Mapping[str, Any]) -> Submitted:
    """Keep the outcome, and its answer for whoever repeats the request."""
    after = outcome.progress
    if after.status == COMPLETED:
        token = tokens.temp_token(needs.vault, after.session_id)
        submitted = Submitted(step_id, after.status, data, temp_token=token)
    else:
        submitted = Submitted(step_id, after.status, data, good_nonce(needs, after))
    writes: tuple[Write, ...] = ()
    if turn.repeat is not None:
        encoded = msgspec.json.encode(submitted)
        writes = remembered(needs, turn.repeat, after.session_id, encoded, needs.clock.now())
    await keep(needs, turn.read, outcome, writes=writes)
    return submitted


async def work(needs: Needs, session_id: str, run: int) -> None:
    """The job: do the background work of a step, unless nobody waits for it any more."""
    read = await store.load(needs.db, needs.vault, session_id)
    now = needs.clock.now()
    if read is None or read.progress.offline is None or not stepping.is_wanted(read.progress, run, now):
        return
    skill = skill_of(needs, read.progress)
    [step] = [one for one in stepping.stage(read.progress, skill) if one.later is not None]
    offline = read.progress.offline
    visit = replace(_visit(needs, read, offline.data, now), step_id=offline.step_id)
    assert step.later is not None
    result = await step.later(visit, outside_of(needs, read, skill, now, ""))
    if isinstance(result, Redirected):
        raise TypeError(f"The step {step.name} of {skill.name} sends nobody anywhere: it works in the background")
    done = result

    async def turn() -> None:
        again = await store.load(needs.db, needs.vault, session_id)
        outcome = None if again is None else stepping.worked(again.progress, run, done, needs.clock.now())
        if again is not None and outcome is not None:
            await keep(needs, again, outcome)

    await changes.again(turn)
