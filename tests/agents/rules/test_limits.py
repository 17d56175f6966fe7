"""When a turn ends before its answer, and what it costs."""

import pytest

from frontdesk.agents.rules.limits import Limits, Price, Spent, breach, cost, seconds_left

LIMITS = Limits(3, 1000, 60.0, 0.5, 5000, 2.0)
FREE = Limits(50, None, None, None, None, None)


def test_nothing_spent_breaks_no_limit() -> None:
    assert breach(LIMITS, Spent(), Spent()) is None


@pytest.mark.parametrize(
    ("turn", "session", "code"),
    [
        (Spent(iterations=3), Spent(), "max_iterations"),
        (Spent(tokens=1000), Spent(), "max_tokens"),
        (Spent(seconds=60.0), Spent(), "max_duration"),
        (Spent(cost=0.5), Spent(), "max_cost"),
        (Spent(), Spent(tokens=5000), "session_max_tokens"),
        (Spent(), Spent(cost=2.5), "session_max_cost"),
        (Spent(iterations=9, tokens=9000), Spent(cost=9.0), "max_iterations"),
    ],
)
def test_a_limit_that_is_reached_is_named(turn: Spent, session: Spent, code: str) -> None:
    found = breach(LIMITS, turn, session)
    assert found is not None
    assert found.code == code
    assert "limit of" in found.message


@pytest.mark.parametrize("turn", [Spent(2, 999, 59.9, 0.49), Spent(49, 10**9, 10**9, 10**9)])
def test_what_is_below_or_without_a_limit_goes_on(turn: Spent) -> None:
    assert breach(LIMITS if turn.iterations == 2 else FREE, turn, Spent()) is None


def test_a_call_lasts_no_longer_than_its_turn() -> None:
    assert seconds_left(LIMITS, Spent(seconds=50.0), 300.0) == 10.0
    assert seconds_left(LIMITS, Spent(seconds=70.0), 300.0) == 0.0
    assert seconds_left(FREE, Spent(seconds=70.0), 300.0) == 300.0


def test_tokens_cost_what_the_model_says() -> None:
    assert cost(Price(2.0, 10.0), 1_000_000, 100_000) == 3.0
    assert cost(Price(2.0, 10.0, 0.2), 1_000_000, 0, 500_000) == 1.1
    assert cost(Price(2.0, 10.0), 1_000_000, 0, 500_000) == 2.0
    assert cost(Price(), 1_000_000, 1_000_000) == 0.0
