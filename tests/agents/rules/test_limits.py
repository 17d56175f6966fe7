"""When a turn ends before its answer, and what it costs."""

import pytest

from frontdesk.agents.rules.limits import Bounds, Limits, Price, Spent, breach, cost, seconds_left, tightest

LIMITS = Limits(Bounds(3, 1000, 60.0, 0.5), Bounds(30, 5000, 600.0, 2.0))
FREE = Limits(Bounds(50), Bounds())


def test_nothing_spent_breaks_no_limit() -> None:
    assert breach(LIMITS, Spent(), Spent()) is None


@pytest.mark.parametrize(
    ("turn", "session", "code"),
    [
        (Spent(iterations=3), Spent(), "max_iterations"),
        (Spent(tokens=1000), Spent(), "max_tokens"),
        (Spent(seconds=60.0), Spent(), "max_duration"),
        (Spent(cost=0.5), Spent(), "max_cost"),
        (Spent(), Spent(iterations=30), "session_max_iterations"),
        (Spent(), Spent(tokens=5000), "session_max_tokens"),
        (Spent(), Spent(seconds=600.0), "session_max_duration"),
        (Spent(), Spent(cost=2.5), "session_max_cost"),
        (Spent(iterations=9, tokens=9000), Spent(cost=9.0), "max_iterations"),
    ],
)
def test_a_limit_that_is_reached_is_named(turn: Spent, session: Spent, code: str) -> None:
    found = breach(LIMITS, turn, session)
    assert found is not None
    assert found.code == code
    assert "limit of" in found.message
    assert ("of the session" in found.message) == code.startswith("session_")


@pytest.mark.parametrize("turn", [Spent(2, 999, 59.9, 0.49), Spent(49, 10**9, 10**9, 10**9)])
def test_what_is_below_or_without_a_limit_goes_on(turn: Spent) -> None:
    assert breach(LIMITS if turn.iterations == 2 else FREE, turn, Spent()) is None


def test_a_call_lasts_no_longer_than_its_turn() -> None:
    assert seconds_left(LIMITS, Spent(seconds=50.0), Spent(seconds=50.0), 300.0) == 10.0
    assert seconds_left(LIMITS, Spent(seconds=70.0), Spent(seconds=70.0), 300.0) == 0.0
    assert seconds_left(LIMITS, Spent(seconds=1.0), Spent(seconds=595.0), 300.0) == 5.0
    assert seconds_left(FREE, Spent(seconds=70.0), Spent(seconds=900.0), 300.0) == 300.0


def test_of_several_limits_the_smallest_holds() -> None:
    other = Limits(Bounds(9, None, 5.0), Bounds(tokens=7000, cost=0.25))
    found = tightest([LIMITS, other])
    assert found == Limits(Bounds(3, 1000, 5.0, 0.5), Bounds(30, 5000, 600.0, 0.25))
    assert tightest([LIMITS]) == LIMITS


def test_tokens_cost_what_the_model_says() -> None:
    assert cost(Price(2.0, 10.0), 1_000_000, 100_000) == 3.0
    assert cost(Price(2.0, 10.0, 0.2), 1_000_000, 0, 500_000) == 1.1
    assert cost(Price(2.0, 10.0), 1_000_000, 0, 500_000) == 2.0
    assert cost(Price(), 1_000_000, 1_000_000) == 0.0
