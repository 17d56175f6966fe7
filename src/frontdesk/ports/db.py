"""The database port: keyed reads, and one atomic commit of many writes."""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

Value = str | int | float | bytes | None
Row = Sequence[Any]


class Write(msgspec.Struct, frozen=True, gc=False):
    """One statement of a commit. `$1`, `$2` … stand for `args`.

    With `expect`, the statement must touch exactly that number of rows, else the whole commit is a `Conflict`.
    """

    sql: str
    args: tuple[Value, ...] = ()
    expect: int | None = None


class Db(Protocol):
    """SQL in the dialect that SQLite and PostgreSQL share; placeholders are `$1`, `$2` …

    Values are text, integers, floats, bytes and null; instants are stored as microseconds (`basics.clock`).
    """

    dialect: str
    """`sqlite` or `postgresql`."""

    async def open(self) -> None:
        """Connect. Raises `Unavailable`."""
        ...

    async def close(self) -> None:
        """Finish the commits under way, refuse further ones with `Unavailable`, disconnect."""
        ...

    async def one(self, sql: str, *args: Value) -> Row | None:
        """The first row, or None. Sees every commit that was acknowledged before.

        Raises `Unavailable`, and `Rejected` for a value that no row can hold (a NUL, half a surrogate pair, a number
        past 64 bits) or a wrong statement.
        """
        ...

    async def all(self, sql: str, *args: Value) -> list[Row]:
        """Every row, in the statement's order. Raises as `one`."""
        ...

    async def commit(self, writes: Sequence[Write]) -> None:
        """All of `writes`, in their order, atomically and durably; or none of them, and an error.

        Many commits may share one transaction of the database, but one's failure never undoes its neighbour.
        `Conflict`: an `expect` did not hold, or a unique key exists already. `Rejected`: the statement itself is
        wrong (a constraint, a type). `Unavailable`: disk full, connection lost, closed; whether a commit was kept
        is unknown only when the connection was lost during it. If the waiting task is cancelled, the commit goes
        on and is kept or not as a whole.
        """
        ...

    async def scrub(self) -> bool:
        """Overwrite what the database's own journal still holds of rows that were deleted; whether none is left there.

        False says that others were reading: ask again. A server that looks after its journal itself says True.
        """
        ...

    async def explain(self, sql: str, args: Sequence[Value]) -> str:
        """The query plan as text, for the test that looks for full scans."""
        ...
