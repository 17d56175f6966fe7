"""PostgreSQL through asyncpg: reads from a pool, commits in groups on a few lanes of one connection each."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from typing import TypeAlias

import asyncpg
from asyncpg.exceptions import InternalClientError

from frontdesk.basics.errors import Conflict, PortError, Rejected, Unavailable
from frontdesk.ports.db import Row, Value, Write

GROUP_LIMIT = 64
LANES = 2
"""Measured (bench/commits.py): more lanes make smaller groups, one lane waits for each flush."""

_Ticket = tuple[Sequence[Write], "asyncio.Future[None]"]
_Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
_Apply = Callable[[_Connection, Sequence[Write]], Awaitable[PortError | None]]
_FAULTS = (asyncpg.PostgresError, asyncpg.InterfaceError, InternalClientError, OSError, TimeoutError)
"""Everything that asyncpg raises: the server's errors, its own, and the socket's."""
_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.CannotConnectNowError,
    InternalClientError,  # "another operation is in progress": the server said goodbye while nobody listened
    OSError,
    TimeoutError,
)
_CONNECT_SECONDS = 10
_TIMEOUT_SECONDS = 30
_STATEMENTS = 500


class _Reading(asyncpg.Connection):
    """A connection of the pool: a reading leaves nothing behind, so giving it back costs no round trip."""

    def get_reset_query(self) -> str:
        return ""


class _Died(Unavailable):
    """The connection was lost, and the next one may well be good."""


class _TooMany(asyncpg.PostgresError):
    """A guard touched rows that it should not have; as with any statement that failed, the transaction must go."""


def _deadlocked(error: Exception) -> bool:
    return isinstance(error, asyncpg.TransactionRollbackError)


def _meaning(error: Exception) -> PortError:
    if isinstance(error, _LOST):
        return Unavailable("The connection to PostgreSQL was lost")
    if isinstance(error, _TooMany):
        return Conflict(str(error))
    if isinstance(error, asyncpg.UniqueViolationError):
        return Conflict("A row with this key exists already")
    if _deadlocked(error):
        return Conflict("Two changes waited for each other; this one was given up")
    if isinstance(error, asyncpg.DataError | asyncpg.IntegrityConstraintViolationError):
        return Rejected("The database refused a value of the write")
    if isinstance(error, asyncpg.SyntaxOrAccessError | asyncpg.InterfaceError):
        return Rejected("The database refused the statement")
    return Unavailable("The database cannot do this now")


class PostgresDb:
    """One database of a PostgreSQL server."""

    dialect = "postgresql"

    def __init__(self, url: str, *, readers: int = 8, lanes: int = LANES) -> None:
        self._url = url
        self._readers = readers
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._lanes = [_Lane(url) for _ in range(lanes)]
        self._open = False

    async def open(self) -> None:
        if self._open:
            return
        try:
            self._pool = await asyncpg.create_pool(
                self._url,
                min_size=1,
                max_size=self._readers,
                timeout=_CONNECT_SECONDS,
                command_timeout=_TIMEOUT_SECONDS,
                statement_cache_size=_STATEMENTS,
                connection_class=_Reading,
            )
        except (*_FAULTS, ValueError) as error:
            raise Unavailable(f"PostgreSQL cannot be reached: {type(error).__name__}") from error
        for lane in self._lanes:
            lane.start()
        self._open = True

    async def close(self) -> None:
        if not self._open:
            return
        self._open = False
        await asyncio.gather(*[lane.stop() for lane in self._lanes])
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    async def one(self, sql: str, *args: Value) -> Row | None:
        rows = await self.all(sql, *args)
        return rows[0] if rows else None

    async def all(self, sql: str, *args: Value) -> list[Row]:
        # A reading changes nothing, so one that met a dead connection of the pool takes the next; after a restart
        # of the server every one of them is dead.
        for _ in range(self._readers):
            try:
                return await self._read(sql, args)
            except _Died:
                continue
        return await self._read(sql, args)

    async def _read(self, sql: str, args: Sequence[Value]) -> list[Row]:
        if self._pool is None:
            raise Unavailable("The database is closed")
        connection = None
        try:
            async with self._pool.acquire() as connection:
                try:
                    records = await connection.fetch(sql, *args)
                except _LOST:
                    connection.terminate()  # else the pool would hand it out again
                    raise
        except _FAULTS as error:
            if connection is None:
                raise Unavailable("PostgreSQL cannot be reached") from error
            if isinstance(error, _LOST) and not isinstance(error, TimeoutError):
                raise _Died("The connection to PostgreSQL was lost") from error
            raise _meaning(error) from error
        return [tuple(record) for record in records]

    async def scrub(self) -> bool:
        """PostgreSQL clears dead rows by itself (autovacuum) and ends its journal by its own settings."""
        return True

    async def explain(self, sql: str, args: Sequence[Value]) -> str:
        """The plan with full scans made dear, as a plan for a large table would be."""
        if self._pool is None:
            raise Unavailable("The database is closed")
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL enable_seqscan = off")
            plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *args)
        return json.dumps(json.loads(plan))

    async def commit(self, writes: Sequence[Write]) -> None:
        if not self._open:
            raise Unavailable("The database is closed")
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # Changes of one session share a lane, so that they do not wait for each other's row locks across lanes.
        self._lanes[hash(_subject(writes)) % len(self._lanes)].put((writes, future))
        await future  # nobody else waits for it: that of a cancelled waiter is passed over when its group is settled


def _subject(writes: Sequence[Write]) -> str:
    return str(writes[0].args[0]) if writes and writes[0].args else ""


class _Lane:
    """One connection and the queue in front of it.

    The changes of a group are applied one after the other. Sending equal statements of several changes together would
    save round trips, but then one change's guard would be asked before its neighbour's other writes were made.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._tickets: asyncio.Queue[_Ticket | None] = asyncio.Queue()
        self._connection: _Connection | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="frontdesk-db-lane")

    async def stop(self) -> None:
        self._tickets.put_nowait(None)
        if self._task is not None:
            await self._task

    def put(self, ticket: _Ticket) -> None:
        self._tickets.put_nowait(ticket)
        if self._task is None or self._task.done():
            self.start()  # a fault that nobody foresaw has ended it

    async def _run(self) -> None:
        last = False
        while not last:
            ticket = await self._tickets.get()
            group: list[_Ticket] = []
            while ticket is not None:
                group.append(ticket)
                if len(group) >= GROUP_LIMIT or self._tickets.empty():
                    break
                ticket = self._tickets.get_nowait()
            last = ticket is None
            if group:
                await self._commit_group(group)
        self._disconnect()

    async def _commit_group(self, group: list[_Ticket]) -> None:
        # Every lane of every process takes row locks in the same order: so they wait, but not for each other.
        group.sort(key=lambda ticket: _subject(ticket[0]))
        outcomes: list[PortError | None] = [Unavailable("PostgreSQL cannot keep changes now") for _ in group]
        try:
            outcomes = await _grouped(await self._begun(), [writes for writes, _ in group])
        except _FAULTS as error:
            self._disconnect()  # whatever state it is in: the next group begins with a new connection
            outcomes = [_caused(Unavailable("PostgreSQL cannot keep changes now"), error) for _ in group]
        finally:
            for (_, future), outcome in zip(group, outcomes, strict=True):
                _resolve(future, outcome)

    async def _begun(self) -> _Connection:
        """A connection in a new transaction. One that died while it was idle is replaced: nothing was lost yet."""
        if self._connection is not None:
            try:
                await self._connection.execute("BEGIN")
            except _FAULTS:
                self._disconnect()
            else:
                return self._connection
        self._connection = await asyncpg.connect(
            self._url,
            timeout=_CONNECT_SECONDS,
            command_timeout=_TIMEOUT_SECONDS,
            statement_cache_size=_STATEMENTS,
        )
        await self._connection.execute("BEGIN")
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


