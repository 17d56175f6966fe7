"""SQLite: one writer thread that commits in groups with full durability, reads on the loop's own connection."""

import asyncio
import queue
import re
import sqlite3
import threading
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from frontdesk.basics.errors import Conflict, PortError, Rejected, Unavailable
from frontdesk.ports.db import Row, Value, Write

GROUP_LIMIT = 128
"""Commits that share one transaction at most: past this the waiting of the first outweighs the saved fsync."""

_BUSY_MILLIS = 10_000
_BUSY_STEP_SECONDS = 0.001
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    f"PRAGMA busy_timeout={_BUSY_MILLIS}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-65536",
    "PRAGMA temp_store=MEMORY",
)

_TAKEN = (
    sqlite3.SQLITE_CONSTRAINT_UNIQUE,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
    sqlite3.SQLITE_CONSTRAINT_ROWID,
)
# The driver raises ProgrammingError for a type it does not know and for a wrong number of arguments, OverflowError
# for an integer over 64 bits and UnicodeEncodeError (a ValueError) for half a surrogate pair.
_REFUSED_VALUES = (sqlite3.InterfaceError, sqlite3.DataError, sqlite3.ProgrammingError, ValueError, OverflowError)

_Ticket = tuple[Sequence[Write], "asyncio.Future[None]"]


@lru_cache(maxsize=1024)
def _translate(sql: str) -> str:
    return re.sub(r"\$(\d+)", r"?\1", sql)


def _meaning(error: sqlite3.Error | ValueError | OverflowError) -> PortError:
    if isinstance(error, sqlite3.IntegrityError):
        code = getattr(error, "sqlite_errorcode", 0)
        if code in _TAKEN:
            return Conflict("A row with this key exists already")
        return Rejected("A constraint of the database refused the write")
    if isinstance(error, sqlite3.OperationalError):
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_ERROR:
            return Rejected("The database refused the statement")
    if isinstance(error, _REFUSED_VALUES):
        return Rejected("The database refused a value of the statement")
    return Unavailable("The database cannot do this now")


class SqliteDb:
    """One database file. Other processes may use the file at the same time; they wait for each other's commits."""

    dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader: sqlite3.Connection | None = None
        self._writer: threading.Thread | None = None
        self._tickets: queue.SimpleQueue[_Ticket | None] = queue.SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = False

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            isolation_level=None,
            timeout=_BUSY_MILLIS / 1000,
            cached_statements=512,
            check_same_thread=False,
        )
        try:
            for pragma in _PRAGMAS:
                connection.execute(pragma)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    async def open(self) -> None:
        if self._writer is not None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Both are connected here: a failure inside the thread would leave every commit waiting for ever.
            self._reader = await asyncio.to_thread(self._connect)
            writing = await asyncio.to_thread(self._connect)
            writing.execute("PRAGMA busy_timeout=0")  # `_begin` waits instead
        except (sqlite3.Error, OSError) as error:
            if self._reader is not None:
                self._reader.close()
                self._reader = None
            raise Unavailable(f"The database file cannot be opened: {error}") from error
        self._loop = asyncio.get_running_loop()
        self._closing = False
        self._writer = threading.Thread(
            target=self._write_for_ever, args=(writing,), name="frontdesk-db-writer", daemon=True
        )
        self._writer.start()

    async def close(self) -> None:
        if self._writer is None:
            return
        if not self._closing:
            self._closing = True
            self._tickets.put(None)
        await asyncio.to_thread(self._writer.join)
        self._writer = None
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _reading(self) -> sqlite3.Connection:
        if self._reader is None:
            raise Unavailable("The database is closed")
        return self._reader

    async def one(self, sql: str, *args: Value) -> Row | None:
        try:
            row: Row | None = self._reading().execute(_translate(sql), _storable(args)).fetchone()
        except (sqlite3.Error, ValueError, OverflowError) as error:
            raise _meaning(error) from error
        return row

    async def all(self, sql: str, *args: Value) -> list[Row]:
        try:
            return list(self._reading().execute(_translate(sql), _storable(args)).fetchall())
        except (sqlite3.Error, ValueError, OverflowError) as error:
            raise _meaning(error) from error

    async def explain(self, sql: str, args: Sequence[Value]) -> str:
        rows = await self.all(f"EXPLAIN QUERY PLAN {sql}", *args)
        return "\n".join(str(row[3]) for row in rows)

    async def commit(self, writes: Sequence[Write]) -> None:
        if self._closing or self._loop is None or self._writer is None:
            raise Unavailable("The database is closed")
        future: asyncio.Future[None] = self._loop.create_future()
        self._tickets.put((writes, future))
        # A cancelled waiter must not cancel the future that the writer thread will settle.
        await asyncio.shield(future)

    def _write_for_ever(self, connection: sqlite3.Connection) -> None:
        last = False
        while not last:
            ticket = self._tickets.get()
            group: list[_Ticket] = []
            while ticket is not None:
                group.append(ticket)
                if len(group) >= GROUP_LIMIT:
                    break
                try:
                    ticket = self._tickets.get_nowait()
                except queue.Empty:
                    break
            last = ticket is None
            if group:
                outcomes = _commit_group(connection, [writes for writes, _ in group])
                self._settle([(future, outcome) for (_, future), outcome in zip(group, outcomes, strict=True)])
        connection.close()

    def _settle(self, settled: list[tuple["asyncio.Future[None]", PortError | None]]) -> None:
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        loop.call_soon_threadsafe(_settle_all, settled)


