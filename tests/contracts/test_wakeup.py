"""The contract of the wake-up port, within a process and through a real PostgreSQL."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Self
from urllib.parse import urlsplit

import asyncpg
import pytest

from frontdesk.adapters.wakeup_memory import MemoryWakeup
from frontdesk.adapters.wakeup_postgres import APPLICATION_NAME, PostgresWakeup
from frontdesk.basics.errors import Rejected, Unavailable
from frontdesk.ports.wakeup import Wakeup
from servers.child import free_ports

SOON = 5.0
NEVER = 0.15


@contextlib.asynccontextmanager
async def started(wakeup: Wakeup) -> AsyncIterator[Wakeup]:
    await wakeup.start()
    try:
        yield wakeup
    finally:
        await wakeup.stop()


@pytest.fixture(params=["memory", "postgres", "postgres, two processes' worth"])
async def two_ends(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Wakeup, Wakeup]]:
    """Who notifies, and who listens."""
    if request.param == "memory":
        wakeups: list[Wakeup] = [MemoryWakeup()]
    else:
        url = request.getfixturevalue("postgres_url")
        wakeups = [PostgresWakeup(url) for _ in range(2 if "two" in request.param else 1)]
    async with contextlib.AsyncExitStack() as stack:
        for each in wakeups:
            await stack.enter_async_context(started(each))
        yield wakeups[0], wakeups[-1]


class TestEverywhere:
    async def test_a_waiter_is_woken(self, two_ends: tuple[Wakeup, Wakeup]) -> None:
        sender, listener = two_ends
        async with listener.subscribe("session 1") as subscription:
            waiting = asyncio.create_task(subscription.wait(SOON))
            await asyncio.sleep(0.02)
            assert not waiting.done()
            sender.notify("session 1")
            assert await waiting

    async def test_a_notification_before_the_wait_counts(self, two_ends: tuple[Wakeup, Wakeup]) -> None:
        sender, listener = two_ends
        async with listener.subscribe("t") as subscription:
            sender.notify("t")
            await asyncio.sleep(0.05)
            assert await subscription.wait(SOON)
            assert not await subscription.wait(NEVER)

    async def test_nobody_is_woken_by_another_topic(self, two_ends: tuple[Wakeup, Wakeup]) -> None:
        sender, listener = two_ends
        async with listener.subscribe("t1") as subscription:
            sender.notify("t")
            sender.notify("t11")
            assert not await subscription.wait(NEVER)

    async def test_every_listener_of_a_topic_is_woken(self, two_ends: tuple[Wakeup, Wakeup]) -> None:
        sender, listener = two_ends
        async with listener.subscribe("t") as one, listener.subscribe("t") as other, sender.subscribe("t") as own:
            sender.notify("t")
            assert [await each.wait(SOON) for each in (one, other, own)] == [True] * 3

    async def test_a_thousand_notifications_wake_a_thousand_listeners(self, two_ends: tuple[Wakeup, Wakeup]) -> None:
        sender, listener = two_ends
        async with contextlib.AsyncExitStack() as stack:
            topics = [f"session {number}" for number in range(1000)]
            subscriptions = [await stack.enter_async_context(listener.subscribe(topic)) for topic in topics]
            for topic in topics:
                sender.notify(topic)
            assert all(await asyncio.gather(*[each.wait(SOON) for each in subscriptions]))

    async def test_a_thousand_notifications_of_one_topic_do_not_lose_the_last(
        self, two_ends: tuple[Wakeup, Wakeup]
    ) -> None:
        sender, listener = two_ends
        async with listener.subscribe("t") as subscription:
            for _ in range(1000):
                sender.notify("t")
            assert await subscription.wait(SOON)
            while await subscription.wait(NEVER):
                pass
            sender.notify("t")
            assert await subscription.wait(SOON)

    async def test_who_has_left_is_not_woken(self, two_ends: tuple[Wakeup, Wakeup]) -> None:
        sender, listener = two_ends
        async with listener.subscribe("t") as left:
            pass
        sender.notify("t")
        assert not await left.wait(NEVER)

    @pytest.mark.parametrize("topic", ["", "x" * 64, "ä", "a\0b", "a\n", "\ud800"])
    async def test_what_is_no_topic_wakes_nobody_and_takes_no_listener(
        self, two_ends: tuple[Wakeup, Wakeup], topic: str
    ) -> None:
        sender, listener = two_ends
        sender.notify(topic)
        with pytest.raises(Rejected):
            async with listener.subscribe(topic):
                pass
        async with listener.subscribe("x" * 63) as subscription:
            sender.notify("x" * 63)
            assert await subscription.wait(SOON)

    async def test_stopping_wakes_every_waiter(self, two_ends: tuple[Wakeup, Wakeup]) -> None:
        _, listener = two_ends
        async with listener.subscribe("t1") as one, listener.subscribe("t2") as other:
            waiting = [asyncio.create_task(each.wait(SOON)) for each in (one, other)]
            await asyncio.sleep(0)
            await listener.stop()
            assert await asyncio.gather(*waiting) == [True, True]
            listener.notify("t1")
            await listener.stop()


async def kill_connections(url: str) -> int:
    admin = await asyncpg.connect(url)
    try:
        killed = await admin.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = $1 AND datname = current_database()",
            APPLICATION_NAME,
        )
    finally:
        await admin.close()
    return len(killed)


class SilentNetwork:
    """Stands between a client and the database, and swallows everything while `silent`."""

    def __init__(self, url: str) -> None:
        self._to = urlsplit(url)
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []
        self.silent = False
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = self._to._replace(netloc=f"{self._to.username}@127.0.0.1:{port}").geturl()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            writer.transport.abort()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        await self._server.wait_closed()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        database_reader, database_writer = await asyncio.open_connection(self._to.hostname, self._to.port)
        self._writers += [writer, database_writer]
        for ends in ((reader, database_writer), (database_reader, writer)):
            self._tasks.add(asyncio.create_task(self._pass_on(*ends)))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while content := await reader.read(65536):
                if not self.silent:
                    writer.write(content)
        writer.close()


class TestPostgres:
    async def test_a_lost_connection_wakes_every_waiter_and_is_made_anew(self, postgres_url: str) -> None:
        first, second = PostgresWakeup(postgres_url), PostgresWakeup(postgres_url)
        async with started(first), started(second), first.subscribe("t") as one, second.subscribe("u") as other:
            waiting = [asyncio.create_task(each.wait(SOON)) for each in (one, other)]
            await asyncio.sleep(0)
            assert await kill_connections(postgres_url) == 2
            assert await asyncio.gather(*waiting) == [True, True]
            assert await one.wait(SOON)  # connected again
            assert await other.wait(SOON)
            second.notify("t")
            assert await one.wait(SOON)

    async def test_a_nudge_sent_while_disconnected_arrives_later(self, postgres_url: str) -> None:
        sender, listener = PostgresWakeup(postgres_url), PostgresWakeup(postgres_url)
        async with started(sender), started(listener), listener.subscribe("t") as subscription:
            await kill_connections(postgres_url)
            sender.notify("t")
            assert await subscription.wait(SOON)
            while await subscription.wait(0.5):
                pass
            sender.notify("t")
            assert await subscription.wait(SOON)

    async def test_stopping_sends_what_is_on_its_way(self, postgres_url: str) -> None:
        sender = PostgresWakeup(postgres_url)
        async with started(PostgresWakeup(postgres_url)) as listener, listener.subscribe("t") as subscription:
            await sender.start()
            sender.notify("t")
            await sender.stop()
            assert await subscription.wait(SOON)

    async def test_asking_an_idle_connection_wakes_nobody(self, postgres_url: str) -> None:
        wakeup = PostgresWakeup(postgres_url, alive_seconds=0.02)
        async with started(wakeup), wakeup.subscribe("t") as subscription:
            assert not await subscription.wait(NEVER)

    async def test_a_silent_network_is_noticed(self, postgres_url: str) -> None:
        async with SilentNetwork(postgres_url) as network:
            wakeup = PostgresWakeup(network.url, alive_seconds=0.1, answer_seconds=0.2)
            async with started(wakeup), wakeup.subscribe("t") as subscription:
                assert not await subscription.wait(NEVER)
                network.silent = True
                assert await subscription.wait(SOON)
                network.silent = False
                assert await subscription.wait(SOON)
                wakeup.notify("t")
                assert await subscription.wait(SOON)

    async def test_a_database_that_does_not_answer_is_unavailable(self) -> None:
        [port] = free_ports(1)
        with pytest.raises(Unavailable):
            await PostgresWakeup(f"postgresql://nobody@127.0.0.1:{port}/none").start()

    async def test_it_can_be_started_again(self, postgres_url: str) -> None:
        wakeup = PostgresWakeup(postgres_url)
        for _ in range(2):
            async with started(wakeup), wakeup.subscribe("t") as subscription:
                wakeup.notify("t")
                assert await subscription.wait(SOON)

    async def test_a_nudge_between_processes_takes_milliseconds(self, postgres_url: str) -> None:
        sender, listener = PostgresWakeup(postgres_url), PostgresWakeup(postgres_url)
        async with started(sender), started(listener), listener.subscribe("t") as subscription:
            took = []
            for _ in range(50):
                begun = time.perf_counter()
                sender.notify("t")
                assert await subscription.wait(SOON)
                took.append(time.perf_counter() - begun)
        print(f"median {sorted(took)[25] * 1000:.2f} ms")
        assert sorted(took)[25] < 0.1