async def _grouped(connection: _Connection, group: list[Sequence[Write]]) -> list[PortError | None]:
    """Commit the transaction that was begun, with all changes of the group that can be kept."""
    try:
        return await _transaction(connection, group, _apply)
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        meaning = _meaning(error)
        if connection.is_closed() or isinstance(meaning, Unavailable):
            raise
        if len(group) == 1:
            return [_caused(meaning, error)]
        alone = _deadlocked(error)
    if not alone:
        # One change's statement failed and took the transaction along: again, each behind a savepoint of its own.
        try:
            await connection.execute("BEGIN")
            return await _transaction(connection, group, _apply_apart)
        except asyncpg.TransactionRollbackError:
            pass
    outcomes = []
    for writes in group:  # locks that are held for a neighbour are what a deadlock is made of: each alone
        await connection.execute("BEGIN")
        outcomes += await _grouped(connection, [writes])
    return outcomes


async def _transaction(connection: _Connection, group: list[Sequence[Write]], apply: _Apply) -> list[PortError | None]:
    try:
        outcomes = [await apply(connection, writes) for writes in group]
        await connection.execute("COMMIT")
    except (asyncpg.PostgresError, asyncpg.InterfaceError):
        if not connection.is_closed():
            await connection.execute("ROLLBACK")
        raise
    return outcomes


async def _apply(connection: _Connection, writes: Sequence[Write]) -> PortError | None:
    """One change inside the group's transaction. A conflict is seen by row count and undoes its own change alone."""
    # A failed guard that comes first has changed nothing, so only a guard further on needs a savepoint.
    guarded_later = any(write.expect is not None for write in writes[1:])
    if guarded_later:
        await connection.execute("SAVEPOINT change")
    for (sql, expect), alike in groupby(writes, key=lambda write: (write.sql, write.expect)):
        rows = [write.args for write in alike]
        if expect is None and len(rows) > 1:
            await connection.executemany(sql, rows)  # one round trip for all; it returns no row counts
            continue
        for row in rows:
            status = await connection.execute(sql, *row)
            if expect is None or (touched := int(status.rsplit(" ", 1)[1])) == expect:
                continue
            if guarded_later:
                await connection.execute("ROLLBACK TO SAVEPOINT change")
            elif touched:
                raise _TooMany(f"Expected to touch {expect} rows, touched {touched}")
            return Conflict(f"Expected to touch {expect} rows, touched {touched}")
    return None


async def _apply_apart(connection: _Connection, writes: Sequence[Write]) -> PortError | None:
    """As `_apply`, but a statement that fails undoes its own change alone, too."""
    await connection.execute("SAVEPOINT apart")
    try:
        outcome = await _apply(connection, writes)
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        meaning = _meaning(error)
        if connection.is_closed() or isinstance(meaning, Unavailable) or _deadlocked(error):
            raise
        await connection.execute("ROLLBACK TO SAVEPOINT apart")
        outcome = _caused(meaning, error)
    await connection.execute("RELEASE SAVEPOINT apart")
    return outcome


def _caused(meaning: PortError, error: Exception) -> PortError:
    meaning.__cause__ = error
    return meaning


def _resolve(future: "asyncio.Future[None]", outcome: PortError | None) -> None:
    if future.done():
        return
    if outcome is None:
        future.set_result(None)
    else:
        future.set_exception(outcome)
        future.exception()  # marks it as seen: the waiter may have been cancelled meanwhile
