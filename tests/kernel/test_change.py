"""A change: all of it or nothing, one winner of each version, and those who wait are woken after it is kept."""

import asyncio
from datetime import timedelta

import pytest

from databases import SettableClock
from frontdesk.basics.clock import to_micros
from frontdesk.basics.errors import Conflict
from frontdesk.kernel import change, events, outbox, sessions
from frontdesk.kernel.change import Change, again
from frontdesk.kernel.events import Fact
from frontdesk.kernel.lifecycle import IllegalMove
from frontdesk.kernel.outbox import Intent
from frontdesk.kernel.sessions import Session
from frontdesk.kernel.vault import Vault
from frontdesk.ports.db import Db, Write
from frontdesk.ports.wakeup import Wakeup
from kernel.sample import CREATED, KIND, LIFECYCLE, reread, seal, session, stale, stored, value

JOB = Intent("look", "look 1", {"n": 1})
ADVANCED = Fact("kyc.advanced", {"step": "one"})


async def test_a_started_session_is_read_as_it_was_written(db: Db, vault: Vault, clock: SettableClock) -> None:
    new = session(vault, clock.now())
    await db.commit(change.start(new, seal(vault, new), [CREATED], clock.now()).writes)
    found = await reread(db, new)
    assert found.last_number == 1
    assert (found.id, found.status, found.version) == (new.id, "open", 1)
    assert (found.created_at, found.expires_at) == (new.created_at, new.expires_at)
    assert found.wrapped_key == new.wrapped_key


async def test_a_session_without_events_may_be_started(db: Db, vault: Vault, clock: SettableClock) -> None:
    new = session(vault, clock.now())
    await db.commit(change.start(new, seal(vault, new), [], clock.now()).writes)
    assert await reread(db, new) == new


async def test_a_session_is_nobody_elses_and_of_one_kind(db: Db, vault: Vault, clock: SettableClock) -> None:
    mine = await stored(db, vault, clock.now())
    assert await sessions.load(db, mine.id, "t2", KIND) is None
    assert await sessions.load(db, mine.id, "t1", "forms") is None


async def test_a_move_writes_status_events_jobs_and_further_writes(db: Db, vault: Vault, clock: SettableClock) -> None:
    read = await stored(db, vault, clock.now())
    note = Write("UPDATE sessions SET parent_id = 'p' WHERE id = $1", (read.id,), expect=1)
    clock.advance(seconds=5)
    kept = change.change(
        read, LIFECYCLE, "complete", seal(vault, read), [ADVANCED, ADVANCED], clock.now(), writes=[note], jobs=[JOB]
    )
    await db.commit(kept.writes)
    after = await reread(db, read)
    assert (after.status, after.version, after.last_number, after.parent_id) == ("completed", 2, 3, "p")
    assert [event.type for event in await events.after(db, read.id, 0, 9)] == [
        CREATED.type,
        ADVANCED.type,
        ADVANCED.type,
    ]
    assert await value(db, "SELECT count(*) FROM outbox") == 1
    assert await value(db, "SELECT updated_at FROM sessions") == to_micros(clock.now())


async def test_a_final_session_is_no_longer_due(db: Db, vault: Vault, clock: SettableClock) -> None:
    read = await stored(db, vault, clock.now())
    assert await value(db, "SELECT due_at FROM sessions") == to_micros(read.expires_at)
    await db.commit(change.change(read, LIFECYCLE, "complete", seal(vault, read), [], clock.now()).writes)
    assert await value(db, "SELECT due_at FROM sessions") is None


async def test_an_extended_session_is_due_later(db: Db, vault: Vault, clock: SettableClock) -> None:
    read = await stored(db, vault, clock.now())
    later = read.expires_at + timedelta(hours=1)
    await db.commit(change.change(read, LIFECYCLE, None, seal(vault, read), [], clock.now(), expires_at=later).writes)
    assert await value(db, "SELECT due_at FROM sessions") == to_micros(later)
    assert (await reread(db, read)).expires_at == later


async def test_an_illegal_move_composes_nothing(db: Db, vault: Vault, clock: SettableClock) -> None:
    read = await stored(db, vault, clock.now())
    with pytest.raises(IllegalMove):
        change.change(read, LIFECYCLE, "reopen", seal(vault, read), [], clock.now())


