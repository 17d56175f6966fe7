"""Which stored objects belong to which session, so that none outlives it and none is left half uploaded."""

from datetime import datetime, timedelta

from frontdesk.basics.clock import to_micros
from frontdesk.basics.errors import Conflict
from frontdesk.kernel.outbox import Intent
from frontdesk.ports.blobs import Blobs
from frontdesk.ports.db import Db, Write

UNCONFIRMED_FOR = timedelta(hours=24)
INSERT = "INSERT INTO blobs (key, session_id, stored_by, created_at) VALUES ($1, $2, $3, $4)"
KEEP = "UPDATE blobs SET stored_by = NULL WHERE key = $1 AND (stored_by IS NULL OR stored_by > 0)"
DOOM = "UPDATE blobs SET stored_by = $2 WHERE key = $1"
SELECT_KEYS = "SELECT key FROM blobs WHERE session_id = $1 ORDER BY key"
SELECT_LOST = "SELECT key FROM blobs WHERE stored_by <= $1 ORDER BY stored_by LIMIT $2"
CLAIM = "UPDATE blobs SET stored_by = 0 WHERE key = $1 AND stored_by <= $2"
DELETE = "DELETE FROM blobs WHERE key = $1"
REMOVE_JOB = "blobs.remove"


def reserved(key: str, session_id: str, now: datetime) -> Write:
    """Announce an object that a client may send: it is removed if it is not kept within a day."""
    return Write(INSERT, (key, session_id, to_micros(now + UNCONFIRMED_FOR), to_micros(now)))


def kept(key: str) -> Write:
    """Keep an announced object for as long as its session lives. Conflicts when the sweep has taken it already."""
    return Write(KEEP, (key,), expect=1)


def doomed(key: str, now: datetime) -> Write:
    """Let the next sweep remove an object that nobody shall see any more."""
    return Write(DOOM, (key, to_micros(now)))


def removal(keys: list[str], session_id: str) -> Intent:
    """The job that removes these objects for good."""
    return Intent(REMOVE_JOB, f"{REMOVE_JOB} {session_id}", {"keys": keys})


async def keys_of(db: Db, session_id: str) -> list[str]:
    """Every object of the session, announced or kept."""
    return [row[0] for row in await db.all(SELECT_KEYS, session_id)]


async def remove(db: Db, blobs: Blobs, keys: list[str]) -> None:
    """Remove objects and their lines; doing it again is no error."""
    for key in keys:
        await blobs.delete(key)
        await db.commit([Write(DELETE, (key,))])


async def sweep(db: Db, blobs: Blobs, now: datetime, limit: int = 100) -> int:
    """Remove announced objects that were never kept, at most `limit`, and say how many."""
    keys = []
    for (key,) in await db.all(SELECT_LOST, to_micros(now), limit):
        try:
            # Claimed first: whoever keeps it at this very moment must not find its object gone.
            await db.commit([Write(CLAIM, (key, to_micros(now)), expect=1)])
        except Conflict:
            continue
        keys.append(key)
    await remove(db, blobs, keys)
    return len(keys)
