"""The contract of the durable engine, on SQLite and on a real PostgreSQL, with processes that are really killed."""

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from frontdesk.adapters.engine_database import connect
from frontdesk.adapters.engine_dbos import DbosEngine, Pace
from frontdesk.basics.errors import Rejected, Unavailable
from frontdesk.ports.engine import Engine, Job
from servers.child import free_ports
from servers.postgres import fresh_database

QUICK = Pace(
    polling=0.05, beat=0.2, dead_after=1, first_pause=0.01, pause_growth=1.5, longest_pause=0.1, stop_grace=0.2
)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One for the module, because DBOS needs two seconds to set up a new one."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('engine')}/engine.db"
    else:
        with fresh_database(request.getfixturevalue("postgres_server")) as url:
            yield url


@pytest.fixture
def url(database: str) -> str:
    """The database, without jobs and processes."""
    engine = connect(sa.make_url(database))
    schema = "dbos" if engine.dialect.name == "postgresql" else None
    content = sa.MetaData()
    content.reflect(engine, schema)
    with engine.begin() as connection:
        for table in reversed(content.sorted_tables):
            if table.name not in ("dbos_migrations", "queues", "application_versions"):
                connection.execute(table.delete())
    engine.dispose()
    return database


@contextlib.asynccontextmanager
async def started(url: str, executor_id: str = "one", pace: Pace = QUICK, **jobs: Job) -> AsyncIterator[Engine]:
    engine = DbosEngine(url, executor_id, pace)
    for name, job in jobs.items():
        engine.register(name, job)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


@contextlib.asynccontextmanager
async def child(url: str, executor_id: str, file: Path, job: str, key: str = "") -> AsyncIterator[Callable[[], None]]:
    """Another process that runs jobs; yields what kills it."""
    arguments = [url, executor_id, str(file), job, *([key] if key else [])]
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "contracts.engine_child", *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        yield process.kill
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def until_counts(engine: Engine, seconds: float = 10, **expected: int) -> None:
    wanted = {"waiting": 0, "running": 0, "failed": 0, **expected}
    counts: dict[str, int] = {}
    try:
        async with asyncio.timeout(seconds):
            while counts != wanted:
                await asyncio.sleep(0.02)
                counts = await engine.counts()
    except TimeoutError:
        assert counts == wanted


