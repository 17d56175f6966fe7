"""The wake-up port: a nudge between tasks and processes, never the news itself."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Subscription(Protocol):
    """One listener's view of a topic."""

    async def wait(self, seconds: float) -> bool:
        """True as soon as the topic was notified since the last wait (or since subscribing); False after `seconds`.

        Several notifications between two waits may count as one. A lost connection counts as a notification.
        """
        ...


class Wakeup(Protocol):
    """Topics are short strings (at most 63 bytes). A nudge may be lost only together with a process."""

    async def start(self) -> None:
        """Connect. Raises `Unavailable`."""
        ...

    async def stop(self) -> None:
        """Wake every waiter once and disconnect."""
        ...

    def notify(self, topic: str) -> None:
        """Wake everyone who listens to `topic`, in every process. Never blocks and never raises."""
        ...

    def subscribe(self, topic: str) -> AbstractAsyncContextManager[Subscription]:
        """Listen while the context lasts."""
        ...
