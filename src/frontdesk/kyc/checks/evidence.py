"""How sure a value is, counted in independent readings. From 0.9 on nobody asks a person, so that has to be
earned."""

from collections.abc import Iterable

import msgspec

PROVED = 0.99
"""Three ways agree: two readings and a check digit, or the zone, its second reading and the printed part."""
TWICE = 0.95
"""Two independent ways agree."""
CHECKED = 0.92
"""One reading, and a check digit that sees every possible slip of one character."""
DOUBTED = 0.85
"""Read well, but something on the paper speaks against it: below the line on purpose."""
ONCE = 0.7
"""One reading and nothing that confirms it."""
GUESSED = 0.5
"""A reading that a check digit contradicts."""

CONFIDENT = 0.9


class Value(msgspec.Struct, frozen=True):
    """A value with what speaks for it."""

    text: str
    score: float


def weigh(witnesses: int) -> float:
    """The score of a value that so many independent witnesses confirm, its own reading being the first."""
    return (GUESSED, ONCE, TWICE)[witnesses] if witnesses < 3 else PROVED


def overall(scores: Iterable[float]) -> float:
    """One figure for the whole paper: the mean, so that one doubtful key shows without hiding the others."""
    listed = list(scores)
    return round(sum(listed) / len(listed), 4) if listed else 0.0
