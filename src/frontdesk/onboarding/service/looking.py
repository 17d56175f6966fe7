"""Where a session stands, a fresh nonce for one that was interrupted, and the list of skills."""

from datetime import datetime

import msgspec

from frontdesk.kernel import change as changes
from frontdesk.onboarding.model.session import OPEN, Taken
from frontdesk.onboarding.model.skill import Skill
from frontdesk.onboarding.rules import stepping
from frontdesk.onboarding.service.needs import (
    Needs,
    Repeat,
    answered,
    check_app_key,
    client_of,
    good_nonce,
    keep,
    remembered,
    session_of,
    skill_of,
    terms,
    with_secret,
)


class Standing(msgspec.Struct, frozen=True):
    """A session as its tenant's server sees it."""

    session_id: str
    skill: str
    status: str
    next_step: str | None
    steps: tuple[Taken, ...]
    expires_at: datetime


class Resumed(msgspec.Struct, frozen=True):
    """The fresh nonce."""

    session_id: str
    status: str
    next_step: str | None
    nonce: str


async def look(needs: Needs, client_id: str, client_secret: str, session_id: str) -> Standing:
    """Where the session stands. Raises `WrongSecret`, `UnknownSession`."""
    await with_secret(needs, client_id, client_secret)
    progress = (await session_of(needs, client_id, session_id)).progress
    status = stepping.status_at(progress, needs.clock.now())
    skill = needs.skills.find(progress.skill)
    due = stepping.stage(progress, skill) if skill is not None and status in OPEN else ()
    next_step = due[0].name if due else None
    return Standing(session_id, progress.skill, status, next_step, progress.taken, progress.expires_at)


async def resume(
    needs: Needs, client_id: str, client_secret: str, session_id: str, repeat: Repeat | None = None
) -> Resumed:
    """A fresh nonce in place of the present one. Raises `InvalidSession` when there is nothing to resume."""

    async def turn() -> Resumed:
        await with_secret(needs, client_id, client_secret)
        read = await session_of(needs, client_id, session_id)
        now = needs.clock.now()
        earlier = await answered(needs, repeat, read.session.id, now)
        if earlier is not None:
            return msgspec.json.decode(earlier, type=Resumed)
        outcome = stepping.resumed(read.progress, now)
        after = outcome.progress
        due = stepping.stage(after, skill_of(needs, after))
        resumed = Resumed(session_id, after.status, due[0].name if due else None, good_nonce(needs, after))
        writes = remembered(needs, repeat, read.session.id, msgspec.json.encode(resumed), now)
        await keep(needs, read, outcome, writes=writes)
        return resumed

    return await changes.again(turn)


class Offer(msgspec.Struct, frozen=True):
    """A skill in the catalog."""

    skill: Skill
    subscribed: bool


async def catalog(
    needs: Needs, client_id: str, client_app_key: str, *, country: str | None, family: str | None, env: str | None
) -> list[Offer]:
    """The skills, by name. Raises `InvalidClient`, `WrongAppKey`."""
    client = await client_of(needs, client_id)
    await check_app_key(needs, client, client_app_key)
    return [
        Offer(skill, terms(client.settings, skill).subscribed)
        for skill in needs.skills.all()
        if country in (None, skill.country) and family in (None, skill.family) and env in (None, skill.env)
    ]
