"""The catalogue: providers, models and MCP servers, sealed because of their keys."""

from datetime import datetime

import msgspec

from frontdesk.agents.model.catalogue import MCP_SERVER, MODEL, PROVIDER, Line, McpServer, Model, Provider
from frontdesk.basics.clock import from_micros, to_micros
from frontdesk.kernel.vault import Vault
from frontdesk.ports.db import Db, Row, Write

_COLUMNS = "c.id, c.tenant_id, c.kind, c.sealed, c.version, c.created_at, c.updated_at"
INSERT = """
INSERT INTO agents_catalogue (id, tenant_id, kind, name, parent_id, sealed, version, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $7)
"""
UPDATE = """
UPDATE agents_catalogue SET version = version + 1, name = $4, sealed = $5, updated_at = $6
WHERE id = $1 AND tenant_id = $2 AND version = $3
"""
SELECT = f"SELECT {_COLUMNS} FROM agents_catalogue c WHERE c.id = $1 AND c.tenant_id = $2 AND c.kind = $3"
SELECT_ALL = f"""
SELECT {_COLUMNS} FROM agents_catalogue c WHERE c.tenant_id = $1 AND c.kind = $2 ORDER BY c.created_at, c.id
"""
DELETE = "DELETE FROM agents_catalogue WHERE id = $1 AND tenant_id = $2"
DELETE_BELOW = "DELETE FROM agents_catalogue WHERE parent_id = $1"
_TYPES = {PROVIDER: Provider, MODEL: Model, MCP_SERVER: McpServer}


async def load(db: Db, vault: Vault, tenant_id: str, kind: str, line_id: str) -> Line | None:
    """One line of the tenant's catalogue."""
    row = await db.one(SELECT, line_id, tenant_id, kind)
    return None if row is None else _line(vault, row)


async def listed(db: Db, vault: Vault, tenant_id: str, kind: str) -> list[Line]:
    """Every line of a kind, the oldest first."""
    return [_line(vault, row) for row in await db.all(SELECT_ALL, tenant_id, kind)]


def inserted(vault: Vault, line: Line) -> Write:
    """Keep a new line; conflicts when there is one of this name."""
    sealed = _sealed(vault, line.id, line.thing)
    name, parent = _name(line.thing), _parent(line.thing)
    return Write(INSERT, (line.id, line.tenant_id, line.kind, name, parent, sealed, to_micros(line.created_at)))


def replaced(vault: Vault, read: Line, thing: Provider | Model | McpServer, now: datetime) -> Write:
    """Replace what was read, if nobody did so meanwhile."""
    row = (read.id, read.tenant_id, read.version, _name(thing), _sealed(vault, read.id, thing), to_micros(now))
    return Write(UPDATE, row, expect=1)


def deleted(read: Line) -> list[Write]:
    """Remove a line, and what belongs to it."""
    return [Write(DELETE, (read.id, read.tenant_id), expect=1), Write(DELETE_BELOW, (read.id,))]


def _name(thing: Provider | Model | McpServer) -> str:
    return thing.model_id if isinstance(thing, Model) else thing.name


def _parent(thing: Provider | Model | McpServer) -> str:
    return thing.provider_id if isinstance(thing, Model) else ""


def _sealed(vault: Vault, line_id: str, thing: Provider | Model | McpServer) -> bytes:
    return vault.seal(msgspec.msgpack.encode(thing), f"catalogue {line_id}")


def _line(vault: Vault, row: Row) -> Line:
    plain = vault.unseal(bytes(row[3]), f"catalogue {row[0]}")
    thing: Provider | Model | McpServer = msgspec.msgpack.decode(plain, type=_TYPES[row[2]])
    return Line(row[0], row[1], row[2], thing, row[4], from_micros(row[5]), from_micros(row[6]))
