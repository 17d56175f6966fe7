"""SQLite: one writer thread that commits in groups with full durability, reads on the loop's own connection."""

import asyncio
import re
import sqlite3
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from frontdesk.basics.errors import Conflict, PortError, Rejected, Unavailable
from frontdesk.ports.db import Row, Value, Write

GROUP_LIMIT = 128
"""Commits that share one transaction at most: past this the waiting of the first outweighs the saved fsync."""

_BUSY_MILLIS = 10_000
_BUSY_STEP_SECONDS = 0.001
_SCRUB_MILLIS = 2_000
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    f"PRAGMA busy_timeout={_BUSY_MILLIS}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-65536",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA secure_delete=ON",  # what erasure deletes, a session's key above all, is overwritten in the file
)

_TAKEN = (
    sqlite3.SQLITE_CONSTRAINT_UNIQUE,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
    sqlite3.SQLITE_CONSTRAINT_ROWID,
)
# The driver raises ProgrammingError for a type it does not know and for a wrong number of arguments, OverflowError
# for an integer over 64 bits and UnicodeEncodeError (a ValueError) for half a surrogate pair; TypeError is a lookup's.
_REFUSED_VALUES = (
    sqlite3.InterfaceError,
    sqlite3.DataError,
    sqlite3.ProgrammingError,
    TypeError,
    ValueError,
    OverflowError,
)

# For a value of any other type the driver looks for a way to adapt it, at the cost of a short statement.
sqlite3.register_adapter(bytes, bytes)
sqlite3.register_adapter(type(None), lambda nothing: nothing)

_Ticket = tuple[Sequence[Write], "asyncio.Future[None]"]


@lru_cache(maxsize=1024)
def _translate(sql: str) -> str:
    return re.sub(r"\$(\d+)", r"?\1", sql)


def _meaning(error: sqlite3.Error | ValueError | OverflowError | TypeError) -> PortError:
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
        self._found: dict[tuple[str, tuple[Value, ...]], Row | None] = {}
        self._writing: asyncio.Task[None] | None = None
        self._waiting: list[_Ticket] = []
        self._arrived = asyncio.Event()
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
        if self._writing is not None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._reader = await asyncio.to_thread(self._connect)
            writer = await asyncio.to_thread(self._connect)
            writer.execute("PRAGMA busy_timeout=0")  # `_begin` waits instead
        except (sqlite3.Error, OSError) as error:
            if self._reader is not None:
                self._reader.close()
                self._reader = None
            raise Unavailable(f"The database file cannot be opened: {error}") from error
        self._closing = False
        self._arrived = asyncio.Event()
        self._writing = asyncio.create_task(self._write_for_ever(writer), name="frontdesk-db-writer")

    async def close(self) -> None:
        if self._writing is None:
            return
        self._closing = True
        self._arrived.set()
        await asyncio.shield(self._writing)
        self._writing = None
        if self._reader is not None:
            self._end_reading()
            self._reader.close()
            self._reader = None

    def _reading(self) -> sqlite3.Connection:
        """The connection for reads, all those of one turn of the loop in one transaction: its locks cost as much as a
        keyed read. Whoever learns of a commit does so in a later turn, so nobody misses what was acknowledged."""
        if self._reader is None:
            raise Unavailable("The database is closed")
        if not self._reader.in_transaction:
            self._found.clear()
            self._reader.execute("BEGIN")
            asyncio.get_running_loop().call_soon(self._end_reading)
        return self._reader

    def _end_reading(self) -> None:
        if self._reader is not None and self._reader.in_transaction:
            self._reader.execute("COMMIT")

    async def one(self, sql: str, *args: Value) -> Row | None:
        # Within one transaction the same question has the same answer, and calls that come together ask the same:
        # who holds this key, how is this workflow.
        try:
            reader = self._reading()
            asked = sql, args
            if asked in self._found:
                return self._found[asked]
            row: Row | None = reader.execute(_translate(sql), _storable(args)).fetchone()
        except (sqlite3.Error, ValueError, OverflowError, TypeError) as error:
            raise _meaning(error) from error
        self._found[asked] = row
        return row

    async def all(self, sql: str, *args: Value) -> list[Row]:
        try:
            return list(self._reading().execute(_translate(sql), _storable(args)).fetchall())
        except (sqlite3.Error, ValueError, OverflowError) as error:
            raise _meaning(error) from error

    async def scrub(self) -> bool:
        self._end_reading()
        return await asyncio.to_thread(self._empty_journal)

    def _empty_journal(self) -> bool:
        """Deleted rows are zeroed in the file, but the write-ahead log keeps them as they were until it is cut off."""
        try:
            connection = self._connect()
            try:
                connection.execute(f"PRAGMA busy_timeout={_SCRUB_MILLIS}")
                row = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                connection.close()
        except sqlite3.Error:
            return False
        return bool(row[0] == 0)

    async def explain(self, sql: str, args: Sequence[Value]) -> str:
        rows = await self.all(f"EXPLAIN QUERY PLAN {sql}", *args)
        return "\n".join(str(row[3]) for row in rows)

    async def commit(self, writes: Sequence[Write]) -> None:
        if self._closing or self._writing is None:
            raise Unavailable("The database is closed")
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((writes, future))
        self._arrived.set()
        await future  # nobody else waits for it: that of a cancelled waiter is passed over when its group is settled

    async def _write_for_ever(self, connection: sqlite3.Connection) -> None:
        """What may wait (the lock, the disk) is done in a thread; the statements themselves, microseconds each, in the
        loop: a second thread that runs Python would take turns with it at the interpreter's lock, at a far higher cost.
        """
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, thread_name_prefix="frontdesk-db-writer") as thread:
            while self._waiting or not self._closing:
                await self._arrived.wait()
                self._arrived.clear()
                while self._waiting:
                    await self._commit_group(connection, loop, thread)
        connection.close()

    async def _commit_group(
        self, connection: sqlite3.Connection, loop: asyncio.AbstractEventLoop, thread: ThreadPoolExecutor
    ) -> None:
        group: list[_Ticket] = []
        outcomes: list[PortError | None] = []
        try:
            await loop.run_in_executor(thread, _begin, connection)
            # Taken only now: whoever came while the lock was waited for is in the group too.
            group, self._waiting = self._waiting[:GROUP_LIMIT], self._waiting[GROUP_LIMIT:]
            outcomes = _apply_all(connection, [writes for writes, _ in group])
            await loop.run_in_executor(thread, connection.execute, "COMMIT")
        except sqlite3.Error as error:
            # Disk full and the like end the whole transaction: nobody's change was kept.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if not group:
                group, self._waiting = self._waiting, []
            outcomes = [_caused(Unavailable("The database cannot keep changes now"), error) for _ in group]
        self._end_reading()
        _settle_all([(future, outcome) for (_, future), outcome in zip(group, outcomes, strict=True)])


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


