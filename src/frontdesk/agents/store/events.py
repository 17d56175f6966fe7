"""The log as clients read it: events with their published ids, and the messages among them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from frontdesk.agents.model import ids
from frontdesk.agents.model.message import Message, Part, ToolResultPart, from_dict
from frontdesk.basics.clock import from_micros
from frontdesk.kernel import events as log
from frontdesk.kernel.events import Event
from frontdesk.kernel.vault import Seal
from frontdesk.ports.db import Db

SELECT_AT = "SELECT e.at FROM events e WHERE e.session_id = $1 AND e.number = $2"
SELECT_MESSAGES = """
SELECT e.number, e.id, e.type, e.at, e.sealed, e.digest FROM agents_messages m
JOIN events e ON e.session_id = m.session_id AND e.number = m.number
WHERE m.session_id = $1 AND m.number > $2 ORDER BY m.number
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event: its published id, and the facts as published."""

    id: str
    number: int
    type: str
    at: datetime
    session_id: str
    context: dict[str, Any]
    content: dict[str, Any]


def entry(event: Event, seal: Seal) -> Entry:
    """A kept event as clients see it. Raises `BrokenSeal`."""
    facts = event.facts(seal)
    return Entry(
        ids.event_id(event.session_id, event.number, event.at),
        event.number,
        event.type,
        event.at,
        event.session_id,
        facts.get("context", {}),
        facts.get("data", {}),
    )


async def message_at(db: Db, seal: Seal, session_id: str, number: int) -> Message:
    """The message that the event of this number holds."""
    [found] = await log.after(db, session_id, number - 1, 1)
    return message_in(entry(found, seal))


async def number_of(db: Db, session_id: str, event_id: str, last_number: int) -> int | None:
    """The number after which the events follow this id; None when it is malformed.

    An id of no event of this session stands where it would sort: by halving, since instants grow with numbers.
    """
    place = ids.place_in(event_id)
    if place is None:
        return None
    _, number = place
    if 0 < number <= last_number:
        at = await _at(db, session_id, number)
        if at is not None and ids.event_id(session_id, number, at) == event_id:
            return number
    low, high = 0, last_number  # events up to `low` sort before the id, those after `high` behind it
    while low < high:
        middle = (low + high + 1) // 2
        at = await _at(db, session_id, middle)
        if at is not None and ids.event_id(session_id, middle, at) <= event_id:
            low = middle
        else:
            high = middle - 1
    return low


async def _at(db: Db, session_id: str, number: int) -> datetime | None:
    row = await db.one(SELECT_AT, session_id, number)
    return None if row is None else from_micros(row[0])


async def messages(db: Db, seal: Seal, session_id: str, after_number: int = 0) -> list[Message]:
    """The conversation after an event, in order."""
    rows = await db.all(SELECT_MESSAGES, session_id, after_number)
    found = [Event(session_id, r[0], r[1], r[2], from_micros(r[3]), bytes(r[4]), bytes(r[5])) for r in rows]
    return [message_in(entry(event, seal)) for event in found]


def message_in(one: Entry) -> Message:
    """The message that an event of a message holds."""
    if one.type == "tool.completed":
        named = "message_" + one.id.partition("_")[2]
        return Message(named, one.session_id, one.number, "tool_result", (_result(one.content),), one.at)
    kept = one.content["message"]
    return Message(
        kept["id"],
        one.session_id,
        one.number,
        kept["role"],
        tuple(from_dict(part) for part in kept["content"]),
        one.at,
        kept.get("controls"),
        kept.get("metadata"),
        tuple(kept.get("tags", ())),
        kept.get("thinking", ""),
        kept.get("thinking_signature", ""),
        one.content.get("metadata", {}).get("heard_sequence"),
    )


def _result(facts: dict[str, Any]) -> Part:
    if facts.get("error") is not None:
        return ToolResultPart(facts["tool_call_id"], error=facts["error"])
    return ToolResultPart(facts["tool_call_id"], _value(facts.get("result", ())))


def _value(parts: Sequence[dict[str, Any]]) -> Any:
    """What a tool returned: its one text part holds JSON."""
    texts = [part["text"] for part in parts if part.get("type") == "text"]
    if len(texts) == 1 == len(parts):
        try:
            return json.loads(texts[0])
        except ValueError:
            return texts[0]
    return list(parts)
