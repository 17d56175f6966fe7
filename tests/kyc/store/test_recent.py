"""What is remembered of rows: only as long as they stay as they were, and not for long."""

import asyncio

from frontdesk.kyc.store.recent import Recent

ROW = ("0190", "active", b"sealed")


async def test_an_equal_row_finds_what_was_made_of_the_first() -> None:
    recent: Recent[object] = Recent()
    made = object()
    recent.keep(ROW, made)
    assert recent.find(tuple(ROW)) is made


async def test_a_row_with_any_other_value_finds_nothing() -> None:
    recent: Recent[str] = Recent()
    recent.keep(ROW, "made")
    for place in range(len(ROW)):
        assert recent.find((*ROW[:place], "other", *ROW[place + 1 :])) is None


async def test_what_was_erased_is_forgotten_at_once_also_when_it_has_grown_old() -> None:
    recent: Recent[str] = Recent(most=1)
    recent.keep(ROW, "made")
    recent.keep(("0191", "active", b"sealed"), "newer")
    assert recent.find(ROW) == "made"
    recent.forget("0190")
    recent.forget("nobody")
    assert recent.find(ROW) is None


async def test_no_more_is_kept_than_twice_what_was_asked_for() -> None:
    recent: Recent[int] = Recent(most=3)
    rows = [(f"{number}", b"sealed") for number in range(20)]
    for number, row in enumerate(rows):
        recent.keep(row, number)
    found = [recent.find(row) for row in rows]
    assert found[-3:] == [17, 18, 19]
    assert sum(one is not None for one in found) <= 6


async def test_all_is_forgotten_in_time_and_remembered_again() -> None:
    recent: Recent[str] = Recent(seconds=0.01)
    for _ in range(2):
        recent.keep(ROW, "made")
        async with asyncio.timeout(10):
            while recent.find(ROW) is not None:
                await asyncio.sleep(0.005)
