"""Erasure: nothing of a session is left but its tombstone, and no racing change brings anything back."""

import asyncio
from pathlib import Path

import pytest

from databases import SettableClock
from frontdesk.adapters.blobs_file import FileBlobs
from frontdesk.basics.errors import Conflict, Missing
from frontdesk.kernel import blobs, change, credentials, events, idempotency, outbox, sessions
from frontdesk.kernel.erasure import erase, tombstone_of
from frontdesk.kernel.events import Fact
from frontdesk.kernel.idempotency import Claim
from frontdesk.kernel.outbox import Intent
from frontdesk.kernel.sessions import Session
from frontdesk.kernel.vault import Vault
from frontdesk.kernel.webhooks import deliveries
from frontdesk.kernel.webhooks.deliveries import Letter, Result
from frontdesk.ports.db import Db, Write
from frontdesk.ports.wakeup import Wakeup
from kernel.sample import LIFECYCLE, reread, seal, stored, value

TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
}


async def full(db: Db, vault: Vault, wakeup: Wakeup, clock: SettableClock) -> Session:
    """A session that has left a row in every table of the kernel that can hold one."""
    now = clock.now()
    read = await stored(db, vault, now, Fact("kyc.created", {"name": "Ada Lovelace"}), Fact("kyc.advanced", {}))
    letter = Letter(f"d-{read.id}", "kyc.created", "https://example.org/", {}, '{"name":"Ada"}', "X-Signature")
    delivery, job = deliveries.kept(letter, "t1", read.id, seal(vault, read), now)
    writes = [
        *credentials.granted(vault, read.id, f"token-{read.id}", now),
        *idempotency.kept(vault, Claim(read.id, "POST /", "k", b""), b"Ada", now),
        blobs.reserved(f"{read.id}/kept", read.id, now),
        blobs.kept(f"{read.id}/kept"),
        blobs.reserved(f"{read.id}/announced", read.id, now),
        delivery,
    ]
    own = Intent("kyc.look", f"look {read.id}", {}, read.id)
    kept = change.change(read, LIFECYCLE, None, seal(vault, read), [], now, writes=writes, jobs=[job, own])
    await change.commit(db, wakeup, kept)
    loaded = await deliveries.load(db, vault, letter.id)
    assert loaded is not None
    await change.commit(db, wakeup, deliveries.tried(loaded, Result("timeout", None, 9), now))
    return await reread(db, read)


async def mentions(db: Db, session_id: str) -> set[str]:
    """The tables that hold a row in which the session's id occurs."""
    found = set()
    for (table,) in await db.all(TABLES[db.dialect]):
        rows = await db.all(f"SELECT * FROM {table}")
        if any(session_id in str(cell) for row in rows for cell in row):
            found.add(str(table))
    return found


async def test_nothing_is_left_but_the_tombstone(
    db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup, tmp_path: Path
) -> None:
    objects = FileBlobs(tmp_path / "blobs")
    read, neighbour = await full(db, vault, wakeup, clock), await full(db, vault, wakeup, clock)
    for key in await blobs.keys_of(db, read.id):
        await objects.put(key, b"a face", "image/png")
    before = await mentions(db, neighbour.id)
    await change.commit(db, wakeup, await erase(db, read, clock.advance(seconds=1)))
    assert await mentions(db, read.id) == {"tombstones", "outbox", "blobs"}
    argument = await value(db, "SELECT argument FROM outbox WHERE job = $1", blobs.REMOVE_JOB)
    assert f"{read.id}/kept" in str(argument)
    assert f"{read.id}/announced" in str(argument)
    keys = await blobs.keys_of(db, read.id)
    await blobs.remove(db, objects, keys)
    await db.commit([Write(outbox.DELETE, (f"{blobs.REMOVE_JOB} {read.id}",))])
    assert await mentions(db, read.id) == {"tombstones"}
    for key in keys:
        with pytest.raises(Missing):
            await objects.head(key)
    assert await mentions(db, neighbour.id) == before
    assert await value(db, "SELECT count(*) FROM delivery_attempts") == 1


