"""What is remembered of rows: found with its marks, and not for long."""

import asyncio

from frontdesk.kyc.store.recent import Recent

KEY, MARKS = b"digest", ("0190", 3, 1)


async def test_what_was_made_is_found_with_its_marks() -> None:
    recent: Recent[object] = Recent()
    made = object()
    recent.keep(KEY, MARKS, made)
    assert recent.find(KEY) == (MARKS, made)
    assert recent.find(b"another") is None


async def test_what_was_made_later_takes_its_place() -> None:
    recent: Recent[str] = Recent(most=1)
    recent.keep(KEY, MARKS, "made")
    recent.keep(KEY, ("0190", 4, 1), "made later")
    assert recent.find(KEY) == (("0190", 4, 1), "made later")


async def test_what_was_erased_is_forgotten_at_once_also_when_it_has_grown_old() -> None:
    recent: Recent[str] = Recent(most=1)
    for key in (KEY, b"another link to it", b"of somebody else"):
        recent.keep(key, MARKS if key != b"of somebody else" else ("0191", 1, 1), "made")
    assert recent.find(b"another link to it") is not None
    recent.forget("0190")
    recent.forget("nobody")
    assert recent.find(KEY) is recent.find(b"another link to it") is None
    assert recent.find(b"of somebody else") is not None


async def test_no_more_is_kept_than_twice_what_was_asked_for() -> None:
    recent: Recent[int] = Recent(most=3)
    keys = [b"%d" % number for number in range(20)]
    for number, key in enumerate(keys):
        recent.keep(key, MARKS, number)
    found = [recent.find(key) for key in keys]
    assert found[-3:] == [(MARKS, 17), (MARKS, 18), (MARKS, 19)]
    assert sum(one is not None for one in found) <= 6


async def test_all_is_forgotten_in_time_and_remembered_again() -> None:
    recent: Recent[str] = Recent(seconds=0.01)
    for _ in range(2):
        recent.keep(KEY, MARKS, "made")
        async with asyncio.timeout(10):
            while recent.find(KEY) is not None:
                await asyncio.sleep(0.005)
