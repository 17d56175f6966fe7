"""Damaged forms are filled or refused with a reason; they break nothing."""

import random
from collections.abc import Iterator

from forms.documents.papers import form
from forms.documents.values import values_for
from frontdesk.forms.documents.filling import UnreadablePdf, fill
from frontdesk.forms.documents.reading import read


def damaged(pdf: bytes, chance: random.Random, count: int) -> Iterator[bytes]:
    """Copies with bytes changed, left out or repeated, or cut off."""
    for _ in range(count):
        copy = bytearray(pdf)
        for _ in range(chance.randint(1, 30)):
            place = chance.randrange(len(copy))
            kind = chance.randrange(3)
            if kind == 0:
                copy[place] = chance.randrange(256)
            elif kind == 1:
                del copy[place : place + chance.randint(1, 40)]
            else:
                copy[place:place] = copy[place : place + chance.randint(1, 40)]
        yield bytes(copy[: chance.randrange(len(copy) // 2, len(copy))] if chance.random() < 0.2 else copy)


def test_damaged_forms_are_filled_or_refused() -> None:
    chance = random.Random(20260309)
    seen = {"filled": 0, "refused": 0}
    for name in ("acroform/comb-textfields", "special/checkbox-bad-appearance", "special/fields-array-empty"):
        pdf = form(name)
        layout = read(pdf)
        values = values_for(layout.fields)
        for copy in damaged(pdf, chance, 25):
            try:
                assert fill(copy, layout.fields, values, flatten=chance.random() < 0.5).pdf.startswith(b"%PDF")
                seen["filled"] += 1
            except UnreadablePdf as refused:
                assert refused.message
                seen["refused"] += 1
    assert min(seen.values()) > 0
