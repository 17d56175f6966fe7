"""The sandbox port: work on strangers' files, done where it may fail, hang or grow without harm to the server."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from frontdesk.basics.errors import Rejected

Result = TypeVar("Result")


class TookTooLong(Rejected):
    """The work was not done within its time."""


class RanOutOfMemory(Rejected):
    """The work asked for more memory than it may have."""


class Died(Rejected):
    """The work ended its process: a crash in a library, or an error that nobody foresaw."""


class Sandbox(Protocol):
    """Runs work in a child process under limits of time and memory, without network, programs and written files."""

    async def start(self) -> None:
        """Get ready; the processes themselves may wait for the first work."""
        ...

    async def stop(self) -> None:
        """End what is under way (those calls raise `Unavailable`). Stopping twice is no error."""
        ...

    async def run(self, work: Callable[..., Result], *arguments: Any, seconds: float | None = None) -> Result:
        """What `work(*arguments)` returns. `work` is a function at the top of a module of ours.

        `seconds` gives the work another time than usual. Work that is given its own time is taken for long, and never
        keeps all children from the rest.

        Arguments and results are plain values and dataclasses of ours. A `Problem` that the work raises is raised
        here. Errors: `TookTooLong`, `RanOutOfMemory`, `Died`: the input is to blame, trying again is useless;
        `Unavailable` when no child can be had, a module that the work needs is not there, or the child was ended from
        outside. Work may be done twice.
        """
        ...

    async def check(self) -> None:
        """Do a small piece of work. Raises `Unavailable` with the reason."""
        ...
