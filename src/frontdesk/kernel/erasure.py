"""Erasure: a session's values, files and texts go for good; a tombstone stays, with which that can be proved."""

from dataclasses import dataclass
from datetime import datetime

from frontdesk.basics.clock import from_micros, to_micros
from frontdesk.kernel import blobs, outbox
from frontdesk.kernel.change import Change
from frontdesk.kernel.sessions import Session
from frontdesk.ports.db import Db, Write

SELECT = """
SELECT session_id, tenant_id, kind, created_at, erased_at, events, objects, last_digest, erased_by FROM tombstones
WHERE session_id = $1
"""
INSERT = """
INSERT INTO tombstones (session_id, tenant_id, kind, created_at, erased_at, events, objects, last_digest, erased_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
DELETE_SESSION = "DELETE FROM sessions WHERE id = $1 AND version = $2"
DELETE_ROWS = (
    "DELETE FROM access_tokens WHERE session_id = $1",
    "DELETE FROM events WHERE session_id = $1",
    "DELETE FROM outbox WHERE session_id = $1",
    "DELETE FROM delivery_attempts WHERE delivery_id IN (SELECT id FROM deliveries WHERE session_id = $1)",
    "DELETE FROM deliveries WHERE session_id = $1",
    "DELETE FROM idempotency WHERE owner_id = $1",
)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of an erased session: no personal value, but the count and the last digest of its log."""

    session_id: str
    tenant_id: str
    kind: str
    created_at: datetime
    erased_at: datetime
    events: int
    objects: int
    last_digest: bytes
    erased_by: str


async def erase(db: Db, session: Session, now: datetime, writes: tuple[Write, ...] = (), by: str = "") -> Change:
    """The change that erases a session: its key, rows, tokens and `writes` of its kind at once, its files by a job.

    The key goes first of all: whatever copy of a sealed value is left somewhere can no longer be opened.
    """
    keys = await blobs.keys_of(db, session.id)
    tombstone = (
        session.id,
        session.tenant_id,
        session.kind,
        to_micros(session.created_at),
        to_micros(now),
        session.last_number,
        len(keys),
        session.last_digest,
        by,
    )
    gone = Change(
        (
            Write(DELETE_SESSION, (session.id, session.version), expect=1),
            *(Write(statement, (session.id,)) for statement in DELETE_ROWS),
            *writes,
            Write(INSERT, tombstone),
        )
    )
    if not keys:
        return gone
    removal = outbox.inserted(blobs.removal(keys, session.id), now)
    return gone + Change((removal,), frozenset({outbox.TOPIC}))


async def tombstone_of(db: Db, session_id: str, tenant_id: str | None = None) -> Tombstone | None:
    """The proof that a session of this tenant (of any, for the operator of the server) was erased, or None."""
    row = await db.one(SELECT, session_id)
    if row is None or tenant_id not in (None, row[1]):
        return None
    at = from_micros(row[3]), from_micros(row[4])
    return Tombstone(row[0], row[1], row[2], *at, row[5], row[6], bytes(row[7]), row[8])