async def test_the_wrapped_key_is_gone_so_no_copy_of_a_value_opens(
    db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup
) -> None:
    read = await full(db, vault, wakeup, clock)
    await change.commit(db, wakeup, await erase(db, read, clock.now()))
    for (table,) in await db.all(TABLES[db.dialect]):
        for row in await db.all(f"SELECT * FROM {table}"):
            assert not any(read.wrapped_key in bytes(cell) for cell in row if isinstance(cell, bytes | memoryview))


async def test_the_tombstone_proves_what_there_was(db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup) -> None:
    read = await full(db, vault, wakeup, clock)
    log = await events.after(db, read.id, 0, 50)
    await change.commit(db, wakeup, await erase(db, read, clock.advance(hours=1)))
    stone = await tombstone_of(db, read.id, "t1")
    assert stone is not None
    assert (stone.events, stone.objects, stone.last_digest) == (2, 2, log[-1].digest)
    assert (stone.created_at, stone.erased_at, stone.kind) == (read.created_at, clock.now(), "kyc")
    assert await tombstone_of(db, read.id, "t2") is None


async def test_a_session_is_erased_once(db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup) -> None:
    read = await full(db, vault, wakeup, clock)
    both = [await erase(db, read, clock.now()) for _ in range(2)]
    results = await asyncio.gather(*[change.commit(db, wakeup, each) for each in both], return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "NoneType"]


async def test_a_session_without_objects_needs_no_job(db: Db, vault: Vault, clock: SettableClock) -> None:
    read = await stored(db, vault, clock.now())
    await db.commit((await erase(db, read, clock.now())).writes)
    assert await mentions(db, read.id) == {"tombstones"}
    assert await sessions.load(db, read.id, "t1", "kyc") is None


async def test_a_racing_change_is_refused_or_refuses_the_erasure(
    db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup
) -> None:
    for _ in range(8):
        read = await full(db, vault, wakeup, clock)
        token = credentials.granted(vault, read.id, "late", clock.now())
        late = change.change(
            read, LIFECYCLE, "advance", seal(vault, read), [Fact("kyc.advanced", {})], clock.now(), writes=token
        )
        gone = await erase(db, read, clock.now())
        results = await asyncio.gather(
            change.commit(db, wakeup, late), change.commit(db, wakeup, gone), return_exceptions=True
        )
        assert sorted(type(result).__name__ for result in results) == ["Conflict", "NoneType"]
        if results[1] is None:
            assert await mentions(db, read.id) == {"tombstones", "outbox", "blobs"}
        else:
            assert await tombstone_of(db, read.id, "t1") is None
            assert await credentials.token_of(db, vault, read.id) == "late"


async def test_a_kinds_own_writes_go_along(db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup) -> None:
    read = await stored(db, vault, clock.now())
    row = (read.id, "w1", 1, b"sealed")
    insert = "INSERT INTO kyc_sessions (session_id, workflow_id, workflow_version, record) VALUES ($1, $2, $3, $4)"
    await db.commit([Write(insert, row)])
    own = Write("DELETE FROM kyc_sessions WHERE session_id = $1", (read.id,), expect=1)
    await change.commit(db, wakeup, await erase(db, read, clock.now(), (own,)))
    assert await mentions(db, read.id) == {"tombstones"}


async def test_a_change_after_the_erasure_is_a_conflict(
    db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup
) -> None:
    read = await stored(db, vault, clock.now())
    await change.commit(db, wakeup, await erase(db, read, clock.now()))
    with pytest.raises(Conflict):
        await change.commit(db, wakeup, change.change(read, LIFECYCLE, "advance", seal(vault, read), [], clock.now()))
    with pytest.raises(Conflict):
        await change.commit(db, wakeup, await erase(db, read, clock.now()))
    assert await tombstone_of(db, read.id, "t1") is not None
