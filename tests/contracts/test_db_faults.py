"""What the database adapters do when the world fails them: full disks, lost connections, locks, deadlocks, death."""

import asyncio
import resource
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from databases import Place
from frontdesk.adapters.db_postgres import PostgresDb
from frontdesk.adapters.db_sqlite import SqliteDb
from frontdesk.basics.errors import Conflict, Unavailable
from frontdesk.ports.db import Db, Write
from servers.child import free_ports

TABLE = Write("CREATE TABLE things (id TEXT PRIMARY KEY, version BIGINT NOT NULL, note TEXT)")
PUT = "INSERT INTO things (id, version, note) VALUES ($1, $2, $3)"
IDS = "SELECT id FROM things ORDER BY id"


def put(thing: str, note: str | None = None) -> Write:
    return Write(PUT, (thing, 1, note))


async def ids(db: Db) -> list[str]:
    return [row[0] for row in await db.all(IDS)]


def file_of(place: Place) -> Path:
    return Path(place.url.removeprefix("sqlite:///"))


@pytest.fixture
async def sqlite(sqlite_place: Place) -> AsyncIterator[Db]:
    db = sqlite_place.connect()
    await db.open()
    await db.commit([TABLE])
    yield db
    await db.close()


@pytest.fixture
async def postgres(postgres_place: Place) -> AsyncIterator[Db]:
    db = postgres_place.connect()
    await db.open()
    await db.commit([TABLE])
    yield db
    await db.close()


@contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """No file of this process may grow beyond `size` bytes: the write itself fails, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class TestFullDiskOnSqlite:
    async def test_nothing_of_the_group_is_kept_and_the_adapter_recovers(self, sqlite: Db, sqlite_place: Place) -> None:
        wal = file_of(sqlite_place).with_name("frontdesk.db-wal")
        with files_end_at(wal.stat().st_size + 40_000):
            changes = [sqlite.commit([put(f"t{number}", "x" * 9_000), put(f"u{number}")]) for number in range(20)]
            results = await asyncio.gather(*changes, return_exceptions=True)
            failed = [number for number, result in enumerate(results) if result is not None]
            assert failed
            assert {type(results[number]) for number in failed} == {Unavailable}
            kept = await ids(sqlite)
        assert not {f"{letter}{number}" for number in failed for letter in "tu"} & set(kept)
        assert len(kept) == 2 * (20 - len(failed))
        await sqlite.commit([put("after")])
        assert "after" in await ids(sqlite)
        assert sqlite3.connect(file_of(sqlite_place)).execute("PRAGMA integrity_check").fetchone() == ("ok",)

    async def test_a_database_that_may_not_grow_says_so_and_recovers(self, sqlite: Db) -> None:
        pages = (await sqlite.all("PRAGMA page_count"))[0][0]
        await sqlite.commit([Write(f"PRAGMA max_page_count = {pages + 5}")])
        changes = [sqlite.commit([put(f"t{number}", "x" * 9_000)]) for number in range(20)]
        results = await asyncio.gather(*changes, return_exceptions=True)
        kept = [f"t{number}" for number, result in enumerate(results) if result is None]
        assert len(kept) < 20
        assert {type(result) for result in results} <= {Unavailable, type(None)}
        assert await ids(sqlite) == sorted(kept)
        await sqlite.commit([Write(f"PRAGMA max_page_count = {pages + 500}")])
        await sqlite.commit([put("after")])
        assert "after" in await ids(sqlite)


class TestSqliteBesideOthers:
    async def test_changes_held_back_by_another_process_all_come_through(self, sqlite: Db, sqlite_place: Place) -> None:
        with sqlite3.connect(file_of(sqlite_place), isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("INSERT INTO things (id, version) VALUES ('theirs', 1)")
            waiting = [asyncio.create_task(sqlite.commit([put(f"t{number:03}")])) for number in range(200)]
            twin = asyncio.create_task(sqlite.commit([put("lost"), put("theirs")]))
            await asyncio.sleep(0.05)
            assert not any(task.done() for task in waiting)
            assert await ids(sqlite) == []
            other.execute("COMMIT")
        other.close()
        assert await asyncio.gather(*waiting) == [None] * 200
        with pytest.raises(Conflict):
            await twin
        assert len(await ids(sqlite)) == 201

    async def test_a_reader_that_stays_does_not_hold_up_the_writer(self, sqlite: Db, sqlite_place: Place) -> None:
        with sqlite3.connect(file_of(sqlite_place), isolation_level=None) as other:
            other.execute("BEGIN")
            other.execute(IDS.replace("$", "?")).fetchall()
            for number in range(20):
                await sqlite.commit([put(f"t{number}")])
            assert other.execute("SELECT count(*) FROM things").fetchone() == (0,)
        other.close()

    async def test_a_folder_that_cannot_be_made_is_unavailable(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("not a folder")
        for path in (tmp_path / "file" / "x.db", tmp_path):
            with pytest.raises(Unavailable):
                await SqliteDb(path).open()

    async def test_a_file_that_is_no_database_is_unavailable(self, tmp_path: Path) -> None:
        (tmp_path / "x.db").write_bytes(b"this is no database at all, and long enough to be looked at" * 40)
        with pytest.raises(Unavailable):
            await SqliteDb(tmp_path / "x.db").open()

    async def test_what_was_acknowledged_survives_a_killed_process(self, sqlite_place: Place) -> None:
        script = """
            import asyncio, sys
            from pathlib import Path
            from frontdesk.adapters.db_sqlite import SqliteDb
            from frontdesk.ports.db import Write

            async def main():
                db = SqliteDb(Path(sys.argv[1]))
                await db.open()
                await db.commit([Write("CREATE TABLE things (id TEXT PRIMARY KEY, version BIGINT)")])
                async def one(number):
                    await db.commit([Write("INSERT INTO things VALUES ($1, 1)", (f"{number:06}",))])
                    print(f"{number:06}", flush=True)
                number = 0
                while True:
                    await asyncio.gather(*[one(number + at) for at in range(16)])
                    number += 16

            asyncio.run(main())
        """
        acknowledged = await asyncio.to_thread(_printed_before_death, script, str(file_of(sqlite_place)))
        db = sqlite_place.connect()
        await db.open()
        assert set(acknowledged) <= set(await ids(db))
        await db.close()


def _printed_before_death(script: str, argument: str) -> list[str]:
    """Run a script, kill it after two hundred lines, and say which whole lines it had printed."""
    command = [sys.executable, "-c", textwrap.dedent(script), argument]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(200)]
        child.send_signal(signal.SIGKILL)
        lines += child.stdout.readlines()
    return [line.strip() for line in lines if line.endswith("\n")]


SERVER_SAYS_FULL = """
CREATE FUNCTION say_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$
"""
TRIGGER = (
    "CREATE TRIGGER full_disk BEFORE INSERT ON things FOR EACH ROW WHEN (NEW.note = 'big') EXECUTE FUNCTION say_full()"
)


class TestPostgresFaults:
    async def test_a_full_disk_is_unavailable_for_the_whole_group(self, postgres_place: Place) -> None:
        db = PostgresDb(postgres_place.url, lanes=1)
        await db.open()
        await db.commit([TABLE])
        await db.commit([Write(SERVER_SAYS_FULL)])
        await db.commit([Write(TRIGGER)])
        changes = [db.commit([put(f"t{number}", "big" if number == 5 else None)]) for number in range(10)]
        results = await asyncio.gather(*changes, return_exceptions=True)
        assert type(results[5]) is Unavailable
        kept = [f"t{number}" for number, result in enumerate(results) if result is None]
        assert {type(result) for result in results} <= {Unavailable, type(None)}
        assert await ids(db) == kept
        await db.commit([put("after")])
        await db.commit([Write("DROP FUNCTION say_full CASCADE")])
        assert await ids(db) == sorted([*kept, "after"])
        await db.close()

    async def test_connections_ended_between_commits_are_replaced_unseen(
        self, postgres: Db, postgres_place: Place
    ) -> None:
        for number in range(5):
            await asyncio.gather(*[postgres.commit([put(f"t{number}-{at}")]) for at in range(8)])
            await end_connections(postgres_place)
            assert len(await ids(postgres)) == (number + 1) * 8

    async def test_connections_ended_during_commits_leave_whole_changes(
        self, postgres: Db, postgres_place: Place
    ) -> None:
        async def writer(name: int) -> set[str]:
            acknowledged = set()
            for number in range(60):
                try:
                    await postgres.commit([put(f"{name}-{number}a"), put(f"{name}-{number}b")])
                except Unavailable:
                    continue
                acknowledged.add(f"{name}-{number}a")
            return acknowledged

        writers = [asyncio.create_task(writer(name)) for name in range(16)]
        for _ in range(6):
            await asyncio.sleep(0.03)
            await end_connections(postgres_place)
        acknowledged = set().union(*await asyncio.gather(*writers))
        kept = set(await ids(postgres))
        assert acknowledged <= kept
        assert {thing[:-1] for thing in kept if thing[-1] == "a"} == {thing[:-1] for thing in kept if thing[-1] == "b"}
        await postgres.commit([put("after")])

    async def test_reads_and_commits_wait_for_nobody_who_is_not_there(self) -> None:
        [port] = free_ports(1)
        db = PostgresDb(f"postgresql://frontdesk@127.0.0.1:{port}/nothing")
        with pytest.raises(Unavailable):
            await db.open()
        with pytest.raises(Unavailable):
            await db.commit([put("a")])
        await db.close()

    @pytest.mark.parametrize("url", ["postgresql://127.0.0.1:notaport/x", "mysql://127.0.0.1/x"])
    async def test_an_address_that_is_none_is_unavailable(self, url: str) -> None:
        with pytest.raises(Unavailable):
            await PostgresDb(url).open()

    async def test_two_that_wait_for_each_other_end_with_every_change_decided(
        self, postgres: Db, postgres_place: Place
    ) -> None:
        second = postgres_place.connect()
        await second.open()
        await postgres.commit([put("a"), put("b")])

        def both(first: str, then: str) -> list[Write]:
            touch = "UPDATE things SET version = version + 1 WHERE id = $1"
            return [Write(touch, (first,)), *[Write("SELECT pg_sleep(0.05)")], Write(touch, (then,))]

        changes = [postgres.commit(both("a", "b")), second.commit(both("b", "a"))]
        results = await asyncio.wait_for(asyncio.gather(*changes, return_exceptions=True), 20)
        kept = sum(result is None for result in results)
        assert kept >= 1
        assert {type(result) for result in results} <= {type(None), Conflict}
        assert [row[0] for row in await postgres.all("SELECT version FROM things")] == [1 + kept] * 2
        await postgres.commit([put("after")])
        await second.close()

    async def test_a_deadlock_is_no_conflict_of_the_neighbours(self, postgres_place: Place) -> None:
        db, second = PostgresDb(postgres_place.url, lanes=1), postgres_place.connect()
        await db.open()
        await second.open()
        await db.commit([TABLE, put("a"), put("b")])
        touch = "UPDATE things SET version = version + 1 WHERE id = $1"
        other = await asyncpg.connect(postgres_place.url)
        await other.execute("BEGIN; SET LOCAL deadlock_timeout = '10s'")
        await other.execute(touch, "b")
        changes = [[put("n1")], [Write(touch, ("a",)), Write(touch, ("b",))], [put("n2")]]
        waiting = [asyncio.create_task(db.commit(change)) for change in changes]
        await asyncio.sleep(0.2)
        crossing = asyncio.create_task(other.execute(touch, "a"))
        results = asyncio.gather(*waiting, return_exceptions=True)
        await crossing
        await other.execute("COMMIT")
        done = await asyncio.wait_for(results, 20)
        assert done[0] is None
        assert done[2] is None
        await other.close()
        await db.close()
        await second.close()


async def end_connections(place: Place) -> None:
    """As an administrator does, or a server that restarts."""
    admin = await asyncpg.connect(place.url)
    await admin.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await admin.close()


async def test_after_scrubbing_sqlite_a_deleted_row_is_in_no_file(sqlite: Db, sqlite_place: Place) -> None:
    note = "Quetzalcoatlus " * 500
    await sqlite.commit([put("a", note)])
    await sqlite.commit([Write("DELETE FROM things WHERE id = $1", ("a",), expect=1)])
    path = file_of(sqlite_place)

    def everything() -> bytes:
        return b"".join(each.read_bytes() for each in sorted(path.parent.glob(f"{path.name}*")))

    assert b"Quetzalcoatlus" in everything(), "the journal holds it: else this test proves nothing"
    assert await sqlite.scrub()
    assert b"Quetzalcoatlus" not in everything()


async def test_scrubbing_sqlite_says_when_a_reader_is_in_its_way(sqlite: Db, sqlite_place: Place) -> None:
    await sqlite.commit([put("a")])
    with sqlite3.connect(file_of(sqlite_place), isolation_level=None) as reader:
        reader.execute("BEGIN")
        reader.execute(IDS).fetchall()
        await sqlite.commit([put("b")])
        assert await sqlite.scrub() is False
        reader.execute("COMMIT")
    reader.close()
    assert await sqlite.scrub()
    assert await ids(sqlite) == ["a", "b"]
