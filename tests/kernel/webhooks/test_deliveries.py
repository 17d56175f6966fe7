"""Deliveries: their pauses, their log, and sending one again."""

import json
from datetime import timedelta

import pytest

from databases import SettableClock
from frontdesk.basics.clock import to_micros
from frontdesk.basics.errors import Conflict
from frontdesk.kernel.change import commit
from frontdesk.kernel.vault import Vault
from frontdesk.kernel.webhooks import deliveries
from frontdesk.kernel.webhooks.deliveries import (
    Delivery,
    Letter,
    Result,
    UnknownDelivery,
    listed,
    resend,
    tried,
    tries_of,
)
from frontdesk.ports.db import Db
from frontdesk.ports.wakeup import Wakeup
from kernel.sample import seal, stored, value

REFUSED, TIMEOUT, DELIVERED = Result("refused", 500, 12), Result("timeout", None, 10_000), Result("delivered", 200, 7)
END = (2**62, "")


def letter(name: str) -> Letter:
    return Letter(name, "kyc.approved", "https://example.org/hook", {"X-Event": "e"}, '{"name":"Ada"}', "X-Signature")


async def kept(db: Db, vault: Vault, clock: SettableClock, name: str = "d1", tenant: str = "t1") -> None:
    read = await stored(db, vault, clock.now(), tenant=tenant)
    write, job = deliveries.kept(letter(name), tenant, read.id, seal(vault, read), clock.now())
    assert (job.argument, job.session_id) == ({"delivery_id": name, "tries": 0}, read.id)
    await db.commit([write])


async def loaded(db: Db, vault: Vault, name: str = "d1") -> Delivery:
    found = await deliveries.load(db, vault, name)
    assert found is not None
    return found


async def due(db: Db) -> list[tuple[dict[str, object], int]]:
    rows = await db.all("SELECT argument, due_at FROM outbox ORDER BY due_at, key")
    return [(json.loads(row[0]), row[1]) for row in rows]


async def test_a_letter_is_kept_sealed_and_read_as_it_was(db: Db, vault: Vault, clock: SettableClock) -> None:
    await kept(db, vault, clock)
    assert (await loaded(db, vault)).letter == letter("d1")
    assert b"Ada" not in bytes(await value(db, "SELECT sealed FROM deliveries"))  # type: ignore[call-overload]
    assert await deliveries.load(db, vault, "d2") is None


async def test_the_pauses_grow_and_the_sixth_failure_is_the_last(
    db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup
) -> None:
    await kept(db, vault, clock)
    for number, minutes in enumerate((1, 5, 30, 120, 720), start=1):
        await commit(db, wakeup, tried(await loaded(db, vault), REFUSED, clock.now()))
        *_, (argument, due_at) = await due(db)
        assert argument == {"delivery_id": "d1", "tries": number}
        assert due_at == to_micros(clock.now() + timedelta(minutes=minutes))
        [line] = await listed(db, "t1", END, 10)
        assert (line.state, line.tries, to_micros(line.next_at or clock.now())) == ("waiting", number, due_at)
        clock.advance(minutes=minutes)
    await commit(db, wakeup, tried(await loaded(db, vault), TIMEOUT, clock.now()))
    [line] = await listed(db, "t1", END, 10)
    assert (line.state, line.tries, line.next_at) == ("failed", 6, None)
    assert len(await due(db)) == 5


async def test_every_try_is_in_the_log(db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup) -> None:
    await kept(db, vault, clock)
    began = clock.now()
    for result in (REFUSED, TIMEOUT, DELIVERED):
        await commit(db, wakeup, tried(await loaded(db, vault), result, clock.now()))
        clock.advance(minutes=1)
    assert await tries_of(db, "d1") == [
        (1, began, REFUSED),
        (2, began + timedelta(minutes=1), TIMEOUT),
        (3, began + timedelta(minutes=2), DELIVERED),
    ]
    assert (await loaded(db, vault)).state == "delivered"


async def test_of_two_runs_of_one_try_one_is_kept(db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup) -> None:
    await kept(db, vault, clock)
    read = await loaded(db, vault)
    await commit(db, wakeup, tried(read, REFUSED, clock.now()))
    with pytest.raises(Conflict):
        await commit(db, wakeup, tried(read, DELIVERED, clock.now()))
    assert len(await tries_of(db, "d1")) == 1
    assert (await loaded(db, vault)).state == "waiting"


@pytest.mark.parametrize("before", [DELIVERED, REFUSED])
async def test_it_can_be_sent_again_by_hand_whatever_became_of_it(
    db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup, before: Result
) -> None:
    await kept(db, vault, clock)
    await commit(db, wakeup, tried(await loaded(db, vault), before, clock.now()))
    await resend(db, wakeup, "t1", "d1", clock.now())
    read = await loaded(db, vault)
    assert (read.state, read.tries) == ("waiting", 1)
    (argument, due_at), *_ = await due(db)
    assert (argument, due_at) == ({"delivery_id": "d1", "tries": 1}, to_micros(clock.now()))
    await commit(db, wakeup, tried(read, DELIVERED, clock.now()))
    assert [number for number, _, _ in await tries_of(db, "d1")] == [1, 2]


async def test_a_failed_one_that_fails_again_is_failed_at_once(
    db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup
) -> None:
    await kept(db, vault, clock)
    for _ in range(6):
        await commit(db, wakeup, tried(await loaded(db, vault), REFUSED, clock.now()))
    await resend(db, wakeup, "t1", "d1", clock.now())
    await commit(db, wakeup, tried(await loaded(db, vault), REFUSED, clock.now()))
    read = await loaded(db, vault)
    assert (read.state, read.tries) == ("failed", 7)


async def test_only_its_tenant_can_send_it_again(db: Db, vault: Vault, clock: SettableClock, wakeup: Wakeup) -> None:
    await kept(db, vault, clock)
    for tenant, name in (("t2", "d1"), ("t1", "d2")):
        with pytest.raises(UnknownDelivery):
            await resend(db, wakeup, tenant, name, clock.now())


async def test_the_list_is_the_tenants_and_pages_without_gaps(db: Db, vault: Vault, clock: SettableClock) -> None:
    for number in range(7):
        await kept(db, vault, clock, f"d{number}")
        await kept(db, vault, clock, f"other{number}", "t2")
        if number % 3 == 2:  # three share an instant, so that the id decides
            clock.advance(seconds=1)
    seen: list[str] = []
    before = END
    while page := await listed(db, "t1", before, 2):
        seen += [line.id for line in page]
        before = (to_micros(page[-1].created_at), page[-1].id)
    assert seen == [f"d{number}" for number in range(6, -1, -1)]
