"""Sessions: opened, read, changed, erased."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from frontdesk.agents.model import ids
from frontdesk.agents.model.agent import Agent, ClientTool, Ref
from frontdesk.agents.model.session import LIFECYCLE, Conversation, Outcome
from frontdesk.agents.rules.definitions import check_lists, check_title
from frontdesk.agents.rules.refusals import MalformedId, SessionNotFound, Unfit, UnusableAgent
from frontdesk.agents.service import catalogue
from frontdesk.agents.service.needs import TURNS_TOPIC, Needs, keep, now_for, owned
from frontdesk.agents.store import agents as agents_store
from frontdesk.agents.store import sessions as store
from frontdesk.agents.store.sessions import Dossier
from frontdesk.basics.ids import uuid7
from frontdesk.kernel import change as changes
from frontdesk.kernel import erasure, idempotency
from frontdesk.kernel.change import Change
from frontdesk.kernel.events import START, Fact
from frontdesk.kernel.idempotency import Claim
from frontdesk.kernel.sessions import Session

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Sessions of agents do not expire."""
_SEARCHED = 2_000


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client asks for. `agent_name` stands for the newest active agent so named."""

    agent_id: str | None
    agent_name: str | None = None
    title: str | None = None
    tags: tuple[str, ...] = ()
    model_id: str | None = None
    capabilities: tuple[Ref, ...] = ()
    tools: tuple[ClientTool, ...] = ()


async def create(needs: Needs, tenant_id: str, wish: Wish, claim: Claim | None) -> Dossier:
    """Open a session; a repeated claim gets the first one again, as it is now."""
    if wish.agent_id is not None and ids.digits_in("agent", wish.agent_id) is None:
        raise MalformedId("agent")
    check_title(wish.title)
    check_lists(wish.tags, wish.capabilities, wish.tools)

    async def turn() -> Dossier:
        now = needs.clock.now()
        if claim is not None:
            earlier = await idempotency.earlier_answer(needs.db, needs.vault, claim, now)
            if earlier is not None:
                return await owned(needs, tenant_id, msgspec.json.decode(earlier, type=str))
        agent = await _agent(needs, tenant_id, wish)
        await catalogue.check_refs(needs, tenant_id, wish.capabilities)
        await catalogue.check_model(needs, tenant_id, wish.model_id)
        session_id = uuid7()
        seal, wrapped = needs.vault.new_session_key(session_id)
        session = Session(session_id, tenant_id, store.KIND, LIFECYCLE.start, None, 1, now, NEVER, 0, START, wrapped)
        conversation = Conversation(agent.id, wish.title, wish.tags, wish.model_id, wish.capabilities, wish.tools)
        facts: dict[str, Any] = {"agent_id": agent.id}
        if wish.model_id is not None:
            facts["model_id"] = wish.model_id
        writes = [store.inserted(session, seal, conversation)]
        if claim is not None:
            answer = msgspec.json.encode(ids.published("session", session_id))
            writes += idempotency.kept(needs.vault, claim, answer, now)
        kept = changes.start(session, seal, [Fact("session.started", {"data": facts})], now, writes)
        await changes.commit(needs.db, needs.wakeup, kept)
        found = await store.load(needs.db, needs.vault, session_id, tenant_id)
        if found is None:
            raise SessionNotFound
        return found

    return await changes.again(turn)


async def _agent(needs: Needs, tenant_id: str, wish: Wish) -> Agent:
    agent: Agent | None = None
    if wish.agent_id is not None:
        agent = await agents_store.load(needs.db, tenant_id, wish.agent_id)
    elif wish.agent_name is not None:
        agent = await agents_store.by_name(needs.db, tenant_id, wish.agent_name)
    else:
        raise Unfit("Field agent_id is missing")
    if agent is None:
        raise UnusableAgent("There is no such agent")
    if agent.status != "active":
        raise UnusableAgent("The agent is archived")
    return agent


async def load(needs: Needs, tenant_id: str, session_id: str) -> Dossier:
    """One session."""
    return await owned(needs, tenant_id, session_id)


async def listed(
    needs: Needs, tenant_id: str, agent_id: str | None, search: str, *, offset: int, limit: int
) -> tuple[list[Dossier], int]:
    """Sessions, the newest first, and how many there are. `search` looks at the titles of the newest 2,000."""
    if agent_id is not None and ids.digits_in("agent", agent_id) is None:
        raise MalformedId("agent")
    if not search:
        return await store.page(needs.db, needs.vault, tenant_id, agent_id, offset=offset, limit=limit)
    newest, _ = await store.page(needs.db, needs.vault, tenant_id, agent_id, offset=0, limit=_SEARCHED)
    wanted = search.casefold()
    found = [one for one in newest if wanted in (one.conversation.title or "").casefold()]
    return found[offset : offset + limit], len(found)


async def change(needs: Needs, tenant_id: str, session_id: str, given: Mapping[str, Any]) -> Dossier:
    """Change title, tags, model, capabilities or tools: what is named. Valid from the next model call."""

    async def turn() -> Dossier:
        read = await owned(needs, tenant_id, session_id)
        after = replace(read.conversation, **given)
        check_title(after.title)
        check_lists(after.tags, after.capabilities, after.tools)
        await catalogue.check_refs(needs, tenant_id, after.capabilities)
        await catalogue.check_model(needs, tenant_id, after.model_id)
        await keep(needs, read, Outcome(after), now_for(needs, read))
        return await owned(needs, tenant_id, session_id)

    return await changes.again(turn)


async def erase(needs: Needs, tenant_id: str, session_id: str) -> None:
    """Erase the session with all that it holds; a turn that runs is cut off, and its streams end."""

    async def turn() -> str:
        read = await owned(needs, tenant_id, session_id)
        gone = await erasure.erase(needs.db, read.session, needs.clock.now(), store.deleted(read.session.id))
        topics = Change((), frozenset({changes.topic(read.session.id), TURNS_TOPIC}))
        await changes.commit(needs.db, needs.wakeup, gone + topics)
        return read.session.id

    needs.tasks.stop(await changes.again(turn))


async def usable(needs: Needs, read: Dossier) -> Agent:
    """The session's agent, if it still takes messages. Raises `UnusableAgent`."""
    agent = await agents_store.load(needs.db, read.session.tenant_id, read.conversation.agent_id)
    if agent is None or agent.status != "active":
        raise UnusableAgent("The agent of this session is archived")
    return agent