async def test_a_change_of_what_was_changed_since_is_a_conflict_and_leaves_nothing(
    db: Db, vault: Vault, clock: SettableClock
) -> None:
    read = await stored(db, vault, clock.now())
    first = change.change(read, LIFECYCLE, "advance", seal(vault, read), [ADVANCED], clock.now())
    second = change.change(read, LIFECYCLE, "complete", seal(vault, read), [ADVANCED], clock.now(), jobs=[JOB])
    await db.commit(first.writes)
    with pytest.raises(Conflict):
        await db.commit(second.writes)
    after = await reread(db, read)
    assert (after.status, after.version, after.last_number) == ("open", 2, 2)
    assert await value(db, "SELECT count(*) FROM outbox") == 0


async def test_a_guard_without_a_move_fails_when_the_session_moved(db: Db, vault: Vault, clock: SettableClock) -> None:
    read = await stored(db, vault, clock.now())
    await db.commit([sessions.unmoved(read)])
    await db.commit([sessions.unmoved(read)])
    await db.commit(change.change(read, LIFECYCLE, "advance", seal(vault, read), [], clock.now()).writes)
    with pytest.raises(Conflict):
        await db.commit([sessions.unmoved(read)])
    assert (await reread(db, read)).version == 2


async def test_a_change_wakes_who_listens_once_it_is_kept(
    db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup
) -> None:
    read = await stored(db, vault, clock.now())
    async with wakeup.subscribe(change.topic(read.id)) as reader, wakeup.subscribe(outbox.TOPIC) as dispatcher:
        lost = change.change(stale(read), LIFECYCLE, "advance", seal(vault, read), [], clock.now(), jobs=[JOB])
        with pytest.raises(Conflict):
            await change.commit(db, wakeup, lost)
        assert not await reader.wait(0)
        kept = change.change(read, LIFECYCLE, "advance", seal(vault, read), [], clock.now(), jobs=[JOB])
        await change.commit(db, wakeup, kept)
        assert await reader.wait(0)
        assert await dispatcher.wait(0)


async def test_two_changes_added_are_kept_together() -> None:
    one, other = Change((Write("A"),), frozenset({"x"})), Change((Write("B"),), frozenset({"y"}))
    assert one + other == Change((Write("A"), Write("B")), frozenset({"x", "y"}))


async def test_eight_racing_turns_all_come_through_in_some_order(
    db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup
) -> None:
    read = await stored(db, vault, clock.now())

    async def turn() -> Session:
        now = await reread(db, read)
        await change.commit(
            db, wakeup, change.change(now, LIFECYCLE, "advance", seal(vault, now), [ADVANCED], clock.now())
        )
        return now

    await asyncio.gather(*[again(turn) for _ in range(8)])
    after = await reread(db, read)
    assert (after.version, after.last_number) == (9, 9)
    log = await events.after(db, read.id, 0, 20)
    assert [event.number for event in log] == list(range(1, 10))
    assert events.first_break(log, after.last_digest) is None


async def test_of_eight_racing_decisions_one_wins_and_the_rest_are_refused(
    db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup
) -> None:
    read = await stored(db, vault, clock.now())

    async def turn() -> None:
        now = await reread(db, read)
        kept = change.change(now, LIFECYCLE, "complete", seal(vault, now), [ADVANCED], clock.now())
        await change.commit(db, wakeup, kept)

    results = await asyncio.gather(*[again(turn) for _ in range(8)], return_exceptions=True)
    assert sum(result is None for result in results) == 1
    assert sum(isinstance(result, IllegalMove) for result in results) == 7


async def test_again_gives_up_in_the_end_with_the_conflict() -> None:
    tries = []

    async def turn() -> None:
        tries.append(1)
        raise Conflict("always")

    with pytest.raises(Conflict):
        await again(turn)
    assert len(tries) == change.TRIES


async def test_again_gives_back_the_first_answer_that_comes_through() -> None:
    tries = []

    async def turn() -> int:
        tries.append(1)
        if len(tries) < 3:
            raise Conflict("twice")
        return len(tries)

    assert await again(turn) == 3
