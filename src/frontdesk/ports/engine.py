"""The durable engine port: jobs that are run at least once, whatever dies meanwhile."""

from collections.abc import Awaitable, Callable
from typing import Protocol

Job = Callable[[str], Awaitable[None]]
"""A job takes its argument (JSON text). Doing it twice changes nothing."""


class Engine(Protocol):
    """Runs registered jobs in the loop that called `start`. Errors: `Unavailable`."""

    def register(self, name: str, job: Job) -> None:
        """Make a job known by name; before `start` only."""
        ...

    async def start(self) -> None:
        """Begin to run jobs, first of all those that this or a dead process left half done."""
        ...

    async def stop(self) -> None:
        """Take no further job; what is under way is left for the next start if it does not end soon."""
        ...

    async def enqueue(self, key: str, name: str, argument: str) -> None:
        """Durably accept a job. The same `key` again is accepted and runs no second time.

        A job that raises is run again, with growing pauses, at most ten times; then it is failed and kept.
        """
        ...

    async def counts(self) -> dict[str, int]:
        """Number of jobs `waiting`, `running` and `failed`."""
        ...
