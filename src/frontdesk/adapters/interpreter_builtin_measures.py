"""A date or a number in a sentence that has no label in it: it goes where a telling word of the sentence stands too."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

from frontdesk.adapters.interpreter_builtin_dates import dates
from frontdesk.adapters.interpreter_builtin_matching import belonging
from frontdesk.adapters.interpreter_builtin_shapes import plain_amount, shapes
from frontdesk.adapters.interpreter_builtin_slots import Slot
from frontdesk.adapters.interpreter_builtin_words import words_of

_UNITS = frozenset(("dollar", "euro", "usd", "eur", "gbp", "chf", "pound", "buck", "franc"))
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
    slot = _spoken_of(around, [slot for slot in slots if slot.wants == wants])
    return (slot, said[start:end]) if slot is not None else None


def _spoken_of(said: str, slots: Sequence[Slot]) -> Slot | None:
    words = words_of(said)
    tokens = words.tokens - _UNITS
    labels = [slot.phrases[0].words.tokens if slot.phrases else frozenset() for slot in slots]
    known = {token for label in labels for token in label if token in tokens}
    if not tokens and words.roles:
        counted = [slot for slot in slots if slot.roles == words.roles and slot.questions[0].data_type == "number"]
        return counted[0] if len(counted) == 1 else None
    if not known or len(tokens - known) > min(_MOST_UNKNOWN, 2 * len(known)):
        return None
    # A word that stands in many labels tells little.
    counts = Counter(token for label in labels for token in label)
    points = [
        sum(1 / counts[token] for token in tokens & label) * belonging(words, slot.roles, slot.ordinals)
        for slot, label in zip(slots, labels, strict=True)
    ]
    best = max(points)
    near = [slot for slot, point in zip(slots, points, strict=True) if point > 0.6 * best]
    return near[0] if best >= 0.5 and len(near) == 1 else None
