"""What happened: facts in the past tense, numbered within their session, each carrying the digest of the one before."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from frontdesk.basics.clock import from_micros, to_micros
from frontdesk.kernel.vault import Seal
from frontdesk.ports.db import Db, Value, Write

_TOGETHER = 4
_encode = msgspec.json.Encoder(order="sorted").encode
INSERT = tuple(
    "INSERT INTO events (session_id, number, id, type, at, sealed, digest) VALUES "
    + ", ".join("(" + ", ".join(f"${7 * row + column}" for column in range(1, 8)) + ")" for row in range(count))
    for count in range(1, _TOGETHER + 1)
)
"""For one event, for two, and so on: most changes bring a few, and each statement has its cost."""
SELECT = """
SELECT number, id, type, at, sealed, digest FROM events
WHERE session_id = $1 AND number > $2 ORDER BY number LIMIT $3
"""
START = b"\0" * 32
"""The digest that the first event of a session follows."""


class Fact(msgspec.Struct, frozen=True):
    """Something that is about to have happened. `facts` is JSON-able."""

    type: str
    facts: dict[str, Any]


class Event(msgspec.Struct, frozen=True):
    """A fact as kept: `number` counts from 1 without gaps, `digest` covers this event and all before it."""

    session_id: str
    number: int
    id: str
    type: str
    at: datetime
    sealed: bytes
    digest: bytes

    def facts(self, seal: Seal) -> dict[str, Any]:
        """What it says. Raises `BrokenSeal`."""
        opened: dict[str, Any] = msgspec.json.decode(seal.unseal(self.sealed, f"event {self.session_id} {self.number}"))
        return opened


def chain(
    session_id: str, number: int, before: bytes, facts: Sequence[tuple[str, Fact]], seal: Seal, at: datetime
) -> list[Event]:
    """The events that follow number `number` with digest `before`. Each fact comes with its id."""
    events, micros = [], to_micros(at)
    for event_id, fact in facts:
        number += 1
        sealed = seal.seal(_encode(fact.facts), f"event {session_id} {number}")
        before = _digest(before, session_id, number, event_id, fact.type, micros, sealed)
        events.append(Event(session_id, number, event_id, fact.type, at, sealed, before))
    return events


def _digest(before: bytes, session_id: str, number: int, event_id: str, kind: str, micros: int, sealed: bytes) -> bytes:
    heading = f"{session_id}\n{number}\n{event_id}\n{kind}\n{micros}\n".encode()
    # Over the sealed bytes: the chain can be checked without the key, also by somebody who may not read the facts.
    return hashlib.sha256(before + heading + sealed).digest()


def inserted(log: Sequence[Event]) -> list[Write]:
    """Keep events."""
    writes = []
    for begun in range(0, len(log), _TOGETHER):
        some = log[begun : begun + _TOGETHER]
        args: list[Value] = []
        for one in some:
            args += (one.session_id, one.number, one.id, one.type, to_micros(one.at), one.sealed, one.digest)
        writes.append(Write(INSERT[len(some) - 1], tuple(args)))
    return writes


async def after(db: Db, session_id: str, number: int, limit: int) -> list[Event]:
    """Up to `limit` events that come after `number`, in order."""
    rows = await db.all(SELECT, session_id, number, limit)
    return [Event(session_id, r[0], r[1], r[2], from_micros(r[3]), bytes(r[4]), bytes(r[5])) for r in rows]


def first_break(events: Sequence[Event], last_digest: bytes | None = None) -> int | None:
    """The number at which a session's complete log does not follow from what came before, or None if it is whole.

    With the session's `last_digest`, events that are missing at the end show too: as the number after the last.
    """
    before = START
    for expected, event in enumerate(events, start=1):
        digest = _digest(
            before, event.session_id, event.number, event.id, event.type, to_micros(event.at), event.sealed
        )
        if event.number != expected or digest != event.digest:
            return expected
        before = digest
    return None if last_digest in (None, before) else len(events) + 1
