"""PostgreSQL through asyncpg: reads from a pool, commits in groups on a few lanes of one connection each."""

import asyncio
import json
from collections.abc import Sequence

import asyncpg

from frontdesk.basics.errors import Conflict, PortError, Rejected, Unavailable
from frontdesk.ports.db import Row, Value, Write

GROUP_LIMIT = 64
LANES = 4

_Ticket = tuple[Sequence[Write], "asyncio.Future[None]"]
_LOST = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError, asyncpg.AdminShutdownError)
_TIMEOUT_SECONDS = 30


def _meaning(error: Exception) -> PortError:
    if isinstance(error, asyncpg.UniqueViolationError):
        return Conflict("A row with this key exists already")
    if isinstance(error, asyncpg.TransactionRollbackError):
        return Conflict("Two changes waited for each other; this one was given up")
    if isinstance(error, asyncpg.DataError | asyncpg.IntegrityConstraintViolationError):
        return Rejected("The database refused a value of the write")
    if isinstance(error, asyncpg.SyntaxOrAccessError):
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
        try:
            self._pool = await asyncpg.create_pool(
                self._url, min_size=1, max_size=self._readers, command_timeout=_TIMEOUT_SECONDS
            )
        except (asyncpg.PostgresError, *_LOST, TimeoutError, ValueError) as error:
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
        if self._pool is None:
            raise Unavailable("The database is closed")
        try:
            records = await self._pool.fetch(sql, *args)
        except (asyncpg.PostgresError, *_LOST, TimeoutError) as error:
            raise _meaning(error) from error
        return [tuple(record) for record in records]

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
        subject = writes[0].args[0] if writes and writes[0].args else None
        self._lanes[hash(subject) % len(self._lanes)].put((writes, future))
        await asyncio.shield(future)


class _Lane:
    """One connection and the queue in front of it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._tickets: asyncio.Queue[_Ticket | None] = asyncio.Queue()
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._tickets = asyncio.Queue()
        self._task = asyncio.create_task(self._run(), name="frontdesk-db-lane")

    async def stop(self) -> None:
        self._tickets.put_nowait(None)
        if self._task is not None:
            await self._task

    def put(self, ticket: _Ticket) -> None:
        self._tickets.put_nowait(ticket)

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
        await self._disconnect()

    async def _commit_group(self, group: list[_Ticket]) -> None:
        try:
            connection = await self._connected()
        except (asyncpg.PostgresError, *_LOST, TimeoutError) as error:
            _settle(group, _unavailable(error))
            return
        try:
            outcomes = await _transaction(connection, [writes for writes, _ in group])
        except asyncpg.PostgresError as error:
            if isinstance(error, _LOST):
                await self._lose(group, error)
            elif len(group) == 1:
                _settle(group, _caused(_meaning(error), error))
            else:
                # One change's statement failed and took the transaction along: each again, alone.
                for ticket in group:
                    await self._commit_group([ticket])
        except (*_LOST, TimeoutError) as error:
            await self._lose(group, error)
        else:
            for (_, future), outcome in zip(group, outcomes, strict=True):
                _resolve(future, outcome)

    async def _lose(self, group: list[_Ticket], error: Exception) -> None:
        await self._disconnect()
        _settle(group, _unavailable(error))

    async def _connected(self) -> "asyncpg.Connection[asyncpg.Record]":
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(
                self._url, timeout=10, command_timeout=_TIMEOUT_SECONDS, statement_cache_size=500
            )
        return self._connection

    async def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


async def _transaction(
    connection: "asyncpg.Connection[asyncpg.Record]", group: list[Sequence[Write]]
) -> list[PortError | None]:
    """All changes of the group in one transaction. A conflict is seen by row count and undoes its own change alone."""
    outcomes: list[PortError | None] = []
    async with connection.transaction():
        for writes in group:
            outcomes.append(await _apply(connection, writes))
    return outcomes


async def _apply(connection: "asyncpg.Connection[asyncpg.Record]", writes: Sequence[Write]) -> PortError | None:
    # A failed guard that comes first has changed nothing, so only a guard further on needs a savepoint.
    guarded_later = any(write.expect is not None for write in writes[1:])
    if guarded_later:
        await connection.execute("SAVEPOINT change")
    for sql, args, expect in writes:
        status = await connection.execute(sql, *args)
        if expect is None:
            continue
        touched = int(status.rsplit(" ", 1)[1])
        if touched != expect:
            if guarded_later:
                await connection.execute("ROLLBACK TO SAVEPOINT change")
            return Conflict(f"Expected to touch {expect} rows, touched {touched}")
    return None


def _unavailable(error: Exception) -> PortError:
    return _caused(Unavailable("The connection to PostgreSQL was lost"), error)


def _caused(meaning: PortError, error: Exception) -> PortError:
    meaning.__cause__ = error
    return meaning


def _settle(group: list[_Ticket], outcome: PortError | None) -> None:
    for _, future in group:
        _resolve(future, outcome)


def _resolve(future: "asyncio.Future[None]", outcome: PortError | None) -> None:
    if future.done():
        return
    if outcome is None:
        future.set_result(None)
    else:
        future.set_exception(outcome)
        future.exception()  # marks it as seen: the waiter may have been cancelled meanwhile
