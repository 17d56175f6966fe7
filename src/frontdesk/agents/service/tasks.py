"""The turns that run in this process: begun right after the commit, stopped when somebody else ends them."""

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from frontdesk.basics.errors import PortError, Problem
from frontdesk.basics.ids import uuid7

AT_ONCE = 200
"""Turns that are done at the same time in one process; further ones wait for their place."""
DEAD_AFTER_SECONDS = 8.0
GRACE_SECONDS = 10.0

Work = Callable[[str, str], Awaitable[None]]
_log = structlog.get_logger(__name__)


async def whole(work: Coroutine[Any, Any, None]) -> None:
    """Do this to its end. Whoever cancels it meanwhile is obeyed afterwards."""
    doing = asyncio.create_task(work, name="whole")
    await rest(doing)
    doing.result()


async def rest(doing: "asyncio.Task[None]") -> None:
    """Wait until it has ended, in any way; being cancelled meanwhile does not shorten that."""
    cancelled: asyncio.CancelledError | None = None
    while not doing.done():
        try:
            await asyncio.wait({doing})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        if not doing.cancelled():
            doing.exception()  # marks it as seen: the cancel is what counts now
        raise cancelled


class Tasks:
    """`name` is this process's own. `is_owner`: whoever has the same kind of name and lived before is dead for sure."""

    def __init__(self, kind: str = "process", *, is_owner: bool = False) -> None:
        self.kind = kind
        self.name = f"{kind}-{uuid7()}"
        self.is_owner = is_owner
        self._work: Work | None = None
        self._running: dict[str, tuple[str, asyncio.Task[None]]] = {}
        self._beats: dict[str, tuple[int, float]] = {}
        self._places: asyncio.Semaphore | None = None
        self._stopping = False

    def does(self, work: Work) -> None:
        """What doing a turn is. Set once, when the parts are put together."""
        self._work = work

    @property
    def count(self) -> int:
        """How many turns run here."""
        return len(self._running)

    def start(self, session_id: str, turn_id: str) -> None:
        """Do this turn; a turn of the same session that was here is over."""
        if self._stopping or self._work is None or self.holds(session_id, turn_id):
            return
        self.stop(session_id)
        task = asyncio.create_task(self._run(session_id, turn_id), name=f"turn {turn_id}")
        self._running[session_id] = (turn_id, task)
        task.add_done_callback(lambda done: self._ended(session_id, done))

    def renamed(self, session_id: str, turn_id: str) -> None:
        """The task of this session goes on with another turn."""
        _, task = self._running[session_id]
        self._running[session_id] = (turn_id, task)

    def holds(self, session_id: str, turn_id: str) -> bool:
        """Whether this turn runs here."""
        found = self._running.get(session_id)
        return found is not None and found[0] == turn_id

    def stop(self, session_id: str) -> None:
        """Cut off what runs for this session: the connection to the model closes at once."""
        found = self._running.pop(session_id, None)
        if found is not None:
            found[1].cancel()

    def running(self) -> list[tuple[str, str]]:
        """The sessions and turns that run here."""
        return [(session_id, turn_id) for session_id, (turn_id, _) in self._running.items()]

    def seems_dead(self, runner: str, beat: int | None) -> bool:
        """Whether a process has left, or gave no new sign of life for a while: by our own clock, not by its."""
        if beat is None:
            return True
        seen = self._beats.get(runner)
        if seen is None or seen[0] != beat:
            self._beats[runner] = (beat, time.monotonic())
            return False
        return time.monotonic() - seen[1] >= DEAD_AFTER_SECONDS

    async def end(self) -> None:
        """Take no further turn, give those that run a moment, cut the rest off: another process goes on with them."""
        self._stopping = True
        tasks = [task for _, task in self._running.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=GRACE_SECONDS)
        for session_id in list(self._running):
            self.stop(session_id)
        if tasks:
            await asyncio.wait(tasks)  # how each of them ended is told by `_ended`

    async def _run(self, session_id: str, turn_id: str) -> None:
        if self._places is None:
            self._places = asyncio.Semaphore(AT_ONCE)
        async with self._places:
            if self._work is not None:
                await self._work(session_id, turn_id)

    def _ended(self, session_id: str, task: "asyncio.Task[None]") -> None:
        found = self._running.get(session_id)
        if found is not None and found[1] is task:
            del self._running[session_id]
        error = None if task.cancelled() else task.exception()
        if isinstance(error, PortError | Problem):
            _log.warning("turn_left_for_later", error=type(error).__name__)
        elif error is not None:
            # Where it happened, and never with which values.
            place = traceback.extract_tb(error.__traceback__)[-1]
            _log.error("turn_broken", error=type(error).__name__, at=f"{place.name}:{place.lineno}")
