"""The log of a session: as JSON, and live."""

import random
import time
from collections import Counter
from collections.abc import AsyncGenerator, Sequence

from frontdesk.agents.service import reading
from frontdesk.agents.service.following import Feeds, Follower
from frontdesk.agents.service.needs import Dossier, Needs, owned
from frontdesk.agents.service.reading import Filter
from frontdesk.agents.wire import events as wire
from frontdesk.agents.wire.events import Frame
from frontdesk.web.endpoint import Answer, Call, Endpoint, QueryParam
from frontdesk.web.problems import RateLimited
from frontdesk.web.sse import EventStream

from .calls import listed, number, tenant_of
from .table import line

_ONE = "/v1/sessions/{session_id}"
_PIECE_BYTES = 64 * 1024
_RETRY_SECONDS = 5
_QUERY = (
    QueryParam("since_id", "Only events after this one."),
    QueryParam("after_sequence", "Only events with a greater sequence.", int),
    QueryParam("types", "Only this type; may be repeated."),
    QueryParam("exclude", "Not this type; may be repeated."),
)
_LIST_QUERY = (
    *_QUERY,
    QueryParam("limit", "At most so many.", int),
    QueryParam("order_desc", "`true`: the newest first."),
)


class Events:
    """The calls on events, with what they need."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs
        self._feeds: Feeds[Frame] = Feeds(needs, wire.frame)
        self._open: Counter[str] = Counter()

    async def list(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        found = await reading.events(
            self._needs,
            tenant_id,
            call.path["session_id"],
            _filter(call),
            since_id=call.query.get("since_id") or None,
            after_sequence=number(call.query, "after_sequence", 0),
            limit=number(call.query, "limit", 0, least=1) or None,
            newest_first=call.query.get("order_desc") == "true",
        )
        return Answer(200, wire.EventList([wire.event(one) for one in found]))

    async def stream(self, call: Call) -> EventStream:
        tenant_id = await tenant_of(call, self._needs)
        read = await owned(self._needs, tenant_id, call.path["session_id"])
        since_id = call.query.get("since_id") or call.header("last-event-id") or None
        after = number(call.query, "after_sequence", 0)
        start = await reading.place(self._needs, read, since_id, after)
        if self._open[tenant_id] >= self._needs.streams.most:
            now = int(self._needs.clock.now().timestamp())
            raise RateLimited(self._needs.streams.most, now + _RETRY_SECONDS, _RETRY_SECONDS)
        return EventStream(self._frames(tenant_id, read, start, _filter(call)))

    async def _frames(self, tenant_id: str, read: Dossier, start: int, shown: Filter) -> AsyncGenerator[bytes, None]:
        """The bytes of one stream."""
        self._open[tenant_id] += 1
        try:
            yield wire.CONNECTED
            async with self._feeds.follow(read, start) as follower:
                async for frames in self._pieces(follower, shown):
                    yield frames
        finally:
            self._open[tenant_id] -= 1
            if not self._open[tenant_id]:
                del self._open[tenant_id]

    async def _pieces(self, follower: Follower[Frame], shown: Filter) -> AsyncGenerator[bytes, None]:
        """Frames as they come, heartbeats when there are none, and a reason at the end."""
        pace = self._needs.streams
        # Spread, so that the clients of one moment do not all come back at one moment.
        ends_at = time.monotonic() + pace.cycle_seconds * random.uniform(0.8, 1.2)  # noqa: S311
        beat_at = time.monotonic() + pace.heartbeat_seconds
        while True:
            now = time.monotonic()
            if pace.closing.has_begun:
                yield wire.disconnecting("server_maintenance")
                return
            if now >= ends_at:
                yield wire.disconnecting("connection_cycle")
                return
            found = await follower.next(max(0.0, min(beat_at, ends_at) - now))
            if found is None:
                yield wire.disconnecting("session_deleted")
                return
            for piece in _joined(found, shown):
                yield piece
                beat_at = time.monotonic() + pace.heartbeat_seconds
            if time.monotonic() >= beat_at:
                beat_at = time.monotonic() + pace.heartbeat_seconds
                yield wire.HEARTBEAT


def _joined(frames: Sequence[Frame], shown: Filter) -> list[bytes]:
    """The frames that are shown, put together to pieces of a size that sockets like."""
    pieces: list[bytes] = []
    parts: list[bytes] = []
    size = 0
    for one in frames:
        if not shown.passes(one.type):
            continue
        parts.append(one.content)
        size += len(one.content)
        if size >= _PIECE_BYTES:
            pieces.append(b"".join(parts))
            parts, size = [], 0
    return [*pieces, b"".join(parts)] if parts else pieces


def _filter(call: Call) -> Filter:
    return Filter(listed(call, "types"), listed(call, "exclude"))


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """The table of calls on events."""
    calls, tag = Events(needs), "Agent sessions"
    return (
        line("GET", _ONE + "/events", calls.list, "Its events", tag, {200: wire.EventList}, query=_LIST_QUERY),
        line(
            "GET",
            _ONE + "/sse",
            calls.stream,
            "Its events, live",
            tag,
            {200: str},
            query=_QUERY,
            answer_type="text/event-stream",
        ),
    )
