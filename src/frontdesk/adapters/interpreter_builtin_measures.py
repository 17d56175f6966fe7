"""A date or a number in a sentence that has no label in it: it goes where a telling word of the sentence stands too."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from frontdesk.adapters.interpreter_builtin_dates import dates
from frontdesk.adapters.interpreter_builtin_matching import belonging
from frontdesk.adapters.interpreter_builtin_shapes import plain_amount, shapes
from frontdesk.adapters.interpreter_builtin_slots import Slot
from frontdesk.adapters.interpreter_builtin_words import words_of

_UNITS = frozenset(("dollar", "euro", "usd", "eur", "gbp", "chf", "pound", "buck", "franc"))
_CURRENCY = re.compile(r"[$€£]|\b(?:dollars?|euros?|pounds?|usd|eur|gbp|chf)\b", re.IGNORECASE)
_RANGE = re.compile(r"^\s*(?:to|until|till|through|bis(?:\s+zum)?|au|jusqu['’]au|hasta|al|[-–])\s*$", re.IGNORECASE)
_MOST_UNKNOWN = 2
"""So many words of the sentence may be in no label."""


def measured(said: str, slots: Sequence[Slot], today: date) -> tuple[Slot, str] | None:
    """The one field that a sentence with exactly one date, or one number, speaks of; None where two come close."""
    told = list(dates(said, today))
    if len(told) > 1:
        return None
    if told:
        start, end, wants = told[0].start, told[0].end, "date"
    else:
        sums = [shape for shape in shapes(said, "amount") if plain_amount(shape.text) is not None]
        if len(sums) != 1 or re.match(r"[\w:-]|\.\d|\s?[ap]\.?m\b", said[sums[0].end :]):
            return None
        start, end, wants = sums[0].start, sums[0].end, "amount"
    around = said[:start] + " " + said[end:]
    if re.search(r"\d", around):
        return None
    slot = _spoken_of(around, [slot for slot in slots if slot.wants == wants], slots)
    return (slot, said[start:end]) if slot is not None else None


def _spoken_of(said: str, slots: Sequence[Slot], all_slots: Sequence[Slot]) -> Slot | None:
    words = words_of(said)
    tokens = words.tokens - _UNITS
    labels = [_plain(slot) for slot in slots]
    if not tokens and not words.roles and _CURRENCY.search(said):
        sums = [slot for slot in slots if slot.questions[0].data_type == "currency"]
        return sums[0] if len(sums) == 1 else None
    known = {token for label in labels for token in label if token in tokens}
    if words.roles and len(tokens) <= 1 and not any(tokens & label for label in labels):
        counted = [slot for slot in slots if slot.roles == words.roles and slot.questions[0].data_type == "number"]
        return counted[0] if len(counted) == 1 else None
    if not known or len(tokens - known) > min(_MOST_UNKNOWN, 2 * len(known)):
        return None
    if any((tokens - known) & _plain(slot) for slot in all_slots if slot not in slots):
        return None  # `a guest in room 214` on a form that asks for the room
    # A word that stands in many labels tells little.
    counts = Counter(token for label in labels for token in label)
    points = [
        sum(1 / counts[token] for token in tokens & label) * belonging(words, slot.roles, slot.ordinals)
        for slot, label in zip(slots, labels, strict=True)
    ]
    best = max(points)
    near = [slot for slot, point in zip(slots, points, strict=True) if point > 0.6 * best]
    return near[0] if best >= 0.5 and len(near) == 1 else None


def ranged(said: str, slots: Sequence[Slot], today: date) -> list[tuple[Slot, str]]:
    """`From March 2 to June 30`: two dates for the one pair of date fields that follow each other."""
    told = list(dates(said, today))
    if len(told) != 2 or _RANGE.match(said[told[0].end : told[1].start]) is None:
        return []
    pairs = [(one, two) for one, two in pairwise(slots) if one.wants == two.wants == "date"]
    words = words_of(said[: told[0].start]).tokens
    named = [pair for pair in pairs if words & _plain(pair[0])]
    chosen = pairs if len(pairs) == 1 else named
    if len(chosen) != 1:
        return []
    return [(slot, said[day.start : day.end]) for slot, day in zip(chosen[0], told, strict=True)]


def _plain(slot: Slot) -> frozenset[str]:
    return slot.phrases[0].words.tokens if slot.phrases else frozenset()
