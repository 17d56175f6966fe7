"""Wake-ups between processes through PostgreSQL's NOTIFY, on one connection of its own."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from frontdesk.adapters.wakeup_memory import MemoryWakeup
from frontdesk.basics.errors import Unavailable
from frontdesk.ports.wakeup import Subscription, is_topic

CHANNEL = "frontdesk"
APPLICATION_NAME = "frontdesk wakeup"
_NOTIFY = "SELECT pg_notify($1, topic) FROM unnest($2::text[]) AS topic"
_ALIVE = "SELECT 1"
# InternalClientError: what asyncpg raises for a statement that meets the server's farewell half-way.
_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
_LAST_FLUSH_SECONDS = 5

_Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
_Sender: TypeAlias = "_Connection | PoolConnectionProxy[asyncpg.Record]"


class PostgresWakeup:
    """Every topic travels as the payload of one channel, so that a new listener costs no statement.

    Listeners of this process are woken at once, those of others by a task that sends what has gathered meanwhile
    in one statement. An idle connection is asked every `alive_seconds` whether it still is one, because a network
    that swallows everything reports nothing; no answer in `answer_seconds` is a lost connection.
    """

    def __init__(
        self,
        url: str,
        *,
        first_pause: float = 0.1,
        longest_pause: float = 5,
        alive_seconds: float = 20,
        answer_seconds: float = 10,
    ) -> None:
        self._url = url
        self._first_pause = first_pause
        self._longest_pause = longest_pause
        self._alive_seconds = alive_seconds
        self._answer_seconds = answer_seconds
        self._local = MemoryWakeup()
        self._unsent: set[str] = set()
        self._something = asyncio.Event()
        self._connection: _Connection | None = None
        self._pid = 0
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        try:
            await self._connect()
        except (*_ERRORS, ValueError) as error:
            raise Unavailable(f"PostgreSQL cannot be reached: {type(error).__name__}") from error
        self._stopping = False
        self._task = asyncio.create_task(self._run(), name="wakeup")

    async def stop(self) -> None:
        self._stopping = True
        self._something.set()
        if self._task is not None:
            task, self._task = self._task, None
            await asyncio.wait([task], timeout=_LAST_FLUSH_SECONDS)
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                task.result()
        self._drop_connection()
        self._unsent.clear()
        self._local.wake_all()

    def notify(self, topic: str) -> None:
        if self._stopping or not is_topic(topic):
            return
        self._local.notify(topic)
        self._unsent.add(topic)
        self._something.set()

    def subscribe(self, topic: str) -> AbstractAsyncContextManager[Subscription]:
        return self._local.subscribe(topic)

    async def _run(self) -> None:
        pause = self._first_pause
        while not (self._stopping and not self._unsent):
            try:
                if self._connection is None:
                    await self._connect()
                    # What others sent while we were away is lost: let everybody look for themselves.
                    self._local.wake_all()
                    pause = self._first_pause
                await self._send()
                await self._wait_for_something()
            except _ERRORS:
                self._drop_connection()
                self._local.wake_all()
                await asyncio.sleep(pause)
                pause = min(pause * 2, self._longest_pause)

    async def _connect(self) -> None:
        connection: _Connection = await asyncpg.connect(
            self._url,
            timeout=self._answer_seconds,
            command_timeout=self._answer_seconds,
            server_settings={"application_name": APPLICATION_NAME},
        )
        connection.add_termination_listener(self._on_lost)
        try:
            await connection.add_listener(CHANNEL, self._on_notification)
        except _ERRORS:
            connection.terminate()
            raise
        self._pid = connection.get_server_pid()
        self._connection = connection

    async def _send(self) -> None:
        if not self._unsent or self._connection is None:
            return
        sending, self._unsent = self._unsent, set()
        try:
            await self._connection.execute(_NOTIFY, CHANNEL, list(sending))
        except BaseException:
            self._unsent |= sending  # they may go out twice, but not never
            raise

    async def _wait_for_something(self) -> None:
        if self._unsent or self._stopping:
            return
        self._something.clear()
        try:
            async with asyncio.timeout(self._alive_seconds):
                await self._something.wait()
        except TimeoutError:
            if self._connection is not None:
                await self._connection.execute(_ALIVE)
        if self._connection is None or self._connection.is_closed():
            raise ConnectionResetError

    def _on_notification(self, _: _Sender, pid: int, channel: str, payload: object) -> None:
        if pid != self._pid:  # our own listeners were woken when it was sent
            self._local.notify(str(payload))

    def _on_lost(self, _: _Sender) -> None:
        self._something.set()

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.remove_termination_listener(self._on_lost)
            connection.terminate()
