"""The sweeper: it records what time has decided, once, and loses every race that it should lose."""

import asyncio
from datetime import timedelta

from databases import SettableClock
from frontdesk.kernel import change, events
from frontdesk.kernel.expiry import sweep
from frontdesk.kernel.lifecycle import Lifecycle
from frontdesk.kernel.sessions import Session
from frontdesk.kernel.vault import Vault
from frontdesk.ports.db import Db
from frontdesk.ports.wakeup import Wakeup
from kernel.sample import KIND, LIFECYCLE, reread, seal, stored, value

TABLES = {KIND: LIFECYCLE}
WITHOUT_EXPIRE = {KIND: Lifecycle("open", {("open", "advance"): "open", ("open", "complete"): "completed"})}


async def types(db: Db, of: Session) -> list[str]:
    return [event.type for event in await events.after(db, of.id, 0, 50)]


async def test_a_session_whose_time_is_over_is_moved_once(
    db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup
) -> None:
    read = await stored(db, vault, clock.now())
    assert await sweep(db, wakeup, vault, TABLES, read.expires_at - timedelta(microseconds=1)) == 0
    for found in (1, 0, 0):
        assert await sweep(db, wakeup, vault, TABLES, read.expires_at) == found
    after = await reread(db, read)
    assert (after.status, after.version, after.last_number) == ("expired", 2, 2)
    assert await types(db, read) == ["kyc.session_created", "kyc.session_expired"]
    assert events.first_break(await events.after(db, read.id, 0, 9), after.last_digest) is None


async def test_who_listens_to_the_session_is_woken(db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup) -> None:
    read = await stored(db, vault, clock.now())
    async with wakeup.subscribe(change.topic(read.id)) as reader:
        await sweep(db, wakeup, vault, TABLES, read.expires_at)
        assert await reader.wait(0)


async def test_a_kind_without_the_verb_keeps_its_status_and_expires_once(
    db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup
) -> None:
    read = await stored(db, vault, clock.now())
    for found in (1, 0):
        assert await sweep(db, wakeup, vault, WITHOUT_EXPIRE, read.expires_at) == found
    assert (await reread(db, read)).status == "open"


async def test_a_change_after_the_expiry_does_not_expire_it_again(
    db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup
) -> None:
    read = await stored(db, vault, clock.now())
    await sweep(db, wakeup, vault, WITHOUT_EXPIRE, read.expires_at)
    now = await reread(db, read)
    await db.commit(change.change(now, LIFECYCLE, None, seal(vault, now), [], read.expires_at).writes)
    assert await sweep(db, wakeup, vault, WITHOUT_EXPIRE, read.expires_at + timedelta(days=1)) == 0
    assert await types(db, read) == ["kyc.session_created", "kyc.session_expired"]


async def test_an_extended_session_is_left_alone_and_may_expire_again(
    db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup
) -> None:
    read = await stored(db, vault, clock.now())
    await sweep(db, wakeup, vault, WITHOUT_EXPIRE, read.expires_at)
    now, later = await reread(db, read), read.expires_at + timedelta(hours=2)
    await db.commit(change.change(now, LIFECYCLE, None, seal(vault, now), [], clock.now(), expires_at=later).writes)
    assert await sweep(db, wakeup, vault, WITHOUT_EXPIRE, later - timedelta(seconds=1)) == 0
    assert await sweep(db, wakeup, vault, WITHOUT_EXPIRE, later) == 1
    assert (await types(db, read)).count("kyc.session_expired") == 2


async def test_a_finished_session_does_not_expire(db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup) -> None:
    read = await stored(db, vault, clock.now())
    await db.commit(change.change(read, LIFECYCLE, "complete", seal(vault, read), [], clock.now()).writes)
    assert await sweep(db, wakeup, vault, TABLES, clock.advance(days=99)) == 0
    assert (await reread(db, read)).status == "completed"


async def test_a_racing_change_and_the_sweeper_leave_one_of_two_stories(
    db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup
) -> None:
    for _ in range(10):
        read = await stored(db, vault, clock.now())
        finish = change.change(read, LIFECYCLE, "complete", seal(vault, read), [], clock.now())
        done, _ = await asyncio.gather(
            change.commit(db, wakeup, finish),
            sweep(db, wakeup, vault, TABLES, read.expires_at),
            return_exceptions=True,
        )
        after = await reread(db, read)
        assert after.version == 2
        assert after.status == ("completed" if done is None else "expired")
        await sweep(db, wakeup, vault, TABLES, read.expires_at)
        assert (await reread(db, read)).version == 2


async def test_four_sweepers_at_once_expire_each_session_once(
    db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup
) -> None:
    due = [await stored(db, vault, clock.now()) for _ in range(20)]
    await asyncio.gather(*[sweep(db, wakeup, vault, TABLES, due[0].expires_at) for _ in range(4)])
    assert await value(db, "SELECT count(*) FROM events WHERE type = 'kyc.session_expired'") == 20


async def test_a_sweep_takes_the_longest_overdue_first(
    db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup
) -> None:
    due = [await stored(db, vault, clock.now(), lasts_for=timedelta(minutes=minutes)) for minutes in (30, 10, 20)]
    assert await sweep(db, wakeup, vault, TABLES, clock.advance(hours=1), limit=2) == 2
    assert [(await reread(db, each)).status for each in due] == ["open", "expired", "expired"]


async def test_expiry_is_a_matter_of_time_not_of_the_sweeper(db: Db, vault: Vault, clock: SettableClock) -> None:
    read = await stored(db, vault, clock.now())
    assert not read.expired(read.expires_at - timedelta(microseconds=1))
    assert read.expired(read.expires_at)


async def test_a_session_whose_key_does_not_open_keeps_nobody_from_expiring(
    db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup
) -> None:
    foreign = await stored(db, Vault(b"another key of another server, 32 and more"), clock.now())
    own = await stored(db, vault, clock.now())
    assert await sweep(db, wakeup, vault, TABLES, own.expires_at) == 2
    assert await sweep(db, wakeup, vault, TABLES, own.expires_at) == 0
    assert (await reread(db, foreign)).status == "open"
    assert (await reread(db, own)).status == "expired"
