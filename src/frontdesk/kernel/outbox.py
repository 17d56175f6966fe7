"""Jobs to be: lines written with the change that causes them, handed to the durable engine afterwards."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from frontdesk.basics.clock import to_micros
from frontdesk.basics.errors import Rejected
from frontdesk.ports.db import Db, Write
from frontdesk.ports.engine import Engine

TOPIC = "outbox"
INSERT = """
INSERT INTO outbox (key, job, session_id, argument, due_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (key) DO NOTHING
"""
SELECT_DUE = "SELECT key, job, argument FROM outbox WHERE due_at <= $1 ORDER BY due_at, key LIMIT $2"
SELECT_NEXT = "SELECT due_at FROM outbox ORDER BY due_at LIMIT 1"
DELETE = "DELETE FROM outbox WHERE key = $1"
POSTPONE = "UPDATE outbox SET due_at = $2 WHERE key = $1"
_BATCH = 100
_REFUSED_FOR = timedelta(hours=1)


class Intent(msgspec.Struct, frozen=True):
    """A job that shall run: `argument` holds ids and numbers only. The same `key` is accepted once while it waits."""

    job: str
    key: str
    argument: dict[str, Any]
    session_id: str | None = None
    due_at: datetime | None = None


def inserted(intent: Intent, now: datetime) -> Write:
    """Keep a line; it is due at once unless it says otherwise."""
    due_at = to_micros(intent.due_at or now)
    argument = msgspec.json.encode(intent.argument).decode()
    return Write(INSERT, (intent.key, intent.job, intent.session_id, argument, due_at))


def withdrawn(key: str) -> Write:
    """Drop a line that is not needed any more, if it still waits."""
    return Write(DELETE, (key,))


async def dispatch(db: Db, engine: Engine, now: datetime) -> int:
    """Hand over what is due and say how many lines that were. A line goes only after the engine has accepted it.

    One that the engine refuses waits an hour, behind the others; once those have gone, its `Rejected` is raised.
    """
    rows = await db.all(SELECT_DUE, to_micros(now), _BATCH)
    settled, refusal = [], None
    for key, job, argument in rows:
        try:
            await engine.enqueue(key, job, argument)
        except Rejected as error:
            refusal = error
            settled.append(Write(POSTPONE, (key, to_micros(now + _REFUSED_FOR))))
        else:
            settled.append(Write(DELETE, (key,)))
    if settled:
        await db.commit(settled)
    if refusal is not None:
        raise refusal
    return len(rows)


async def next_due_at(db: Db) -> int | None:
    """The instant (microseconds) at which the next line is due, or None if there is none."""
    row = await db.one(SELECT_NEXT)
    return None if row is None else int(row[0])
