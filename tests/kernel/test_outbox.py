"""The outbox: a line waits with its change, is handed over when due, and goes only once the engine has it."""

import asyncio
import json
from datetime import timedelta

import pytest

from databases import SettableClock
from frontdesk.basics.clock import to_micros
from frontdesk.basics.errors import Conflict, Rejected, Unavailable
from frontdesk.kernel import change
from frontdesk.kernel.outbox import Intent, dispatch, inserted, next_due_at
from frontdesk.kernel.vault import Vault
from frontdesk.ports.db import Db
from frontdesk.ports.engine import Job
from kernel.sample import LIFECYCLE, seal, stale, stored, value


class ListEngine:
    """An engine that writes down what it accepted, each key once, and refuses while it is told to."""

    def __init__(self) -> None:
        self.accepted: dict[str, tuple[str, str]] = {}
        self.accepts = 1000
        self.refused = ""

    def register(self, name: str, job: Job) -> None:
        """Nothing is run here."""

    async def start(self) -> None:
        """There is nothing to start."""

    async def stop(self) -> None:
        """There is nothing to stop."""

    async def enqueue(self, key: str, name: str, argument: str) -> None:
        """As the port says."""
        if self.accepts <= 0:
            raise Unavailable("The engine is full")
        if key == self.refused:
            raise Rejected("The engine never takes this")
        self.accepts -= 1
        self.accepted.setdefault(key, (name, argument))

    async def counts(self) -> dict[str, int]:
        """Everything waits for ever."""
        return {"waiting": len(self.accepted), "running": 0, "failed": 0}


@pytest.fixture
def engine() -> ListEngine:
    return ListEngine()


def intent(name: str, **more: object) -> Intent:
    return Intent("job", name, {"id": name}, **more)  # type: ignore[arg-type]


async def lines(db: Db) -> list[str]:
    return [row[0] for row in await db.all("SELECT key FROM outbox ORDER BY key")]


async def test_what_is_due_is_handed_over_in_order_and_goes(db: Db, clock: SettableClock, engine: ListEngine) -> None:
    now = clock.now()
    late = [intent(name, due_at=now - timedelta(seconds=ago)) for name, ago in (("c", 1), ("a", 3), ("b", 2))]
    await db.commit([inserted(each, now) for each in late])
    assert await dispatch(db, engine, now) == 3
    assert list(engine.accepted) == ["a", "b", "c"]
    assert json.loads(engine.accepted["a"][1]) == {"id": "a"}
    assert await lines(db) == []
    assert await dispatch(db, engine, now) == 0


async def test_what_is_not_due_stays(db: Db, clock: SettableClock, engine: ListEngine) -> None:
    due_at = clock.now() + timedelta(minutes=5)
    await db.commit([inserted(intent("later", due_at=due_at), clock.now())])
    assert await next_due_at(db) == to_micros(due_at)
    assert await dispatch(db, engine, due_at - timedelta(microseconds=1)) == 0
    assert await dispatch(db, engine, due_at) == 1
    assert await next_due_at(db) is None


async def test_when_the_engine_refuses_the_lines_stay_and_are_handed_over_later(
    db: Db, clock: SettableClock, engine: ListEngine
) -> None:
    await db.commit([inserted(intent(name), clock.now()) for name in "abcd"])
    engine.accepts = 2
    with pytest.raises(Unavailable):
        await dispatch(db, engine, clock.now())
    assert set("cd") <= set(await lines(db))
    engine.accepts = 100
    await dispatch(db, engine, clock.now())
    assert sorted(engine.accepted) == list("abcd")
    assert await lines(db) == []


async def test_two_dispatchers_hand_each_line_over_once_as_far_as_the_engine_tells(
    db: Db, clock: SettableClock, engine: ListEngine
) -> None:
    await db.commit([inserted(intent(f"k{number:03}"), clock.now()) for number in range(150)])
    await asyncio.gather(*[dispatch(db, engine, clock.now()) for _ in range(4)])
    await dispatch(db, engine, clock.now())
    assert len(engine.accepted) == 150
    assert await lines(db) == []


async def test_the_same_key_is_accepted_once_while_it_waits(db: Db, clock: SettableClock) -> None:
    await db.commit([inserted(intent("a"), clock.now())])
    await db.commit([inserted(Intent("job", "a", {"id": "other"}), clock.now())])
    assert await value(db, "SELECT argument FROM outbox") == '{"id":"a"}'


async def test_a_change_that_is_not_kept_queues_nothing(db: Db, vault: Vault, clock: SettableClock) -> None:
    read = await stored(db, vault, clock.now())
    late = change.change(stale(read), LIFECYCLE, None, seal(vault, read), [], clock.now(), jobs=[intent("a")])
    with pytest.raises(Conflict):
        await db.commit(late.writes)
    assert await lines(db) == []
    await db.commit(change.change(read, LIFECYCLE, None, seal(vault, read), [], clock.now(), jobs=[intent("a")]).writes)
    assert await lines(db) == ["a"]


async def test_a_line_that_the_engine_refuses_does_not_stand_before_the_others(
    db: Db, clock: SettableClock, engine: ListEngine
) -> None:
    now = clock.now()
    await db.commit([inserted(intent(name), now) for name in ("a", "b")])
    engine.refused = "a"
    with pytest.raises(Rejected):
        await dispatch(db, engine, now)
    assert list(engine.accepted) == ["b"]
    assert await dispatch(db, engine, now) == 0
    engine.refused = ""
    assert await dispatch(db, engine, now + timedelta(hours=1)) == 1
    assert list(engine.accepted) == ["b", "a"]
