"""Stored objects: announced, kept or swept, and never outliving their session."""

from pathlib import Path

import pytest

from databases import SettableClock
from frontdesk.adapters.blobs_file import FileBlobs
from frontdesk.basics.errors import Conflict, Missing
from frontdesk.kernel import blobs as objects
from frontdesk.kernel.blobs import CLAIM, doomed, kept, keys_of, remove, reserved, sweep
from frontdesk.ports.blobs import Blobs
from frontdesk.ports.db import Db, Write
from kernel.sample import value


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return FileBlobs(tmp_path / "blobs")


async def sent(db: Db, blobs: Blobs, clock: SettableClock, key: str, session_id: str = "s1") -> str:
    """Announce an object and send it."""
    await db.commit([reserved(key, session_id, clock.now())])
    await blobs.put(key, b"content", "image/png")
    return key


async def test_an_object_that_nobody_keeps_goes_after_a_day(db: Db, blobs: Blobs, clock: SettableClock) -> None:
    await sent(db, blobs, clock, "s1/a")
    clock.advance(hours=23, minutes=59)
    assert await sweep(db, blobs, clock.now()) == 0
    assert await blobs.get("s1/a", 99) == b"content"
    clock.advance(minutes=1)
    assert await sweep(db, blobs, clock.now()) == 1
    with pytest.raises(Missing):
        await blobs.get("s1/a", 99)
    assert await keys_of(db, "s1") == []
    assert await sweep(db, blobs, clock.now()) == 0


async def test_an_object_that_was_never_sent_is_swept_too(db: Db, blobs: Blobs, clock: SettableClock) -> None:
    await db.commit([reserved("s1/a", "s1", clock.now())])
    assert await sweep(db, blobs, clock.advance(days=2)) == 1
    assert await keys_of(db, "s1") == []


async def test_a_kept_object_stays(db: Db, blobs: Blobs, clock: SettableClock) -> None:
    await sent(db, blobs, clock, "s1/a")
    await db.commit([kept("s1/a")])
    await db.commit([kept("s1/a")])
    assert await sweep(db, blobs, clock.advance(days=900)) == 0
    assert await blobs.get("s1/a", 99) == b"content"


async def test_what_was_never_announced_cannot_be_kept(db: Db) -> None:
    with pytest.raises(Conflict):
        await db.commit([kept("s1/a")])


async def test_a_key_is_announced_once(db: Db, clock: SettableClock) -> None:
    await db.commit([reserved("s1/a", "s1", clock.now())])
    with pytest.raises(Conflict):
        await db.commit([reserved("s1/a", "s2", clock.now())])


async def test_a_doomed_object_goes_with_the_next_sweep(db: Db, blobs: Blobs, clock: SettableClock) -> None:
    await sent(db, blobs, clock, "s1/a")
    await db.commit([kept("s1/a")])
    await db.commit([doomed("s1/a", clock.now())])
    assert await sweep(db, blobs, clock.now()) == 1
    with pytest.raises(Missing):
        await blobs.get("s1/a", 99)


async def test_what_the_sweep_has_claimed_can_no_longer_be_kept(db: Db, blobs: Blobs, clock: SettableClock) -> None:
    await sent(db, blobs, clock, "s1/a")
    now = clock.advance(days=2)
    # As a sweep does that dies between claiming and removing; the next one finishes what it began.
    await db.commit([Write(CLAIM, ("s1/a", 2**60), expect=1)])
    with pytest.raises(Conflict):
        await db.commit([kept("s1/a")])
    assert await sweep(db, blobs, now) == 1
    assert await keys_of(db, "s1") == []


async def test_what_is_kept_first_is_not_claimed(db: Db, blobs: Blobs, clock: SettableClock) -> None:
    await sent(db, blobs, clock, "s1/a")
    await db.commit([kept("s1/a")])
    with pytest.raises(Conflict):
        await db.commit([Write(CLAIM, ("s1/a", 2**60), expect=1)])


async def test_a_sweep_takes_the_oldest_first_and_no_more_than_it_may(
    db: Db, blobs: Blobs, clock: SettableClock
) -> None:
    for name in "abc":
        await sent(db, blobs, clock, f"s1/{name}")
        clock.advance(seconds=1)
    clock.advance(days=2)
    assert await sweep(db, blobs, clock.now(), limit=2) == 2
    assert await keys_of(db, "s1") == ["s1/c"]


async def test_removing_twice_is_no_error(db: Db, blobs: Blobs, clock: SettableClock) -> None:
    await sent(db, blobs, clock, "s1/a")
    await sent(db, blobs, clock, "s2/a", "s2")
    for _ in range(2):
        await remove(db, blobs, ["s1/a"])
    assert await value(db, "SELECT count(*) FROM blobs") == 1
    assert objects.removal(["s1/a"], "s1").argument == {"keys": ["s1/a"]}
