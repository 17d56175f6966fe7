"""Wake-ups within one process: for the embedded database, and what every process does for its own listeners."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from frontdesk.ports.wakeup import check_topic


class _Listener:
    def __init__(self) -> None:
        self._notified = asyncio.Event()

    def wake(self) -> None:
        self._notified.set()

    async def wait(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._notified.wait()
        except TimeoutError:
            return False
        self._notified.clear()
        return True


class MemoryWakeup:
    """The listeners of this process."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[_Listener]] = {}

    async def start(self) -> None:
        """There is nothing to connect to."""

    async def stop(self) -> None:
        self.wake_all()

    def notify(self, topic: str) -> None:
        for listener in self._listeners.get(topic, ()):
            listener.wake()

    def wake_all(self) -> None:
        """As if every topic had been notified."""
        for topic in self._listeners:
            self.notify(topic)

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[_Listener]:
        check_topic(topic)
        listener = _Listener()
        self._listeners.setdefault(topic, set()).add(listener)
        try:
            yield listener
        finally:
            others = self._listeners[topic]
            others.discard(listener)
            if not others:
                del self._listeners[topic]