def _apply_all(connection: sqlite3.Connection, group: Sequence[Sequence[Write]]) -> list[PortError | None]:
    """Every change of the group inside its transaction. A fault of the file is raised."""
    # Failures are rare and a savepoint for each change costs a sixth of its statements: first all without.
    cursor = connection.cursor()  # one for all statements: making one costs a sixth of a short statement
    cursor.execute("SAVEPOINT every")
    outcomes: list[PortError | None] = []
    for writes in group:
        failure, undo = _apply(cursor, writes)
        if undo:
            cursor.execute("ROLLBACK TO every")
            outcomes = [_apply_apart(cursor, each) for each in group]
            break
        outcomes.append(failure)
    cursor.execute("RELEASE every")
    return outcomes


def _apply_apart(cursor: sqlite3.Cursor, writes: Sequence[Write]) -> PortError | None:
    """One change of which nothing is left when it fails."""
    cursor.execute("SAVEPOINT change")
    failure, undo = _apply(cursor, writes)
    if undo:
        cursor.execute("ROLLBACK TO change")
    cursor.execute("RELEASE change")
    return failure


def _apply(cursor: sqlite3.Cursor, writes: Sequence[Write]) -> tuple[PortError | None, bool]:
    """One change: why it fails, if it does, and whether it has written something by then."""
    undo = False
    for write in writes:
        try:
            touched = cursor.execute(_translate(write.sql), _storable(write.args)).rowcount
        except (sqlite3.Error, ValueError, OverflowError) as error:
            meaning = _meaning(error)
            if isinstance(meaning, Unavailable):
                raise
            return _caused(meaning, error), undo
        undo = undo or touched != 0
        if write.expect is not None and touched != write.expect:
            return Conflict(f"Expected to touch {write.expect} rows, touched {touched}"), undo
    return None, False


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
