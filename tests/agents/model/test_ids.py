"""Published ids: their form, and that an event's id sorts as the log does."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.model import ids

SESSION = "0194e5c3-b0f4-712a-8c15-d9e04b7f6a21"
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    "text",
    [
        "agent_01933b5a00007000800000000000001",
        "agent_0194E5C21A7B7C3E9D40B6F2A1885E03",
        "agt_0194e5c21a7b7c3e9d40b6f2a1885e03",
        "0194e5c21a7b7c3e9d40b6f2a1885e03",
        "agent_",
        "",
    ],
)
def test_what_is_no_id_is_seen(text: str) -> None:
    assert ids.digits_in("agent", text) is None
    assert ids.uuid_in("agent", text) is None


def test_an_id_is_a_uuid_in_another_dress() -> None:
    assert ids.uuid_in("session", ids.published("session", SESSION)) == SESSION


@given(INSTANTS, st.integers(1, 2**40 - 2), st.timedeltas(timedelta(0), timedelta(days=1)))
def test_a_later_event_has_a_greater_id(at: datetime, number: int, later: timedelta) -> None:
    first, second = ids.event_id(SESSION, number, at), ids.event_id(SESSION, number + 1, at + later)
    assert first < second
    assert ids.digits_in("event", first) is not None


@given(INSTANTS, st.integers(1, 2**40 - 1))
def test_an_id_tells_its_number_and_instant(at: datetime, number: int) -> None:
    found = ids.place_in(ids.event_id(SESSION, number, at))
    assert found == (int(at.timestamp() * 1000 // 1) if found is None else found[0], number)
    assert abs(found[0] - at.timestamp() * 1000) <= 1


def test_an_id_is_a_uuid_of_version_7() -> None:
    digits = ids.event_id(SESSION, 7, datetime(2026, 4, 9, tzinfo=UTC)).removeprefix("event_")
    assert digits[12] == "7"
    assert digits[16] in "89ab"
