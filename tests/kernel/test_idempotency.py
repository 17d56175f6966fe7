"""Idempotency: the same request again gets the same answer and has no second effect."""

import asyncio
from datetime import timedelta

import pytest

from databases import SettableClock
from frontdesk.basics.errors import Conflict
from frontdesk.kernel import expiry, idempotency
from frontdesk.kernel.change import again
from frontdesk.kernel.idempotency import Claim, KeyReused, earlier_answer, kept
from frontdesk.kernel.vault import BrokenSeal, Vault
from frontdesk.ports.db import Db, Write
from frontdesk.ports.wakeup import Wakeup
from kernel.sample import value

CLAIM = Claim("t1", "POST /kyc/sessions", "key-1", b'{"a": 1}')
ADDED = "INSERT INTO outbox (key, job, argument, due_at) VALUES ($1, 'effect', '{}', 0)"


async def request(db: Db, vault: Vault, clock: SettableClock, claim: Claim, answer: bytes) -> bytes:
    """A verb with an effect, as a service writes it."""

    async def turn() -> bytes:
        earlier = await earlier_answer(db, vault, claim, clock.now())
        if earlier is not None:
            return earlier
        await db.commit([Write(ADDED, (answer.decode(),)), *kept(vault, claim, answer, clock.now())])
        return answer

    return await again(turn)


async def effects(db: Db) -> object:
    return await value(db, "SELECT count(*) FROM outbox")


async def test_the_same_request_gets_the_same_answer_and_one_effect(db: Db, vault: Vault, clock: SettableClock) -> None:
    for number in range(3):
        assert await request(db, vault, clock, CLAIM, b"answer %d" % number) == b"answer 0"
    assert await effects(db) == 1


async def test_racing_twins_have_one_effect_and_one_answer(db: Db, vault: Vault, clock: SettableClock) -> None:
    for number in range(10):
        twins = [request(db, vault, clock, twin(number), b"answer %d-%d" % (number, at)) for at in range(8)]
        assert len(set(await asyncio.gather(*twins))) == 1
        assert await effects(db) == number + 1


def twin(number: int) -> Claim:
    return Claim("t1", "POST /kyc/sessions", f"key {number}", b"{}")


async def test_the_same_key_with_another_body_is_refused(db: Db, vault: Vault, clock: SettableClock) -> None:
    await request(db, vault, clock, CLAIM, b"answer")
    with pytest.raises(KeyReused):
        await request(db, vault, clock, Claim("t1", CLAIM.scope, "key-1", b'{"a": 2}'), b"other")
    assert await effects(db) == 1


async def test_a_key_belongs_to_its_owner_and_its_request(db: Db, vault: Vault, clock: SettableClock) -> None:
    claims = [
        CLAIM,
        Claim("t2", CLAIM.scope, "key-1", CLAIM.request),
        Claim("t1", "POST /forms", "key-1", CLAIM.request),
        Claim("t1", CLAIM.scope, "key-2", CLAIM.request),
    ]
    for number, claim in enumerate(claims):
        assert await request(db, vault, clock, claim, b"answer %d" % number) == b"answer %d" % number
    assert await effects(db) == 4


async def test_after_a_day_the_key_is_free_again(db: Db, vault: Vault, clock: SettableClock) -> None:
    await request(db, vault, clock, CLAIM, b"first")
    clock.advance(hours=23, minutes=59, seconds=59)
    assert await request(db, vault, clock, CLAIM, b"second") == b"first"
    clock.advance(seconds=1)
    assert await request(db, vault, clock, CLAIM, b"third") == b"third"
    assert await effects(db) == 2


async def test_a_conflict_keeps_no_answer(db: Db, vault: Vault, clock: SettableClock) -> None:
    guard = Write("UPDATE sessions SET status = 'x' WHERE id = 'none'", (), expect=1)
    with pytest.raises(Conflict):
        await db.commit([guard, *kept(vault, CLAIM, b"answer", clock.now())])
    assert await earlier_answer(db, vault, CLAIM, clock.now()) is None


async def test_an_answer_is_sealed_and_cannot_be_moved_to_another_key(
    db: Db, vault: Vault, clock: SettableClock
) -> None:
    await request(db, vault, clock, CLAIM, b"a personal answer")
    assert b"personal" not in bytes(await value(db, "SELECT sealed FROM idempotency"))  # type: ignore[call-overload]
    await db.commit([Write("UPDATE idempotency SET key = 'key-2'")])
    with pytest.raises(BrokenSeal):
        await earlier_answer(db, vault, Claim("t1", CLAIM.scope, "key-2", CLAIM.request), clock.now())


async def test_the_sweeper_clears_what_is_too_old(db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup) -> None:
    await request(db, vault, clock, CLAIM, b"old")
    clock.advance(hours=1)
    await request(db, vault, clock, twin(1), b"young")
    await expiry.sweep(db, wakeup, vault, {}, clock.now() + idempotency.KEPT_FOR - timedelta(hours=1))
    assert await value(db, "SELECT count(*) FROM idempotency") == 1
