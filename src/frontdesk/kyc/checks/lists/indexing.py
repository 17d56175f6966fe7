"""The index of a list: under which keys words are found, in which names a word stands, and which names fit best."""

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from frontdesk.kyc.checks.lists.judging import number_keys
from frontdesk.kyc.checks.names.likeness import alike
from frontdesk.kyc.checks.names.sounds import sounds
from frontdesk.kyc.checks.names.words import Word, words
from frontdesk.kyc.model.screening import Listed

MOST_WORDS, MOST_PLACES = 40_000, 500_000
"""Words, and places of words, that are gathered before they are written: what bounds an import's memory."""
MOST_NAMES = 0xFFFF
_DELETING_IN = 8
"""Slips are looked for among the first letters only: a long word has enough of them."""
_WORD_ALIKE_FROM = 0.62
_MOST_WORDS = 48
_HARDLY = 0.3
MOST_ENTRIES = 40
"""Entries that are judged for a name and a list."""
_LONGER = 0.12
_Places = NDArray[np.uint64]


def place(entry: int, name: int, length: int) -> int:
    """Where a word stands, in one number: the entry, which of its names, and how many words that name has."""
    return entry << 24 | min(name, MOST_NAMES) << 8 | min(length, 0xFF)


def index_words(name: str) -> tuple[str, ...]:
    """The words under which a name is found: its own, and neighbours written together."""
    found = words(name)
    whole = [word.text for word in found if not word.is_particle]
    joined = [one.text + other.text for one, other in pairwise(found) if _joins(one, other)]
    # An initial finds half the list, so it is used only where there is nothing else.
    kept = [word for word in whole if len(word) > 1] or whole
    return tuple(dict.fromkeys([*kept, *joined]))


def _joins(one: Word, other: Word) -> bool:
    return (one.is_particle or len(one.text) <= 5) and not other.is_particle and len(other.text) > 1


def keys(word: str) -> tuple[str, ...]:
    """Keys that a word shares with its misspellings: with one letter less, and by its sound, that with one less too."""
    if word.startswith("#"):
        return (word,)
    skeletons = sorted(sounds(word))
    found = [f"w{word}", *(f"s{one}" for one in skeletons)]
    if len(word) > 2:
        found += [f"w{one}" for one in _deletions(word, _DELETING_IN)]
    found += [f"s{one}" for each in skeletons if len(each) > 3 for one in _deletions(each, len(each))]
    return tuple(dict.fromkeys(found))


def _deletions(word: str, among: int) -> Iterator[str]:
    for at in range(min(len(word), among)):
        yield word[:at] + word[at + 1 :]


class Segment:
    """A stretch of a list being indexed: words with their places, until there are enough to be written."""

    def __init__(self) -> None:
        self._places: dict[str, array[int]] = {}
        self._size = 0

    @property
    def is_full(self) -> bool:
        return self._size >= MOST_PLACES or len(self._places) >= MOST_WORDS

    def add(self, number: int, entry: Listed) -> None:
        """Index an entry, whose number is its place in the list."""
        for at, name in enumerate(entry.names[:MOST_NAMES]):
            length = sum(not word.is_particle for word in words(name.text))
            self._put(index_words(name.text), place(number, at, length))
        self._put(tuple(number_keys((*entry.numbers, *_addresses(entry)))), place(number, 0, 1))

    def _put(self, found: Iterable[str], at: int) -> None:
        for word in found:
            self._places.setdefault(word, array("Q")).append(at)
            self._size += 1

    def words(self) -> Iterator[tuple[str, bytes]]:
        """Each word with its packed places, in order."""
        for word in sorted(self._places):
            yield word, packed(self._places[word])

    def keyed_words(self) -> Iterator[tuple[str, str]]:
        """Each key with the words behind it, in order."""
        behind: dict[str, list[str]] = {}
        for word in sorted(self._places):
            if not word.startswith("#"):
                for key in keys(word):
                    behind.setdefault(key, []).append(word)
        for key in sorted(behind):
            yield key, " ".join(behind[key])


def _addresses(entry: Listed) -> Iterator[str]:
    if entry.kind == "wallet":
        yield from (name.text for name in entry.names)


def packed(places: Sequence[int]) -> bytes:
    """Places as eight bytes each, the lowest first."""
    return np.asarray(places, dtype="<u8").tobytes()


def numbers(packed_places: bytes) -> list[int]:
    """The numbers of the entries behind packed places."""
    return [int(one) >> 24 for one in np.frombuffer(packed_places, "<u8")]


class Asked(msgspec.Struct, frozen=True):
    """A word of the name that is looked for, and the listed words that may be it, each with its likeness."""

    text: str
    words: dict[str, float]


def similar(word: str, listed: Iterable[str]) -> Asked:
    """The listed words that may be this one, the likest first."""
    every = list(dict.fromkeys(listed))
    if not every:
        return Asked(word, {})
    # Most share a key by chance: all are measured at once, and what has hardly a letter in common goes no further.
    ratios = cdist([word], every, scorer=OSA.normalized_similarity)[0]
    found = {other: alike(word, other) for other, ratio in zip(every, ratios, strict=True) if ratio >= _HARDLY}
    near = sorted((other for other, score in found.items() if score >= _WORD_ALIKE_FROM), key=lambda one: -found[one])
    return Asked(word, {other: found[other] for other in near[:_MOST_WORDS]})


def ranked(asked: Sequence[Asked], places: dict[str, bytes], entries: int) -> list[int]:
    """The numbers of the entries whose names hold the most, and the rarest, of these words; the best first."""
    parts: list[tuple[_Places, NDArray[np.float64]]] = []
    for word in asked:
        found = _of_one(word, places)
        if found is not None:
            at, likeness = found
            # A rare word tells more than a frequent one. This orders candidates; the judgement knows nothing of it.
            parts.append((at, likeness * math.log(2 + entries / len(at))))
    if not parts:
        return []
    every, back, hits = np.unique(np.concatenate([at for at, _ in parts]), return_inverse=True, return_counts=True)
    total = np.bincount(back, weights=np.concatenate([score for _, score in parts]))
    unused = np.maximum(0, (every & np.uint64(0xFF)).astype(np.int64) - hits)
    total *= 1 - _LONGER * np.minimum(unused, 5)
    best = np.argsort(-total, kind="stable")[: 4 * MOST_ENTRIES]
    return list(dict.fromkeys(int(every[one]) >> 24 for one in best))[:MOST_ENTRIES]


def _of_one(word: Asked, places: dict[str, bytes]) -> tuple[_Places, NDArray[np.float64]] | None:
    """Where any of the words stands, each place once with the best likeness."""
    here = [(np.frombuffer(places[one], "<u8"), score) for one, score in word.words.items() if one in places]
    if not here:
        return None
    at = np.concatenate([one for one, _ in here])
    likeness = np.concatenate([np.full(len(one), score**2) for one, score in here])
    # The likest words come first, and of equal places `unique` keeps the first.
    unique, first = np.unique(at, return_index=True)
    return unique, likeness[first]
