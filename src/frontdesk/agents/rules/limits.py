"""When a turn has to end before its answer: iterations, tokens, seconds and cost, of the turn and of the session."""

from collections.abc import Iterable
from dataclasses import dataclass

_WORDS = {
    "iterations": ("iterations", "{:.0f} iterations"),
    "tokens": ("tokens", "{:.0f} tokens"),
    "seconds": ("duration", "{:g} seconds"),
    "cost": ("cost", "{:g} USD"),
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most of each; None is without limit. `tokens` are input and output together, `cost` is in USD."""

    iterations: int | None = None
    tokens: int | None = None
    seconds: float | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one turn, and of all turns of a session together."""

    turn: Bounds = Bounds(iterations=50, seconds=1800.0)
    session: Bounds = Bounds()


@dataclass(frozen=True, slots=True)
class Spent:
    """What a turn, or all turns of a session, took so far."""

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


def tightest(several: Iterable[Limits]) -> Limits:
    """Of each limit the smallest: nobody can allow more than somebody else."""
    found = list(several)
    return Limits(_tightest(one.turn for one in found), _tightest(one.session for one in found))


def _tightest(several: Iterable[Bounds]) -> Bounds:
    found = list(several)

    def least(name: str) -> float | None:
        return min((value for one in found if (value := getattr(one, name)) is not None), default=None)

    iterations, tokens = least("iterations"), least("tokens")
    return Bounds(
        None if iterations is None else int(iterations),
        None if tokens is None else int(tokens),
        least("seconds"),
        least("cost"),
    )


def breach(limits: Limits, turn: Spent, session: Spent) -> Breach | None:
    """Why there is no further model call, or None. `session` counts this turn too."""
    for prefix, whose, bounds, spent in (
        ("", "", limits.turn, turn),
        ("session_", " of the session", limits.session, session),
    ):
        for name, (code, words) in _WORDS.items():
            limit, value = getattr(bounds, name), getattr(spent, name)
            if limit is not None and value >= limit:
                message = f"The turn ended because it reached its limit of {words.format(limit)}{whose}"
                return Breach(f"{prefix}max_{code}", message)
    return None


def seconds_left(limits: Limits, turn: Spent, session: Spent, call_seconds: float) -> float:
    """How long the next model call may last: `call_seconds`, or what is left of the turn or the session."""
    pairs = ((limits.turn.seconds, turn.seconds), (limits.session.seconds, session.seconds))
    left = [limit - spent for limit, spent in pairs if limit is not None]
    return max(min([call_seconds, *left]), 0.0)


def cost(price: Price, input_tokens: int, output_tokens: int, cache_read_tokens: int = 0) -> float:
    """USD. Tokens read from a cache are part of the input and have their own price when there is one."""
    cached = cache_read_tokens if price.cache_read is not None else 0
    fresh = (input_tokens - cached) * (price.input or 0.0)
    return (fresh + cached * (price.cache_read or 0.0) + output_tokens * (price.output or 0.0)) / 1_000_000
