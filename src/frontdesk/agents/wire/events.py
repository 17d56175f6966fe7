"""Events as published: as JSON, and as frames of a stream."""

from typing import Any, NamedTuple

import msgspec

from frontdesk.agents.model import ids
from frontdesk.agents.service.reading import Entry
from frontdesk.basics.clock import iso_millis


class EventAnswer(msgspec.Struct, frozen=True):
    """One event. `sequence` counts from 1 in each session; `context` tells which turn it belongs to."""

    id: str
    type: str
    ts: str
    session_id: str
    sequence: int
    context: dict[str, Any]
    data: dict[str, Any]


class EventList(msgspec.Struct, frozen=True):
    """Events, in order."""

    data: list[EventAnswer]


class Frame(NamedTuple):
    """An event as bytes of a stream; `type` is what filters look at."""

    type: str
    content: bytes


_encode = msgspec.json.Encoder().encode


def event(found: Entry) -> EventAnswer:
    """An event as published; messages in it carry their session and sequence."""
    content = found.content
    session_id = ids.published("session", found.session_id)
    if "message" in content:
        whole = {**content["message"], "session_id": session_id, "sequence": found.number}
        content = {**content, "message": whole}
    return EventAnswer(found.id, found.type, iso_millis(found.at), session_id, found.number, found.context, content)


def frame(found: Entry) -> Frame:
    """An event as a frame. JSON holds no line breaks, so its text is one line."""
    content = b"event: %s\nid: %s\nretry: 100\ndata: %s\n\n"
    return Frame(found.type, content % (found.type.encode(), found.id.encode(), _encode(event(found))))


CONNECTED = b'event: connected\nretry: 100\ndata: {"status":"connected"}\n\n'
HEARTBEAT = b": heartbeat\nretry: 500\n\n"
"""Whoever loses a stream on which nothing happens need not hurry back; the next event says 100 again."""


def disconnecting(reason: str) -> bytes:
    """The last frame: come back after `retry_ms`, unless the session is gone."""
    told = _encode({"reason": reason, "retry_ms": 100})
    return b"event: disconnecting\nretry: 100\ndata: %s\n\n" % told
