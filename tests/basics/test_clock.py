"""Instants as they are stored and written."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.basics.clock import SystemClock, from_micros, iso, iso_millis, to_micros, unix

AT = datetime(2026, 4, 9, 8, 15, 30, 999_999, tzinfo=UTC)


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_is_stored_to_the_microsecond(at: datetime) -> None:
    assert from_micros(to_micros(at)) == at


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_stored_instants_sort_as_instants_do(one: datetime, other: datetime) -> None:
    assert (to_micros(one) < to_micros(other)) == (one < other)


def test_it_is_written_in_utc_and_whole_seconds_wherever_it_was_told() -> None:
    assert iso(AT) == "2026-04-09T08:15:30Z"
    assert iso(AT.astimezone(timezone(timedelta(hours=5, minutes=30)))) == "2026-04-09T08:15:30Z"


@given(st.datetimes(timezones=st.just(UTC)))
def test_it_is_written_as_isoformat_would(at: datetime) -> None:
    assert iso(at) == at.isoformat(timespec="seconds").removesuffix("+00:00") + "Z"
    assert iso_millis(at) == at.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def test_unix_seconds_are_rounded_down() -> None:
    assert unix(AT) == 1775722530
    assert unix(datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC)) == -1


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        to_micros(datetime(2026, 4, 9))


def test_the_machines_clock_is_aware_and_runs() -> None:
    clock = SystemClock()
    before = clock.now()
    assert before.utcoffset() == timedelta(0)
    assert timedelta(0) <= clock.now() - before < timedelta(seconds=5)
