"""Agents: their definitions, and what their sessions have used."""

from datetime import datetime

import msgspec

from frontdesk.agents.model.agent import Agent, Definition
from frontdesk.agents.model.session import Usage
from frontdesk.basics.clock import from_micros, to_micros
from frontdesk.basics.ids import uuid7
from frontdesk.ports.db import Db, Row, Write

_COLUMNS = "a.id, a.tenant_id, a.definition, a.status, a.version, a.created_at, a.updated_at"
INSERT = """
INSERT INTO agents (tenant_id, id, name, status, definition, version, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, 1, $6, $6)
"""
UPDATE = """
UPDATE agents SET version = version + 1, name = $4, status = $5, definition = $6, updated_at = $7
WHERE tenant_id = $1 AND id = $2 AND version = $3
"""
SELECT = f"SELECT {_COLUMNS} FROM agents a WHERE a.tenant_id = $1 AND a.id = $2"
SELECT_ACTIVE = f"""
SELECT {_COLUMNS} FROM agents a WHERE a.tenant_id = $1 AND a.status = 'active' ORDER BY a.created_at DESC, a.id DESC
"""
SELECT_BY_NAME = f"""
SELECT {_COLUMNS} FROM agents a WHERE a.tenant_id = $1 AND a.name = $2 AND a.status = 'active'
ORDER BY a.created_at DESC, a.id DESC LIMIT 1
"""
INSERT_USAGE = """
INSERT INTO agents_usage (id, tenant_id, agent_id, input_tokens, output_tokens, cache_read_tokens,
                          cache_creation_tokens)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
SELECT_USAGE = """
SELECT u.id, u.input_tokens, u.output_tokens, u.cache_read_tokens, u.cache_creation_tokens FROM agents_usage u
WHERE u.tenant_id = $1 AND u.agent_id = $2 ORDER BY u.id LIMIT $3
"""
DELETE_USAGE = "DELETE FROM agents_usage WHERE id = $1"
FOLD_FROM = 50
_FOLD_AT_ONCE = 500
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Definition)


async def load(db: Db, tenant_id: str, agent_id: str) -> Agent | None:
    """The tenant's agent, archived or not."""
    row = await db.one(SELECT, tenant_id, agent_id)
    return None if row is None else _agent(row)


async def active(db: Db, tenant_id: str) -> list[Agent]:
    """Every active agent, the newest first."""
    return [_agent(row) for row in await db.all(SELECT_ACTIVE, tenant_id)]


async def by_name(db: Db, tenant_id: str, name: str) -> Agent | None:
    """The newest active agent of this name."""
    row = await db.one(SELECT_BY_NAME, tenant_id, name)
    return None if row is None else _agent(row)


def inserted(agent: Agent) -> Write:
    """Keep a new agent; conflicts when the tenant has one with this id."""
    at = to_micros(agent.created_at)
    name, definition = agent.definition.name, _text(agent.definition)
    return Write(INSERT, (agent.tenant_id, agent.id, name, agent.status, definition, at))


def replaced(read: Agent, definition: Definition, status: str, now: datetime) -> Write:
    """Replace what was read, if nobody did so meanwhile."""
    row = (read.tenant_id, read.id, read.version, definition.name, status, _text(definition), to_micros(now))
    return Write(UPDATE, row, expect=1)


def used(tenant_id: str, agent_id: str, usage: Usage) -> Write:
    """One turn's tokens. A line of its own: turns of one agent that end at once must not wait for each other."""
    tokens = (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, usage.cache_creation_tokens)
    return Write(INSERT_USAGE, (uuid7(), tenant_id, agent_id, *tokens))


async def usage_of(db: Db, tenant_id: str, agent_id: str) -> tuple[Usage | None, list[Write]]:
    """What all sessions of the agent have used, and the writes that make one line of many (none if they are few)."""
    lines: list[Row] = await db.all(SELECT_USAGE, tenant_id, agent_id, _FOLD_AT_ONCE)
    total: Usage | None = None
    for _, *tokens in lines:
        one = Usage(*tokens)
        total = one if total is None else total + one
    if total is None or len(lines) < FOLD_FROM:
        return total, []
    # `expect`: of two readers that fold at once, one does.
    return total, [*(Write(DELETE_USAGE, (row[0],), expect=1) for row in lines), used(tenant_id, agent_id, total)]


def _agent(row: Row) -> Agent:
    definition = _decoder.decode(row[2])
    return Agent(row[0], row[1], definition, row[3], row[4], from_micros(row[5]), from_micros(row[6]))


def _text(definition: Definition) -> str:
    return _encoder.encode(definition).decode()
