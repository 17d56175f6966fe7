"""Conversations: one sealed record beside the kernel's row, which of its events are messages, and which turns run."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from frontdesk.agents.model.session import Conversation
from frontdesk.basics.clock import from_micros
from frontdesk.kernel import sessions
from frontdesk.kernel.sessions import Session
from frontdesk.kernel.vault import Seal, Vault
from frontdesk.ports.db import Db, Row, Write

KIND = "agents"
_OURS = "s.updated_at, a.record, t.organization_id"
_JOINED = "JOIN agents_sessions a ON a.session_id = s.id JOIN tenants t ON t.id = s.tenant_id"
INSERT = "INSERT INTO agents_sessions (session_id, tenant_id, agent_id, record) VALUES ($1, $2, $3, $4)"
UPDATE = "UPDATE agents_sessions SET record = $2 WHERE session_id = $1"
SELECT = f"""
SELECT {sessions.COLUMNS}, {_OURS} FROM sessions s {_JOINED} WHERE s.id = $1 AND s.tenant_id = $2 AND s.kind = 'agents'
"""
SELECT_FOR_TURN = f"SELECT {sessions.COLUMNS}, {_OURS} FROM sessions s {_JOINED} WHERE s.id = $1 AND s.kind = 'agents'"
SELECT_PAGE = f"""
SELECT {sessions.COLUMNS}, {_OURS} FROM sessions s {_JOINED} WHERE s.tenant_id = $1 AND s.kind = 'agents'
ORDER BY s.created_at DESC, s.id DESC LIMIT $2 OFFSET $3
"""
SELECT_COUNT = "SELECT count(*) FROM sessions s WHERE s.tenant_id = $1 AND s.kind = 'agents'"
SELECT_PAGE_OF_AGENT = f"""
SELECT {sessions.COLUMNS}, {_OURS} FROM agents_sessions a JOIN sessions s ON s.id = a.session_id
JOIN tenants t ON t.id = s.tenant_id
WHERE a.tenant_id = $1 AND a.agent_id = $4 ORDER BY a.session_id DESC LIMIT $2 OFFSET $3
"""
SELECT_COUNT_OF_AGENT = "SELECT count(*) FROM agents_sessions a WHERE a.tenant_id = $1 AND a.agent_id = $2"
INSERT_MESSAGE = "INSERT INTO agents_messages (session_id, number) VALUES ($1, $2)"
DELETES = (
    "DELETE FROM agents_sessions WHERE session_id = $1",
    "DELETE FROM agents_messages WHERE session_id = $1",
    "DELETE FROM agents_turns WHERE session_id = $1",
    "DELETE FROM agents_files WHERE session_id = $1",
    "DELETE FROM agents_values WHERE session_id = $1",
)

_decoder = msgspec.msgpack.Decoder(Conversation)
_encoder = msgspec.msgpack.Encoder()


@dataclass(frozen=True, slots=True)
class Dossier:
    """A session as read: the kernel's row, its seal, the conversation, and whose it is."""

    session: Session
    seal: Seal
    conversation: Conversation
    updated_at: datetime
    organization_id: str


async def load(db: Db, vault: Vault, session_id: str, tenant_id: str) -> Dossier | None:
    """The tenant's session."""
    row = await db.one(SELECT, session_id, tenant_id)
    return None if row is None else _dossier(vault, row)


async def for_turn(db: Db, vault: Vault, session_id: str) -> Dossier | None:
    """The session that a turn belongs to; None when it was erased meanwhile."""
    row = await db.one(SELECT_FOR_TURN, session_id)
    return None if row is None else _dossier(vault, row)


async def page(
    db: Db, vault: Vault, tenant_id: str, agent_id: str | None, *, offset: int, limit: int
) -> tuple[list[Dossier], int]:
    """Sessions, the newest first, and how many there are altogether."""
    if agent_id is None:
        rows = await db.all(SELECT_PAGE, tenant_id, limit, offset)
        count = await db.one(SELECT_COUNT, tenant_id)
    else:
        rows = await db.all(SELECT_PAGE_OF_AGENT, tenant_id, limit, offset, agent_id)
        count = await db.one(SELECT_COUNT_OF_AGENT, tenant_id, agent_id)
    return [_dossier(vault, row) for row in rows], 0 if count is None else int(count[0])


def inserted(session: Session, seal: Seal, conversation: Conversation) -> Write:
    """Keep the record of a new session."""
    sealed = _sealed(session.id, seal, conversation)
    return Write(INSERT, (session.id, session.tenant_id, conversation.agent_id, sealed))


def updated(read: Dossier, conversation: Conversation) -> Write:
    """Keep what became of the conversation."""
    return Write(UPDATE, (read.session.id, _sealed(read.session.id, read.seal, conversation)))


def message_at(session_id: str, number: int) -> Write:
    """Say that this event is a message."""
    return Write(INSERT_MESSAGE, (session_id, number))


def deleted(session_id: str) -> tuple[Write, ...]:
    """Everything that this kind keeps of a session."""
    return tuple(Write(statement, (session_id,)) for statement in DELETES)


def _sealed(session_id: str, seal: Seal, conversation: Conversation) -> bytes:
    return seal.seal(_encoder.encode(conversation), f"conversation {session_id}")


def _dossier(vault: Vault, row: Row) -> Dossier:
    session = sessions.from_row(row)
    seal = vault.open_session_key(session.id, session.wrapped_key)
    updated_at, record, organization_id = row[sessions.WIDTH :]
    conversation: Any = _decoder.decode(seal.unseal(bytes(record), f"conversation {session.id}"))
    return Dossier(session, seal, conversation, from_micros(updated_at), organization_id)
