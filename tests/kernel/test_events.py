"""The event log: numbered without gaps, sealed, and chained so that what is missing or altered shows."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from databases import SettableClock
from frontdesk.kernel import change, events
from frontdesk.kernel.events import START, Event, Fact, chain, first_break
from frontdesk.kernel.vault import BrokenSeal, Seal, Vault
from frontdesk.ports.db import Db, Write
from kernel.sample import LIFECYCLE, reread, seal, stored

SEAL = Seal(b"k" * 32)
FACTS = [(f"evt_{number}", Fact("kyc.advanced", {"step": number, "name": "Zoë 日本"})) for number in range(5)]


def log(clock: SettableClock) -> list[Event]:
    return chain("s1", 0, START, FACTS, SEAL, clock.now())


def test_events_are_numbered_from_one_and_say_what_happened(clock: SettableClock) -> None:
    assert [event.number for event in log(clock)] == [1, 2, 3, 4, 5]
    assert [event.facts(SEAL)["step"] for event in log(clock)] == [0, 1, 2, 3, 4]
    assert log(clock)[0].facts(SEAL)["name"] == "Zoë 日本"


def test_what_happened_is_not_readable_without_the_key(clock: SettableClock) -> None:
    assert b"step" not in b"".join(event.sealed for event in log(clock))
    with pytest.raises(BrokenSeal):
        log(clock)[0].facts(Seal(b"x" * 32))


def test_a_whole_log_has_no_break(clock: SettableClock) -> None:
    whole = log(clock)
    assert first_break(whole) is None
    assert first_break(whole, whole[-1].digest) is None
    assert first_break([], START) is None


def test_a_log_that_is_continued_has_no_break(clock: SettableClock) -> None:
    whole = log(clock)
    more = chain("s1", 5, whole[-1].digest, FACTS, SEAL, clock.advance(seconds=1))
    assert first_break([*whole, *more], more[-1].digest) is None
    assert first_break([*whole, *more[1:]]) == 6


@given(st.integers(0, 4))
def test_a_missing_event_shows(at: int) -> None:
    whole = log(SettableClock())
    missing = [*whole[:at], *whole[at + 1 :]]
    assert first_break(missing, whole[-1].digest) == at + 1


@given(st.integers(0, 4), st.integers(0, 4))
def test_events_in_another_order_show(one: int, other: int) -> None:
    whole = log(SettableClock())
    swapped = list(whole)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    assert first_break(swapped) == (None if one == other else min(one, other) + 1)


@pytest.mark.parametrize("field", ["id", "type", "at", "sealed", "digest", "session_id", "number"])
def test_an_altered_field_shows(clock: SettableClock, field: str) -> None:
    whole = log(clock)
    second = whole[1]
    altered = {
        "id": "evt_x",
        "type": "kyc.approved",
        "at": second.at + timedelta(microseconds=1),
        "sealed": whole[2].sealed,
        "digest": whole[2].digest,
        "session_id": "s2",
        "number": 7,
    }
    whole[1] = replace(second, **{field: altered[field]})  # type: ignore[arg-type]
    assert first_break(whole) == 2


def test_an_event_does_not_open_in_another_place(clock: SettableClock) -> None:
    first, second = log(clock)[:2]
    with pytest.raises(BrokenSeal):
        replace(second, sealed=first.sealed).facts(SEAL)


async def test_a_reader_resumes_from_a_number_and_misses_nothing(db: Db, vault: Vault, clock: SettableClock) -> None:
    read = await stored(db, vault, clock.now(), *[fact for _, fact in FACTS])
    await stored(db, vault, clock.now(), *[fact for _, fact in FACTS])
    seen: list[int] = []
    while page := await events.after(db, read.id, seen[-1] if seen else 0, 2):
        seen += [event.number for event in page]
    assert seen == [1, 2, 3, 4, 5]


async def test_the_stored_log_is_the_composed_one(db: Db, vault: Vault, clock: SettableClock) -> None:
    read = await stored(db, vault, clock.now(), *[fact for _, fact in FACTS])
    more = change.change(read, LIFECYCLE, "advance", seal(vault, read), [FACTS[0][1]], clock.advance(seconds=3))
    await db.commit(more.writes)
    kept = await events.after(db, read.id, 0, 100)
    after = await reread(db, read)
    assert len(kept) == after.last_number == 6
    assert first_break(kept, after.last_digest) is None
    assert kept[5].at == clock.now()
    assert kept[5].facts(seal(vault, read)) == FACTS[0][1].facts


async def test_an_event_that_was_altered_in_the_database_shows(db: Db, vault: Vault, clock: SettableClock) -> None:
    read = await stored(db, vault, clock.now(), *[fact for _, fact in FACTS])
    await db.commit([Write("UPDATE events SET type = 'kyc.approved' WHERE session_id = $1 AND number = 3", (read.id,))])
    assert first_break(await events.after(db, read.id, 0, 100), read.last_digest) == 3
    await db.commit([Write("DELETE FROM events WHERE session_id = $1 AND number >= 3", (read.id,))])
    assert first_break(await events.after(db, read.id, 0, 100), read.last_digest) == 3
