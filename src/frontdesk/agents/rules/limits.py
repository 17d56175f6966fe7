"""When a turn has to end before its answer: iterations, tokens, seconds and cost, of the turn and of the session."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """None is without limit; costs in USD."""

    iterations: int = 50
    turn_tokens: int | None = None
    turn_seconds: float | None = 1800.0
    turn_cost: float | None = None
    session_tokens: int | None = None
    session_cost: float | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """What a turn, or all turns of a session, took so far. `tokens` are input and output together."""

    iterations: int = 0
    tokens: int = 0
    seconds: float = 0.0
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Price:
    """USD for a million tokens; None when nobody told: such a model costs nothing here."""

    input: float | None = None
    output: float | None = None
    cache_read: float | None = None


@dataclass(frozen=True, slots=True)
class Breach:
    """The limit that was reached. `code` is published as `error_code` of `turn.failed`."""

    code: str
    message: str


def breach(limits: Limits, turn: Spent, session: Spent) -> Breach | None:
    """Why there is no further model call, or None. `session` counts this turn too."""
    checks: tuple[tuple[str, float, float | None, str], ...] = (
        ("max_iterations", turn.iterations, limits.iterations, "{:.0f} iterations"),
        ("max_tokens", turn.tokens, limits.turn_tokens, "{:.0f} tokens"),
        ("max_duration", turn.seconds, limits.turn_seconds, "{:.0f} seconds"),
        ("max_cost", turn.cost, limits.turn_cost, "{:.2f} USD"),
        ("session_max_tokens", session.tokens, limits.session_tokens, "{:.0f} tokens of the session"),
        ("session_max_cost", session.cost, limits.session_cost, "{:.2f} USD of the session"),
    )
    for code, spent, limit, words in checks:
        if limit is not None and spent >= limit:
            return Breach(code, f"The turn ended because it reached its limit of {words.format(limit)}")
    return None


def seconds_left(limits: Limits, turn: Spent, call_seconds: float) -> float:
    """How long the next model call may last: `call_seconds`, or what is left of the turn."""
    left = call_seconds if limits.turn_seconds is None else limits.turn_seconds - turn.seconds
    return max(min(call_seconds, left), 0.0)


def cost(price: Price, input_tokens: int, output_tokens: int, cache_read_tokens: int = 0) -> float:
    """USD. Tokens read from a cache are part of the input and have their own price when there is one."""
    cached = cache_read_tokens if price.cache_read is not None else 0
    fresh = (input_tokens - cached) * (price.input or 0.0)
    return (fresh + cached * (price.cache_read or 0.0) + output_tokens * (price.output or 0.0)) / 1_000_000
