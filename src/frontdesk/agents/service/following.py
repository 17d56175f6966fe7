"""A session's events as they come: one reader for each session in a process, however many streams follow it."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

import structlog

from frontdesk.agents.service.needs import Needs
from frontdesk.agents.store import sessions as store
from frontdesk.agents.store.deltas import Reader
from frontdesk.agents.store.events import Entry
from frontdesk.agents.store.sessions import Dossier
from frontdesk.basics.errors import PortError, Problem
from frontdesk.kernel import change as changes

AT_ONCE = 100
_REMEMBERED = 128
_SURE_SECONDS = 5.0
"""Readers also look without being told: on an embedded database another process cannot wake this one."""
Shaped = TypeVar("Shaped")
_log = structlog.get_logger(__name__)


class Feed(Generic[Shaped]):
    """What came last in one session. `number` is that of the newest event known here."""

    def __init__(self, needs: Needs, read: Dossier, shape: Callable[[Entry], Shaped]) -> None:
        self.number = read.session.last_number
        self.gone = False
        self.followers = 0
        self.recent: deque[tuple[int, Shaped]] = deque(maxlen=_REMEMBERED)
        self.shape = shape
        self._needs, self._read = needs, read
        self._reader = Reader(needs.db, read.seal, read.session.id)
        self._news = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    @property
    def news(self) -> asyncio.Event:
        """Set when there is something new; then another one takes its place."""
        return self._news

    async def read_for_ever(self) -> None:
        """Read what comes until the session is gone."""
        session = self._read.session
        async with self._needs.wakeup.subscribe(changes.topic(session.id)) as told:
            while not self.gone:
                try:
                    await self._catch_up()
                except (PortError, Problem) as error:
                    _log.warning("feed_interrupted", error=type(error).__name__)
                await told.wait(_SURE_SECONDS)

    async def _catch_up(self) -> None:
        needs, session = self._needs, self._read.session
        while True:
            found = await self._reader.after(self.number, AT_ONCE)
            for one in found:
                self.recent.append((one.number, self.shape(one)))
                self.number = one.number
            if found:
                self.wake()
            if len(found) < AT_ONCE:
                break
        if not found and await store.for_turn(needs.db, needs.vault, session.id) is None:
            self.gone = True
            self.wake()

    def wake(self) -> None:
        """Let every follower look."""
        news, self._news = self._news, asyncio.Event()
        news.set()


class Feeds(Generic[Shaped]):
    """The feeds of a process, by session; each lives as long as somebody follows it."""

    def __init__(self, needs: Needs, shape: Callable[[Entry], Shaped]) -> None:
        self._needs, self._shape = needs, shape
        self._feeds: dict[str, Feed[Shaped]] = {}
        needs.streams.closing.listen(self._wake_all)

    def _wake_all(self) -> None:
        for feed in self._feeds.values():
            feed.wake()

    @asynccontextmanager
    async def follow(self, read: Dossier, number: int) -> AsyncIterator["Follower[Shaped]"]:
        """Follow a session's events after `number`."""
        session_id = read.session.id
        feed = self._feeds.get(session_id)
        if feed is None:
            feed = self._feeds[session_id] = Feed(self._needs, read, self._shape)
            feed.task = asyncio.create_task(feed.read_for_ever(), name="feed")
        feed.followers += 1
        try:
            yield Follower(self._needs, read, feed, number)
        finally:
            feed.followers -= 1
            if feed.followers == 0:
                if self._feeds.get(session_id) is feed:
                    del self._feeds[session_id]
                if feed.task is not None:
                    feed.task.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await feed.task


class Follower(Generic[Shaped]):
    """One stream's place in the log. It asks for more when it has sent what it had: a slow one costs nothing."""

    def __init__(self, needs: Needs, read: Dossier, feed: Feed[Shaped], number: int) -> None:
        self._feed = feed
        self._reader = Reader(needs.db, read.seal, read.session.id)
        self.number = number

    async def next(self, seconds: float) -> list[Shaped] | None:
        """The next events, at most `AT_ONCE`; none after `seconds` without any; None when the session is gone."""
        feed = self._feed
        if self.number >= feed.number and not feed.gone:
            news = feed.news
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await news.wait()
        if self.number >= feed.number:
            return None if feed.gone else []
        recent = feed.recent
        if recent and recent[0][0] <= self.number + 1:
            found = [(number, one) for number, one in recent if number > self.number][:AT_ONCE]
        else:
            found = [(one.number, feed.shape(one)) for one in await self._reader.after(self.number, AT_ONCE)]
            if not found:
                return None  # erased while it was being read
        self.number = found[-1][0]
        return [one for _, one in found]
