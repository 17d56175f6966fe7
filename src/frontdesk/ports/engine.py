"""The durable engine port: jobs that are run at least once, whatever dies meanwhile."""

from collections.abc import Awaitable, Callable
from typing import Protocol

Job = Callable[[str], Awaitable[None]]
"""A job takes its argument (JSON text). Doing it twice changes nothing."""


class Engine(Protocol):
    """Runs registered jobs in the loop that called `start`. Errors: `Unavailable`; `Rejected` for an empty key."""

    def register(self, name: str, job: Job) -> None:
        """Make a job known by name; before `start` only."""
        ...

    async def start(self) -> None:
        """Begin to run jobs, also those that were left half done here. Raises `Unavailable`.

        What another process left half done is taken over once that process has given no sign of life for a while.
        """
        ...

    async def stop(self) -> None:
        """Take no further job; what does not end soon is cancelled, and is run again by the next start or elsewhere."""
        ...

    async def enqueue(self, key: str, name: str, argument: str) -> None:
        """Durably accept a job. The same `key` again is accepted and runs no second time.

        Keys of finished jobs are remembered for days, not for ever. A job that raises is run again, with growing
        pauses, at most ten times; then it is failed and kept for months. So is one whose process dies ten times.
        """
        ...

    async def counts(self) -> dict[str, int]:
        """Number of jobs `waiting`, `running` (also those that pause after a failure) and `failed`."""
        ...
