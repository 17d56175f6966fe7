"""What `ports/db.py` promises, on both databases: atomic, durable, isolated from the neighbours in a group."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from databases import Place
from frontdesk.basics.errors import Conflict, PortError, Rejected, Unavailable
from frontdesk.ports.db import Db, Value, Write

TABLE = "CREATE TABLE things (id TEXT PRIMARY KEY, version BIGINT NOT NULL, note TEXT)"
PUT = "INSERT INTO things (id, version, note) VALUES ($1, $2, $3)"
MOVE = "UPDATE things SET version = version + 1, note = $3 WHERE id = $1 AND version = $2"
GET = "SELECT version, note FROM things WHERE id = $1"
IDS = "SELECT id FROM things ORDER BY id"
JOB = "INSERT INTO outbox (key, job, session_id, argument, due_at) VALUES ($1, $2, NULL, '{}', $3)"


@pytest.fixture
async def db(db: Db) -> Db:
    await db.commit([Write(TABLE)])
    return db


@pytest.fixture
async def second(place: Place) -> AsyncIterator[Db]:
    """The same database as `db`, through another adapter: another process, as far as the database can tell."""
    opened = place.connect()
    await opened.open()
    yield opened
    await opened.close()


def put(thing: str, version: int = 1, note: str | None = None) -> Write:
    return Write(PUT, (thing, version, note))


def move(thing: str, version: int, note: str | None = None) -> Write:
    return Write(MOVE, (thing, version, note), expect=1)


async def ids(db: Db) -> list[str]:
    return [row[0] for row in await db.all(IDS)]


async def outcomes(db: Db, *changes: list[Write]) -> list[type[PortError] | None]:
    """Commit all at once, so that they share groups, and say what became of each."""
    results = await asyncio.gather(*[db.commit(change) for change in changes], return_exceptions=True)
    assert all(result is None or isinstance(result, PortError) for result in results), results
    return [None if result is None else type(result) for result in results]


class TestReading:
    async def test_what_is_not_there_is_none_and_no_rows(self, db: Db) -> None:
        assert await db.one(GET, "nothing") is None
        assert await db.all(GET, "nothing") == []

    async def test_an_acknowledged_commit_is_seen_by_the_next_read(self, db: Db) -> None:
        for number in range(50):
            await db.commit([put(f"t{number:02}", number)])
            assert tuple(await db.one(GET, f"t{number:02}") or ()) == (number, None)

    async def test_an_acknowledged_commit_is_seen_by_another_process(self, db: Db, second: Db) -> None:
        for number in range(20):
            await db.commit([put(f"t{number:02}")])
            assert len(await ids(second)) == number + 1

    async def test_a_question_asked_before_is_asked_anew_after_a_commit(self, db: Db, second: Db) -> None:
        await db.commit([put("a")])
        for version in range(1, 20):
            assert tuple(await db.one(GET, "a") or ()) == (version, None)
            assert tuple(await second.one(GET, "a") or ()) == (version, None)
            await (db if version % 2 else second).commit([move("a", version)])
            assert await db.one(GET, f"b{version}") is None
            await second.commit([put(f"b{version}")])
            assert await db.one(GET, f"b{version}") is not None

    async def test_every_kind_of_value_comes_back_as_it_was(self, db: Db) -> None:
        await db.commit([Write("CREATE TABLE kinds (t TEXT, i BIGINT, f DOUBLE PRECISION, b BYTEA)")])
        rows: list[tuple[Value, ...]] = [
            ("žluťoučký 日本語 🙂 'quoted' $1", 2**63 - 1, 0.1, b"\x00\xff"),
            ("", -(2**63), -1e300, b""),
            (None, None, None, None),
        ]
        for row in rows:
            await db.commit([Write("INSERT INTO kinds (t, i, f, b) VALUES ($1, $2, $3, $4)", row)])
        assert [tuple(r) for r in await db.all("SELECT t, i, f, b FROM kinds ORDER BY i DESC NULLS LAST")] == rows

    async def test_an_argument_may_be_used_twice_and_out_of_order(self, db: Db) -> None:
        await db.commit([put("a", 1, "x")])
        assert await db.one("SELECT id FROM things WHERE note = $2 AND id = $1 AND id <> $2", "a", "x") is not None

    async def test_a_statement_that_is_wrong_is_rejected(self, db: Db) -> None:
        for sql in ("SELECT nothing FROM things", "SELEKT", "SELECT 1 FROM nowhere"):
            with pytest.raises(Rejected):
                await db.one(sql)

    @pytest.mark.parametrize("args", [(), ("a", "b"), ("a\0b",), ("\ud800",), ({},)])
    async def test_an_argument_that_cannot_be_stored_is_rejected(self, db: Db, args: tuple[Value, ...]) -> None:
        with pytest.raises(Rejected):
            await db.all(GET, *args)
        with pytest.raises(Rejected):
            await db.one(GET, *args)
        assert await db.all(GET, "a") == []

    async def test_a_number_past_64_bits_is_rejected(self, db: Db) -> None:
        with pytest.raises(Rejected):
            await db.one("SELECT id FROM things WHERE version = $1", 2**63)


class TestCommitting:
    async def test_all_writes_are_kept_in_their_order(self, db: Db) -> None:
        await db.commit([put("a"), move("a", 1, "first"), move("a", 2, "second"), put("b")])
        assert tuple(await db.one(GET, "a") or ()) == (3, "second")
        assert await ids(db) == ["a", "b"]

    async def test_nothing_to_write_is_no_error(self, db: Db) -> None:
        await db.commit([])

    @pytest.mark.parametrize("at", [0, 1, 2])
    async def test_one_expectation_that_fails_undoes_the_whole_change(self, db: Db, at: int) -> None:
        await db.commit([put("x")])
        writes = [put("a"), put("b")]
        writes.insert(at, move("x", 7))
        with pytest.raises(Conflict):
            await db.commit(writes)
        assert await ids(db) == ["x"]

    async def test_a_guard_that_touches_too_many_rows_undoes_the_change(self, db: Db) -> None:
        await db.commit([put("a"), put("b"), put("c")])
        both = Write("UPDATE things SET note = 'gone' WHERE version = $1", (1,), expect=1)
        assert await outcomes(db, [put("d")], [both, put("e")], [put("f")]) == [None, Conflict, None]
        assert await ids(db) == ["a", "b", "c", "d", "f"]
        assert await db.all("SELECT id FROM things WHERE note = 'gone'") == []

    async def test_an_expectation_of_none_touched_holds_when_none_is(self, db: Db) -> None:
        gone = Write("DELETE FROM things WHERE id = $1", ("a",), expect=0)
        await db.commit([gone, put("b")])
        await db.commit([put("a")])
        with pytest.raises(Conflict):
            await db.commit([gone, put("c")])
        assert await ids(db) == ["a", "b"]

    async def test_a_key_that_exists_is_a_conflict(self, db: Db) -> None:
        await db.commit([put("a")])
        with pytest.raises(Conflict):
            await db.commit([put("b"), put("a")])
        assert await ids(db) == ["a"]

    async def test_a_line_that_exists_already_may_be_left_alone(self, db: Db) -> None:
        line = Write(PUT + " ON CONFLICT (id) DO NOTHING", ("a", 1, None))
        await db.commit([line])
        await db.commit([line, put("b")])
        with pytest.raises(Conflict):
            await db.commit([replace(line, expect=1), put("c")])
        assert await ids(db) == ["a", "b"]

    @pytest.mark.parametrize(
        "wrong",
        [
            Write("UPDATE nowhere SET x = 1"),
            Write("INSERT things"),
            Write(PUT, ("w", None, None)),
            Write(PUT, ("w", 2**63, None)),
            Write(PUT, ("w", 1, "a\0b")),
            Write(PUT, ("w", 1, "\udfff")),
            Write(PUT, ("w", 1)),
            Write(PUT, ("w", 1, None, 4)),
            Write(PUT, ({}, 1, None)),  # type: ignore[arg-type]
            Write(JOB, ("k", "job", "soon")),
            Write(JOB, ("k", "job", b"1")),
            Write(JOB, ("k", None, 1)),
        ],
    )
    async def test_a_wrong_write_is_rejected_and_its_neighbours_kept(self, db: Db, wrong: Write) -> None:
        done = await outcomes(db, [put("a")], [put("b"), wrong, put("c")], [put("d")], [put("e")])
        assert done == [None, Rejected, None, None]
        assert await ids(db) == ["a", "d", "e"]
        await db.commit([put("f")])

    async def test_the_cause_of_a_refusal_is_chained(self, db: Db) -> None:
        await db.commit([put("a")])
        with pytest.raises(Conflict) as caught:
            await db.commit([put("a")])
        assert caught.value.__cause__ is not None


class TestGroups:
    async def test_a_conflict_in_the_middle_leaves_its_neighbours(self, db: Db) -> None:
        await db.commit([put("x")])
        changes = [[put(f"n{number:03}"), put(f"o{number:03}")] for number in range(60)]
        changes[20] = [move("x", 9), put("lost1")]
        changes[30] = [put("lost2"), move("x", 9), put("lost3")]
        changes[40] = [put("lost4"), put("x")]
        done = await outcomes(db, *changes)
        assert [at for at, outcome in enumerate(done) if outcome is not None] == [20, 30, 40]
        assert set(done) == {None, Conflict}
        kept = await ids(db)
        assert len(kept) == 57 * 2 + 1
        assert not any(thing.startswith("lost") for thing in kept)

    async def test_eight_racing_changes_of_one_version_have_one_winner(self, db: Db, second: Db) -> None:
        await db.commit([put("x")])
        for version in range(1, 11):
            racing = [(second if at % 2 else db).commit([move("x", version, str(at))]) for at in range(8)]
            results = await asyncio.gather(*racing, return_exceptions=True)
            winners = [at for at, result in enumerate(results) if result is None]
            assert len(winners) == 1
            assert sum(isinstance(result, Conflict) for result in results) == 7
            assert tuple(await db.one(GET, "x") or ()) == (version + 1, str(winners[0]))

    async def test_of_twins_with_one_new_key_one_is_kept(self, db: Db, second: Db) -> None:
        for number in range(5):
            racing = [
                (second if at % 2 else db).commit([put(f"twin{number}"), put(f"of{number}-{at}")]) for at in range(8)
            ]
            results = await asyncio.gather(*racing, return_exceptions=True)
            assert sorted(str(type(result).__name__) for result in results) == ["Conflict"] * 7 + ["NoneType"]
        assert len(await ids(db)) == 10

    async def test_two_adapters_under_load_both_get_on(self, db: Db, second: Db) -> None:
        async def writer(through: Db, name: str) -> None:
            for number in range(25):
                await through.commit([put(f"{name}-{number}")])

        busy = [writer(db, f"busy{name}") for name in range(32)]
        await asyncio.gather(*busy, writer(second, "beside"))
        assert len(await ids(db)) == 33 * 25


class TestCancelling:
    async def test_a_waiter_that_is_cancelled_leaves_a_whole_change(self, db: Db) -> None:
        for number in range(30):
            waiting = asyncio.create_task(db.commit([put(f"a{number}"), put(f"b{number}")]))
            for _ in range(number % 4):
                await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        await db.commit([put("last")])
        kept = set(await ids(db)) - {"last"}
        assert {thing[1:] for thing in kept if thing[0] == "a"} == {thing[1:] for thing in kept if thing[0] == "b"}

    async def test_a_cancelled_conflict_is_nobodys_news(self, db: Db) -> None:
        waiting = asyncio.create_task(db.commit([move("nothing", 1)]))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await db.commit([put("a")])

    async def test_a_cancelled_read_leaves_the_adapter_whole(self, db: Db) -> None:
        for _ in range(20):
            reading = asyncio.create_task(db.all(IDS))
            await asyncio.sleep(0)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        assert await ids(db) == []


class TestClosing:
    async def test_what_was_accepted_is_finished_and_more_is_refused(self, db: Db, second: Db) -> None:
        under_way = [asyncio.create_task(db.commit([put(f"t{number:03}")])) for number in range(300)]
        await asyncio.sleep(0)
        await db.close()
        assert await asyncio.gather(*under_way, return_exceptions=True) == [None] * 300
        assert len(await ids(second)) == 300
        with pytest.raises(Unavailable):
            await db.commit([put("late")])
        with pytest.raises(Unavailable):
            await db.one(GET, "t000")
        await db.close()

    async def test_a_closed_adapter_opens_again(self, db: Db) -> None:
        await db.close()
        await db.open()
        await db.commit([put("a")])
        assert await ids(db) == ["a"]

    async def test_an_adapter_that_was_never_opened_is_unavailable(self, place: Place) -> None:
        closed = place.connect()
        with pytest.raises(Unavailable):
            await closed.commit([put("a")])
        with pytest.raises(Unavailable):
            await closed.all(IDS)
        await closed.close()


class TestScrubbing:
    async def test_it_changes_nothing_that_is_kept(self, db: Db) -> None:
        await db.commit([put("a", note="kept")])
        assert await db.scrub()
        assert await db.one(GET, "a") == (1, "kept")
        await db.commit([move("a", 1, "moved")])
        assert await db.one(GET, "a") == (2, "moved")

    async def test_it_goes_on_beside_commits_and_reads(self, db: Db, second: Db) -> None:
        async def writing() -> None:
            for number in range(40):
                await db.commit([put(f"thing {number:02}")])
                await second.one(GET, "nothing")

        async def scrubbing() -> list[bool]:
            return [await db.scrub() for _ in range(10)]

        await asyncio.gather(writing(), scrubbing())
        assert len(await second.all(IDS)) == 40
        assert await db.scrub()
