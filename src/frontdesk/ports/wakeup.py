"""The wake-up port: a nudge between tasks and processes, never the news itself."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from frontdesk.basics.errors import Rejected


class Subscription(Protocol):
    """One listener's view of a topic; one task waits on it at a time."""

    async def wait(self, seconds: float) -> bool:
        """True as soon as the topic was notified since the last wait (or since subscribing); False after `seconds`.

        Several notifications between two waits may count as one. A lost connection counts as a notification.
        """
        ...


class Wakeup(Protocol):
    """Topics are 1 to 63 printable ASCII characters. A nudge may be lost only together with a process.

    Everything is called from the loop that called `start`.
    """

    async def start(self) -> None:
        """Connect. Raises `Unavailable`."""
        ...

    async def stop(self) -> None:
        """Send the nudges that are still on their way, wake every waiter once and disconnect."""
        ...

    def notify(self, topic: str) -> None:
        """Wake everyone who listens to `topic`, in every process. Never blocks and never raises.

        Processes that cannot be reached now are woken when they can be. Once stopped, it does nothing.
        """
        ...

    def subscribe(self, topic: str) -> AbstractAsyncContextManager[Subscription]:
        """Listen while the context lasts. Raises `Rejected` for what is no topic."""
        ...


def is_topic(topic: str) -> bool:
    """Whether it keeps the rule of `Wakeup`. Nobody can listen to anything else."""
    return 0 < len(topic) <= 63 and topic.isascii() and topic.isprintable()


def check_topic(topic: str) -> None:
    """Raises `Rejected` unless it is a topic."""
    if not is_topic(topic):
        raise Rejected("A topic must be 1 to 63 printable ASCII characters")
