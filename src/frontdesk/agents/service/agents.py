"""Agents: created, replaced, changed, archived, read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from frontdesk.agents.model import ids
from frontdesk.agents.model.agent import Agent, Definition
from frontdesk.agents.model.session import Usage
from frontdesk.agents.rules.definitions import check_definition
from frontdesk.agents.rules.refusals import AgentNotFound, Invalid, MalformedId
from frontdesk.agents.service import catalogue
from frontdesk.agents.service.needs import Needs
from frontdesk.agents.store import agents as store
from frontdesk.basics.errors import Conflict
from frontdesk.kernel import change as changes


@dataclass(frozen=True, slots=True)
class Whole:
    """An agent with what its sessions have used; `created` tells an upsert's two ends apart."""

    agent: Agent
    usage: Usage | None = None
    created: bool = False


async def put(needs: Needs, tenant_id: str, agent_id: str | None, definition: Definition) -> Whole:
    """Create an agent, or replace the one of this id, which becomes active again."""
    if agent_id is not None and ids.digits_in("agent", agent_id) is None:
        raise MalformedId("agent")
    await _check(needs, tenant_id, definition)

    async def turn() -> Whole:
        now = needs.clock.now()
        read = None if agent_id is None else await store.load(needs.db, tenant_id, agent_id)
        if read is None:
            made = Agent(agent_id or ids.new("agent"), tenant_id, definition, "active", 1, now, now)
            await needs.db.commit([store.inserted(made)])
            return Whole(made, created=True)
        await needs.db.commit([store.replaced(read, definition, "active", now)])
        after = replace(read, definition=definition, status="active", updated_at=now)
        return Whole(after, await _usage(needs, after))

    return await changes.again(turn)


async def change(needs: Needs, tenant_id: str, agent_id: str, given: Mapping[str, Any]) -> Whole:
    """Change the named fields of the definition, and `status` if it is named."""

    async def turn() -> Whole:
        read = await _load(needs, tenant_id, agent_id)
        wanted = dict(given)
        status = wanted.pop("status", read.status)
        if status not in ("active", "archived"):
            raise Invalid("status must be active or archived")
        definition = replace(read.definition, **wanted)
        await _check(needs, tenant_id, definition)
        now = needs.clock.now()
        await needs.db.commit([store.replaced(read, definition, status, now)])
        after = replace(read, definition=definition, status=status, updated_at=now)
        return Whole(after, await _usage(needs, after))

    return await changes.again(turn)


async def archive(needs: Needs, tenant_id: str, agent_id: str) -> None:
    """Hide it; sessions of it stay readable and take no further message."""
    await change(needs, tenant_id, agent_id, {"status": "archived"})


async def load(needs: Needs, tenant_id: str, agent_id: str) -> Whole:
    """One agent, archived or not. Raises `MalformedId`, `AgentNotFound`."""
    agent = await _load(needs, tenant_id, agent_id)
    return Whole(agent, await _usage(needs, agent))


async def listed(needs: Needs, tenant_id: str, search: str = "") -> list[Whole]:
    """The active agents, the newest first; `search` looks at name and description without regard to case."""
    wanted = search.casefold()
    found = [
        agent
        for agent in await store.active(needs.db, tenant_id)
        if wanted in f"{agent.definition.name}\n{agent.definition.description or ''}".casefold()
    ]
    return [Whole(agent, await _usage(needs, agent)) for agent in found]


async def copy(needs: Needs, tenant_id: str, agent_id: str) -> Whole:
    """An equal agent under a new id."""
    read = await _load(needs, tenant_id, agent_id)
    return await put(needs, tenant_id, None, read.definition)


async def _load(needs: Needs, tenant_id: str, agent_id: str) -> Agent:
    if ids.digits_in("agent", agent_id) is None:
        raise MalformedId("agent")
    agent = await store.load(needs.db, tenant_id, agent_id)
    if agent is None:
        raise AgentNotFound
    return agent


async def _check(needs: Needs, tenant_id: str, definition: Definition) -> None:
    check_definition(definition)
    await catalogue.check_refs(needs, tenant_id, definition.capabilities)
    await catalogue.check_model(needs, tenant_id, definition.default_model_id)


async def _usage(needs: Needs, agent: Agent) -> Usage | None:
    total, folding = await store.usage_of(needs.db, agent.tenant_id, agent.id)
    if folding:
        try:
            await needs.db.commit(folding)
        except Conflict:
            return total  # somebody else folds at this moment
    return total
