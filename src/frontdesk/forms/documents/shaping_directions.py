"""Which way a text goes: levels by the Unicode bidirectional algorithm, and pieces from left to right by them."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Generic, TypeVar

Kind = TypeVar("Kind")
_RIGHT = ("R", "AL", "RLE", "RLO", "AN")
_REMOVED = ("RLE", "LRE", "RLO", "LRO", "PDF", "BN", "LRI", "RLI", "FSI", "PDI", "B", "")
_NEUTRAL = "\ufffc"
_BRACKETS = {"(": ")", "[": "]", "{": "}", "\u300c": "\u300d", "\u3010": "\u3011", "\u2329": "\u232a"}


@dataclass(frozen=True, slots=True)
class Piece(Generic[Kind]):
    """A part of a line at one level (odd ones go from right to left), of one kind."""

    level: int
    kind: Kind
    text: str


def is_rtl(text: str) -> bool:
    """Whether the first letter with a direction goes from right to left."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False


def levels(text: str, *, rtl: bool) -> list[int]:
    """The level of each character, in a paragraph of that direction."""
    if not rtl and not any(unicodedata.bidirectional(char) in _RIGHT for char in text):
        return [0] * len(text)
    from bidi import algorithm

    # Marks that the algorithm removes would shift the places; they become what it leaves alone.
    plain = "".join(_NEUTRAL if unicodedata.bidirectional(char) in _REMOVED else char for char in text)
    storage = algorithm.get_empty_storage()
    storage["base_level"], storage["base_dir"] = int(rtl), "LR"[rtl]
    algorithm.get_embedding_levels(plain, storage)
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    for run in storage["runs"]:
        _pair_brackets(storage["chars"][run["start"] : run["start"] + run["length"]], run["sor"])
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    return [int(char["level"]) for char in storage["chars"]]


def _pair_brackets(chars: Sequence[dict[str, Any]], before: str) -> None:
    """Rule N0, which the library's step by step form leaves out: brackets go the way of what they enclose, if that is
    the way of the paragraph, else of what stands before them."""
    opened: list[int] = []
    pairs = []
    for place, char in enumerate(chars):
        if char["type"] != "ON":
            continue
        if char["ch"] in _BRACKETS:
            opened.append(place)
        elif char["ch"] in _BRACKETS.values():
            match = next((i for i in reversed(opened) if _BRACKETS[chars[i]["ch"]] == char["ch"]), None)
            if match is not None:
                del opened[opened.index(match) :]
                pairs.append((match, place))
    for first, last in sorted(pairs):
        own = "LR"[chars[first]["level"] % 2]
        inside = {_strong(char["type"]) for char in chars[first + 1 : last]} - {None}
        if not inside:
            continue
        context = next((s for char in reversed(chars[:first]) if (s := _strong(char["type"]))), before)
        way = own if own in inside else context
        chars[first]["type"] = chars[last]["type"] = way


def _strong(kind: str) -> str | None:
    return "L" if kind == "L" else "R" if kind in ("R", "AL", "EN", "AN") else None


def visual(pieces: list[Piece[Kind]]) -> list[Piece[Kind]]:
    """Rule L2: from the highest level down to the lowest odd one, turn every sequence at that level or above."""
    return reduce(_turned, range(max((piece.level for piece in pieces), default=0), 0, -1), pieces)


def _turned(pieces: list[Piece[Kind]], level: int) -> list[Piece[Kind]]:
    result: list[Piece[Kind]] = []
    turning: list[Piece[Kind]] = []
    for piece in pieces:
        if piece.level >= level:
            turning.append(piece)
        else:
            result += [*reversed(turning), piece]
            turning = []
    return result + turning[::-1]
