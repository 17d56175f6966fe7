"""Opening a session for one user of one skill."""

from datetime import timedelta

import msgspec
from msgspec.structs import replace

from frontdesk.basics.ids import uuid7
from frontdesk.kernel import change as changes
from frontdesk.kernel.change import Change
from frontdesk.kernel.events import START, Fact
from frontdesk.kernel.sessions import Session
from frontdesk.onboarding.model.session import CREATED, EXPIRED, Outcome, Progress
from frontdesk.onboarding.rules.refusals import InvalidClient, InvalidSkill, NotSubscribed
from frontdesk.onboarding.rules.stepping import NONCE_LIVES_FOR, emptied
from frontdesk.onboarding.service import tokens
from frontdesk.onboarding.service.needs import (
    Needs,
    Repeat,
    answered,
    check_app_key,
    composed,
    good_nonce,
    is_uuid,
    remembered,
    terms,
)
from frontdesk.onboarding.store import clients
from frontdesk.onboarding.store import sessions as store

MOST_OPEN = 5
"""Sessions of one client, user and skill that may be open at once; the next one ends the oldest."""


class Wish(msgspec.Struct, frozen=True):
    """Who wants to begin what."""

    tenant_user_id: str
    client_id: str
    client_app_key: str
    skill: str


class Started(msgspec.Struct, frozen=True):
    """A new session, with the nonce of its first step."""

    nonce: str
    session_id: str
    status: str


async def create_session(needs: Needs, wish: Wish, repeat: Repeat | None = None) -> Started:
    """Begin a session. Raises `InvalidClient`, `WrongAppKey`, `InvalidSkill`, `NotSubscribed`, `KeyReused`."""

    async def turn() -> Started:
        now = needs.clock.now()
        mark = tokens.open_mark(needs.vault, wish.client_id, wish.tenant_user_id, wish.skill)
        client = await clients.for_opening(needs.db, wish.client_id, mark) if is_uuid(wish.client_id) else None
        if client is None:
            raise InvalidClient
        await check_app_key(needs, client, wish.client_app_key)
        earlier = await answered(needs, repeat, client.tenant_id, now)
        if earlier is not None:
            return msgspec.json.decode(earlier, type=Started)
        skill = needs.skills.find(wish.skill)
        if skill is None:
            raise InvalidSkill("skill: there is no such skill")
        agreed = terms(client.settings, skill)
        if not agreed.subscribed:
            raise NotSubscribed
        session_id = uuid7()
        seal, wrapped = needs.vault.new_session_key(session_id)
        expires_at = now + timedelta(minutes=agreed.session_minutes)
        session = Session(
            session_id, client.tenant_id, store.KIND, CREATED, None, 1, now, expires_at, 0, START, wrapped
        )
        progress = Progress(
            session_id,
            client.tenant_id,
            client.client_id,
            skill.name,
            wish.tenant_user_id,
            CREATED,
            now,
            expires_at,
            place=0,
            serial=1,
            nonce_until=now + NONCE_LIVES_FOR,
        )
        started = Started(good_nonce(needs, progress), session_id, CREATED)
        fact = Fact("onboarding.session_created", {"skill": skill.name})
        writes = [store.inserted(progress, seal, mark)]
        if repeat is not None:
            writes += remembered(needs, repeat, client.tenant_id, msgspec.json.encode(started), now)
        kept = changes.start(session, seal, [fact], now, writes)
        if client.open_count >= MOST_OPEN:
            kept += await _made_room(needs, mark)
        await changes.commit(needs.db, needs.wakeup, kept)
        return started

    return await changes.again(turn)


async def _made_room(needs: Needs, mark: bytes) -> Change:
    """The change that ends the oldest open sessions of this user, so that one more may be open."""
    kept = Change(())
    found = await store.open_ones(needs.db, needs.vault, mark, needs.clock.now())
    for read in found[: max(0, len(found) - MOST_OPEN + 1)]:
        ended = replace(emptied(read.progress), status=EXPIRED)
        outcome = Outcome(ended, "expire", (("onboarding.session_superseded", {}),))
        kept += composed(needs, read, outcome)
    return kept
