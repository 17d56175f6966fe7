"""The record that every session has, whatever its kind, and the statements that keep it."""

from datetime import datetime

import msgspec

from frontdesk.basics.clock import from_micros, to_micros
from frontdesk.ports.db import Db, Row, Value, Write

COLUMNS = (
    "s.id, s.tenant_id, s.kind, s.status, s.parent_id, s.version, s.created_at, s.expires_at, "
    "s.last_number, s.last_digest, s.wrapped_key"
)

INSERT = """
INSERT INTO sessions (id, tenant_id, kind, status, parent_id, version, created_at, updated_at, expires_at, due_at,
                      last_number, last_digest, wrapped_key)
VALUES ($1, $2, $3, $4, $5, 1, $6, $6, $7, $7, $8, $9, $10)
"""
_MOVED = "version = version + 1, updated_at = $3, last_number = $4, last_digest = $5"
UPDATE_IN_PLACE = f"UPDATE sessions SET {_MOVED} WHERE id = $1 AND version = $2"
UPDATE_STATUS = f"UPDATE sessions SET {_MOVED}, status = $6 WHERE id = $1 AND version = $2"
UPDATE = f"""
UPDATE sessions SET {_MOVED}, status = $6, expires_at = $7,
                    due_at = CASE WHEN $8 = 1 THEN NULL WHEN expires_at <> $7 THEN $7 ELSE due_at END
WHERE id = $1 AND version = $2
"""
"""Three, since SQLite writes an index anew for each of its columns that is set, changed or not."""
TOUCH = "UPDATE sessions SET version = version WHERE id = $1 AND version = $2"
SELECT_ANY = f"SELECT {COLUMNS} FROM sessions s WHERE s.id = $1"
SELECT = f"SELECT {COLUMNS} FROM sessions s WHERE s.id = $1 AND s.tenant_id = $2 AND s.kind = $3"


class Session(msgspec.Struct, frozen=True):
    """A session as it was read: `version` is what a change of it will be compared with."""

    id: str
    tenant_id: str
    kind: str
    status: str
    parent_id: str | None
    version: int
    created_at: datetime
    expires_at: datetime
    last_number: int
    last_digest: bytes
    wrapped_key: bytes

    def expired(self, now: datetime) -> bool:
        """Computed from time, never stored."""
        return self.expires_at <= now


def from_row(row: Row) -> Session:
    """A session from the first columns of a row that begins with `COLUMNS`."""
    return Session(
        row[0],
        row[1],
        row[2],
        row[3],
        row[4],
        row[5],
        from_micros(row[6]),
        from_micros(row[7]),
        row[8],
        bytes(row[9]),
        bytes(row[10]),
    )


WIDTH = 11
"""How many columns `COLUMNS` are."""


async def load(db: Db, session_id: str, tenant_id: str, kind: str) -> Session | None:
    """The session if it is this tenant's and of this kind."""
    row = await db.one(SELECT, session_id, tenant_id, kind)
    return None if row is None else from_row(row)


async def load_any(db: Db, session_id: str) -> Session | None:
    """The session, whoever owns it: for the operator of the server, never for a caller of an API."""
    row = await db.one(SELECT_ANY, session_id)
    return None if row is None else from_row(row)


def inserted(session: Session) -> Write:
    """Keep a new session."""
    return Write(
        INSERT,
        (
            session.id,
            session.tenant_id,
            session.kind,
            session.status,
            session.parent_id,
            to_micros(session.created_at),
            to_micros(session.expires_at),
            session.last_number,
            session.last_digest,
            session.wrapped_key,
        ),
    )


def moved(read: Session, after: Session, now: datetime, *, is_final: bool) -> Write:
    """Replace what was read by `after`, if nobody else did so before.

    A final session is no longer due to expire; one whose expiry was recorded is due again only when it is extended.
    """
    row: tuple[Value, ...] = (read.id, read.version, to_micros(now), after.last_number, after.last_digest)
    if is_final or read.expires_at != after.expires_at:
        return Write(UPDATE, (*row, after.status, to_micros(after.expires_at), int(is_final)), expect=1)
    if read.status != after.status:
        return Write(UPDATE_STATUS, (*row, after.status), expect=1)
    return Write(UPDATE_IN_PLACE, row, expect=1)


def unmoved(read: Session) -> Write:
    """Let a change of something else fail if this session was changed since it was read."""
    return Write(TOUCH, (read.id, read.version), expect=1)