def _storable(args: Sequence[Value]) -> Sequence[Value]:
    """PostgreSQL keeps no NUL in a text; what one database refuses, the other must not learn to depend on."""
    for arg in args:
        if type(arg) is str and "\0" in arg:
            raise ValueError("A text must not hold a NUL")
    return args


def _begin(connection: sqlite3.Connection) -> None:
    """Take the write lock, asking often: SQLite's own waiting asks ten times a second in the end, and beside a busy
    process, which lets go for microseconds only, that loses for ever."""
    gives_up_at = time.monotonic() + _BUSY_MILLIS / 1000
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > gives_up_at:
                raise
            time.sleep(_BUSY_STEP_SECONDS)
        else:
            return


def _commit_group(connection: sqlite3.Connection, group: list[Sequence[Write]]) -> list[PortError | None]:
    outcomes: list[PortError | None] = []
    try:
        _begin(connection)
        for writes in group:
            outcomes.append(_apply(connection, writes))
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        # Disk full and the like end the whole transaction: nobody's change was kept.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        return [_caused(Unavailable("The database cannot keep changes now"), error) for _ in group]
    return outcomes


def _apply(connection: sqlite3.Connection, writes: Sequence[Write]) -> PortError | None:
    """One change inside the group's transaction. Its failure undoes itself alone; a fault of the file is raised."""
    connection.execute("SAVEPOINT change")
    failure: PortError | None = None
    for sql, args, expect in writes:
        try:
            touched = connection.execute(_translate(sql), _storable(args)).rowcount
        except (sqlite3.Error, ValueError, OverflowError) as error:
            meaning = _meaning(error)
            if isinstance(meaning, Unavailable):
                raise
            failure = _caused(meaning, error)
            break
        if expect is not None and touched != expect:
            failure = Conflict(f"Expected to touch {expect} rows, touched {touched}")
            break
    if failure is not None:
        connection.execute("ROLLBACK TO change")
    connection.execute("RELEASE change")
    return failure


def _caused(meaning: PortError, error: Exception) -> PortError:
    meaning.__cause__ = error
    return meaning


def _settle_all(settled: list[tuple["asyncio.Future[None]", PortError | None]]) -> None:
    for future, failure in settled:
        if future.done():
            continue
        if failure is None:
            future.set_result(None)
        else:
            future.set_exception(failure)
            future.exception()  # marks it as seen: the waiter may have been cancelled meanwhile