class Diary:
    """Jobs that write down what they were given."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.may_end = asyncio.Event()

    async def note(self, argument: str) -> None:
        self.lines.append(argument)

    async def fail(self, argument: str) -> None:
        self.lines.append(argument)
        raise LookupError("a secret that must not be kept")

    async def wait(self, argument: str) -> None:
        self.lines.append(argument)
        await self.may_end.wait()


class TestRunning:
    async def test_a_job_gets_its_argument_in_the_loop_that_started_the_engine(self, url: str) -> None:
        seen = []

        async def look(argument: str) -> None:
            seen.append((argument, asyncio.get_running_loop(), threading.current_thread()))

        async with started(url, look=look) as engine:
            await engine.enqueue("k", "look", '{"n": 1}')
            await until(lambda: len(seen) == 1)
            await until_counts(engine)
        assert seen == [('{"n": 1}', asyncio.get_running_loop(), threading.current_thread())]

    async def test_the_same_key_runs_once_even_after_a_restart(self, url: str) -> None:
        diary = Diary()
        for _ in range(2):
            async with started(url, note=diary.note) as engine:
                await asyncio.gather(*[engine.enqueue("same", "note", "x") for _ in range(3)])
                await until_counts(engine)
                await engine.enqueue("same", "note", "y")
                await engine.enqueue("other", "note", "z")
                await until(lambda: "z" in diary.lines)
                await until_counts(engine)
        assert diary.lines == ["x", "z"]

    async def test_many_jobs_all_run(self, url: str) -> None:
        diary = Diary()
        async with started(url, note=diary.note) as engine:
            await asyncio.gather(*[engine.enqueue(f"k{number}", "note", str(number)) for number in range(60)])
            await until_counts(engine)
        assert sorted(diary.lines, key=int) == [str(number) for number in range(60)]

    async def test_no_more_run_at_once_than_there_are_slots(self, url: str) -> None:
        diary = Diary()
        pace = Pace(polling=0.05, concurrency=2)
        async with started(url, pace=pace, wait=diary.wait) as engine:
            for number in range(5):
                await engine.enqueue(f"k{number}", "wait", str(number))
            await until(lambda: len(diary.lines) == 2)
            await asyncio.sleep(0.3)
            assert len(diary.lines) == 2
            diary.may_end.set()
            await until_counts(engine)
        assert len(diary.lines) == 5


class TestFailing:
    async def test_a_job_that_raises_is_tried_ten_times_then_failed_and_kept(self, url: str) -> None:
        diary = Diary()
        async with started(url, fail=diary.fail) as engine:
            await engine.enqueue("k", "fail", "x")
            await until_counts(engine, failed=1)
            await engine.enqueue("k", "fail", "x")
            await asyncio.sleep(0.2)
            assert await engine.counts() == {"waiting": 0, "running": 0, "failed": 1}
        assert diary.lines == ["x"] * 10

    async def test_nothing_of_what_a_job_raised_is_kept(self, url: str) -> None:
        async with started(url, fail=Diary().fail) as engine:
            await engine.enqueue("k", "fail", "x")
            await until_counts(engine, failed=1)
        kept = " ".join(str(row) for table in ("workflow_status", "operation_outputs") for row in rows(url, table))
        assert "LookupError" in kept
        assert "secret" not in kept

    async def test_a_job_that_recovers_is_done(self, url: str) -> None:
        tries = []

        async def third_time_lucky(argument: str) -> None:
            tries.append(argument)
            if len(tries) < 3:
                raise OSError

        async with started(url, job=third_time_lucky) as engine:
            await engine.enqueue("k", "job", "x")
            await until_counts(engine, running=0)
            await until(lambda: len(tries) == 3)
            await until_counts(engine)

    async def test_attempts_are_counted_across_a_restart(self, url: str) -> None:
        diary = Diary()
        async with started(url, pace=Pace(polling=0.05, first_pause=0.01, pause_growth=30), fail=diary.fail) as engine:
            await engine.enqueue("k", "fail", "x")
            await until(lambda: len(diary.lines) == 3)  # the next pause is 9 s: it is stopped in it
            await asyncio.sleep(0.1)
        async with started(url, fail=diary.fail) as engine:
            await until_counts(engine, failed=1)
        assert len(diary.lines) == 10

    async def test_one_failing_job_does_not_hold_up_the_others(self, url: str) -> None:
        diary = Diary()
        async with started(url, pace=Pace(polling=0.05, concurrency=1), fail=diary.fail, note=diary.note) as engine:
            await engine.enqueue("bad", "fail", "bad")
            await until(lambda: diary.lines == ["bad"])
            await engine.enqueue("good", "note", "good")
            await until(lambda: diary.lines == ["bad", "good"], seconds=1.5)

    async def test_a_job_that_cancels_itself_has_failed(self, url: str) -> None:
        async def cancel(argument: str) -> None:
            raise asyncio.CancelledError

        async with started(url, cancel=cancel) as engine:
            await engine.enqueue("k", "cancel", "x")
            await until_counts(engine, failed=1)

    async def test_a_job_that_nobody_knows_is_failed(self, url: str) -> None:
        async with started(url) as engine:
            await engine.enqueue("k", "nowhere", "x")
            await until_counts(engine, failed=1)

    async def test_a_job_without_key_is_rejected(self, url: str) -> None:
        async with started(url, note=Diary().note) as engine:
            for key in ("", "  ", "a\0b"):
                with pytest.raises(Rejected):
                    await engine.enqueue(key, "note", "x")


class TestStopping:
    async def test_a_job_under_way_gets_time_to_end(self, url: str) -> None:
        diary = Diary()
        async with started(url, pace=Pace(polling=0.05, stop_grace=5), wait=diary.wait) as engine:
            await engine.enqueue("k", "wait", "x")
            await until(lambda: len(diary.lines) == 1)
            asyncio.get_running_loop().call_later(0.2, diary.may_end.set)
        async with started(url, wait=diary.wait) as engine:
            await until_counts(engine)
        assert diary.lines == ["x"]

    async def test_stopping_amid_many_jobs_runs_none_of_them_twice(self, url: str) -> None:
        diary = Diary()
        async with started(url, pace=Pace(polling=0.05, stop_grace=5), note=diary.note) as engine:
            await asyncio.gather(*[engine.enqueue(f"k{number}", "note", str(number)) for number in range(40)])
            await until(lambda: len(diary.lines) >= 10)
        async with started(url, note=diary.note) as engine:
            await until_counts(engine)
        assert sorted(diary.lines, key=int) == [str(number) for number in range(40)]

    async def test_what_does_not_end_is_run_again_by_the_next_start(self, url: str) -> None:
        diary = Diary()
        async with started(url, wait=diary.wait) as engine:
            await engine.enqueue("k", "wait", "x")
            await until(lambda: len(diary.lines) == 1)
        diary.may_end.set()
        async with started(url, wait=diary.wait) as engine:
            await until(lambda: len(diary.lines) == 2)
            await until_counts(engine)

    async def test_who_stops_leaves_its_work_to_others_at_once(self, url: str) -> None:
        diary = Diary()
        async with started(url, "first", wait=diary.wait) as engine:
            await engine.enqueue("k", "wait", "x")
            await until(lambda: len(diary.lines) == 1)
        diary.may_end.set()
        async with started(url, "second", pace=Pace(polling=0.05, dead_after=3600), wait=diary.wait) as engine:
            await until(lambda: len(diary.lines) == 2)
            await until_counts(engine)

    async def test_a_stopped_engine_takes_nothing(self, url: str) -> None:
        async with started(url, note=Diary().note) as engine:
            pass
        with pytest.raises(Unavailable):
            await engine.enqueue("k", "note", "x")
        with pytest.raises(Unavailable):
            await engine.counts()
        await engine.stop()


class TestDying:
    async def test_a_killed_processs_job_is_finished_after_its_restart(self, url: str, tmp_path: Path) -> None:
        file, diary = tmp_path / "diary", Diary()
        async with child(url, "one", file, "slow", "k") as kill:
            await until(file.exists)
            kill()
        async with started(url, "one", slow=diary.note) as engine:
            await until(lambda: diary.lines == ["42"])
            await until_counts(engine)
        assert file.read_text() == "one began 42\n"

    async def test_a_survivor_takes_over_what_a_killed_process_left(self, url: str, tmp_path: Path) -> None:
        file, diary = tmp_path / "diary", Diary()
        async with child(url, "victim", file, "slow", "k") as kill:
            await until(file.exists)
            async with started(url, "survivor", slow=diary.note) as engine:
                await asyncio.sleep(1.5)
                assert diary.lines == []  # the victim lives and works: nobody takes it away
                kill()
                await until(lambda: diary.lines == ["42"])
                await until_counts(engine)

    async def test_a_job_that_brings_its_process_down_is_failed_in_the_end(self, url: str, tmp_path: Path) -> None:
        file, diary = tmp_path / "diary", Diary()
        async with child(url, "victim", file, "deadly", "k"):
            await until(file.exists)
        pace = Pace(polling=0.05, beat=0.2, dead_after=1, deaths=0)
        async with started(url, "survivor", pace=pace, deadly=diary.note) as engine:
            await until_counts(engine, failed=1)
        assert diary.lines == []


class TestUpkeep:
    async def test_finished_jobs_are_forgotten_and_failed_ones_kept(self, url: str) -> None:
        diary = Diary()
        pace = Pace(polling=0.05, beat=0.1, prune=0.1, keep_done=0, first_pause=0, attempts=2)
        async with started(url, pace=pace, note=diary.note, fail=diary.fail) as engine:
            await engine.enqueue("good", "note", "x")
            await engine.enqueue("bad", "fail", "x")
            await until_counts(engine, failed=1)
            await until(lambda: len(rows(url, "workflow_status")) == 1)
            assert len(rows(url, "operation_outputs")) == 2
            assert len(rows(url, "workflow_input")) == 1

    async def test_a_database_that_does_not_answer_is_unavailable(self) -> None:
        [port] = free_ports(1)
        engine = DbosEngine(f"postgresql://nobody@127.0.0.1:{port}/none", "one", QUICK)
        with pytest.raises(Unavailable):
            await engine.start()
        with pytest.raises(Unavailable):
            await engine.enqueue("k", "note", "x")

    async def test_lost_connections_are_made_anew(self, postgres_url: str) -> None:
        diary = Diary()
        async with started(postgres_url, note=diary.note) as engine:
            with psycopg.connect(postgres_url, autocommit=True) as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND application_name = 'frontdesk engine'"
                )
            await engine.enqueue("k", "note", "x")
            await until(lambda: diary.lines == ["x"])
            await until_counts(engine)

    async def test_the_module_does_not_import_the_slow_library(self) -> None:
        code = "import sys, frontdesk.adapters.engine_dbos; sys.exit('dbos' in sys.modules)"
        process = await asyncio.create_subprocess_exec(
            *[sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        )
        assert await process.wait() == 0


def rows(url: str, table: str) -> list[sa.Row[tuple[object, ...]]]:
    engine = connect(sa.make_url(url))
    try:
        with engine.connect() as connection:
            schema = "dbos." if engine.dialect.name == "postgresql" else ""
            return list(connection.execute(sa.text(f"SELECT * FROM {schema}{table}")))
    finally:
        engine.dispose()
