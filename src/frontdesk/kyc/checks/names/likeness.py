"""How alike two names are, from 0 to 1, word by word, whatever the order, with the reason in words."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import msgspec
from rapidfuzz.distance import OSA

from frontdesk.kyc.checks.names.chinese import is_chinese
from frontdesk.kyc.checks.names.sounds import is_unvowelled, sounds
from frontdesk.kyc.checks.names.words import Word, words

ALIKE_FROM = 0.7
"""Below this two words are two words."""
INITIAL = 0.8
_SURE = 0.95
_TELLING = 3
"""So many consonants say who is meant; with fewer the vowels count for more."""
_BY_CONSONANTS = 0.93
_SHORT = 0.5
"""How much more a wrong letter weighs in a word of one letter; half as much in one of two, and so on."""
_LACKING_IN_LISTED, _LACKING_IN_ASKED = 0.6, 0.35
"""What a word that only one side has weighs: people leave names out more often than they take some on."""


class Likeness(msgspec.Struct, frozen=True):
    """`score` and the pairs of words behind it, each with its own; words without a partner stand alone."""

    score: float
    pairs: tuple[tuple[str, str, float], ...] = ()
    only_asked: tuple[str, ...] = ()
    only_listed: tuple[str, ...] = ()


@lru_cache(maxsize=262_144)
def alike(one: str, other: str) -> float:
    """How alike two words are: letters that differ, less when both sound the same; an initial stands for its word."""
    if one == other:
        return 1.0
    if len(one) == 1 or len(other) == 1:
        return INITIAL if one[0] == other[0] else 0.0
    longest = max(len(one), len(other))
    ratio: float = 1 - OSA.distance(one, other) / longest
    shared = sounds(one) & sounds(other)
    if not shared:
        return ratio
    if is_unvowelled(one) != is_unvowelled(other) and max(map(len, shared)) >= _TELLING:
        return max(ratio, _BY_CONSONANTS)
    if max(map(len, shared)) < _TELLING or ratio < 0.5:
        return max(ratio, 0.6 + 0.35 * ratio)
    return max(ratio, 0.75 + 0.24 * ratio)


@lru_cache(maxsize=65_536)
def spelt_alike(one: str, other: str) -> float:
    """How alike two words are by their letters alone, where sounding the same says nothing: less, the shorter they
    are, because a wrong letter makes another word of a short one."""
    if one == other or len(one) == 1 or len(other) == 1:
        return alike(one, other)
    longest = max(len(one), len(other))
    return max(0.0, 1 - OSA.distance(one, other) * (1 + _SHORT / longest) / longest)


def compare(asked: str, listed: str) -> Likeness:
    """Compare a name with a listed one."""
    left, right = words(asked), words(listed)
    both_chinese = all(is_chinese([word.text for word in side]) for side in (left, right))
    pairs, rest_left, rest_right = _paired(left, right, spelt_alike if both_chinese else alike)
    hit = sum(score**2 * _weight(one + other) for one, other, score in pairs)
    whole = sum(_weight(one + other) for one, other, _ in pairs)
    whole += 2 * _LACKING_IN_LISTED * sum(_lone(word) for word in rest_left)
    whole += 2 * _LACKING_IN_ASKED * sum(_lone(word) for word in rest_right)
    return Likeness(
        hit / whole if whole else 0.0,
        tuple((" ".join(one), " ".join(other), score) for one, other, score in pairs),
        tuple(word.text for word in rest_left if not word.is_particle),
        tuple(word.text for word in rest_right if not word.is_particle),
    )


_Alike = Callable[[str, str], float]
_Part = tuple[str, ...]
_Pair = tuple[_Part, _Part, float]


def _paired(left: Sequence[Word], right: Sequence[Word], alike: _Alike) -> tuple[list[_Pair], list[Word], list[Word]]:
    """The best pairs first, of words and of words that one side writes as two (`Xiao Ming`, `Al Hassan`)."""
    taken_left: set[int] = set()
    taken_right: set[int] = set()
    pairs: list[_Pair] = []
    found = [span for span in _single(left, right, alike) if span[0] >= ALIKE_FROM]
    if sum(score >= _SURE for score, _, _ in found) < max(len(left), len(right)):
        found += [span for span in _double(left, right, alike) if span[0] >= ALIKE_FROM]
    for score, one, other in sorted(found, key=lambda each: (-each[0], -len(each[1]) - len(each[2]))):
        if taken_left.isdisjoint(one) and taken_right.isdisjoint(other):
            taken_left.update(one)
            taken_right.update(other)
            pairs.append((tuple(left[i].text for i in one), tuple(right[i].text for i in other), score))
    return (
        pairs,
        [word for place, word in enumerate(left) if place not in taken_left],
        [word for place, word in enumerate(right) if place not in taken_right],
    )


_Span = tuple[float, tuple[int, ...], tuple[int, ...]]


def _single(left: Sequence[Word], right: Sequence[Word], alike: _Alike) -> Iterator[_Span]:
    for i, one in enumerate(left):
        for j, other in enumerate(right):
            if one.is_particle == other.is_particle:
                yield alike(one.text, other.text), (i,), (j,)


def _double(left: Sequence[Word], right: Sequence[Word], alike: _Alike) -> Iterator[_Span]:
    for i, (first, second) in enumerate(pairwise(left)):
        for j, other in enumerate(right):
            if _long_enough(first, second, other):
                yield alike(first.text + second.text, other.text), (i, i + 1), (j,)
    for j, (first, second) in enumerate(pairwise(right)):
        for i, one in enumerate(left):
            if _long_enough(first, second, one):
                yield alike(one.text, first.text + second.text), (i,), (j, j + 1)


def _long_enough(first: Word, second: Word, whole: Word) -> bool:
    """Whether two words may be one: it begins as the first does, and has about the letters of both."""
    return first.text[0] == whole.text[0] and abs(len(first.text) + len(second.text) - len(whole.text)) < 3


def _weight(part: _Part) -> float:
    """Long words tell more than short ones, and an initial tells little. `part` holds both sides' words."""
    return sum(_letters(word) for word in part)


def _letters(word: str) -> float:
    return 0.3 if len(word) == 1 else 0.5 + min(len(word), 8) / 16


def _lone(word: Word) -> float:
    return 0.0 if word.is_particle else _letters(word.text)
