"""Whether values that were filled in can be seen, and whether their text is found again."""

import unicodedata
from collections.abc import Mapping
from typing import Any

import numpy as np

from forms.documents.values import values_for
from frontdesk.forms.documents.filling import fill
from frontdesk.forms.documents.frame import frame_of
from frontdesk.forms.documents.opening import open_pdf
from frontdesk.forms.documents.reading import read
from frontdesk.forms.model.field import Field, Layout, Rect, Value
from viewers import SCALE, VIEWERS, Picture

LEAST_PIXELS = 6


def visible(pdf: bytes, most_pages: int) -> dict[str, Any]:
    """Of each viewer, how many texts and boxes are visible, and which are not."""
    layout = read(pdf)
    values = values_for(layout.fields)
    filled, blank = fill(pdf, layout.fields, values), fill(pdf, layout.fields, dict.fromkeys(values))
    places = {page: boxes for page, boxes in places_of(pdf, layout, values).items() if page < most_pages}
    result: dict[str, Any] = {"warnings": len(filled.warnings)}
    for name, draw in VIEWERS.items():
        counts = {"text": [0, 0], "box": [0, 0]}
        missed = []
        before, after = draw(blank.pdf, places), draw(filled.pdf, places)
        for page, boxes in places.items():
            for field, box in boxes:
                kind = "box" if field.kind in ("checkbox", "radio") else "text"
                seen = differs(before[page], after[page], box)
                counts[kind][0] += seen
                counts[kind][1] += 1
                if not seen:
                    missed.append(f"{field.number} {field.kind} {field.name}")
        result[name] = {**counts, "missed": missed}
    return result


def places_of(pdf: bytes, layout: Layout, values: Mapping[int, Value]) -> dict[int, list[tuple[Field, Any]]]:
    """The places of the fields that have a value, by page, as boxes of the page that is shown."""
    with open_pdf(pdf) as document:
        frames = [frame_of(page, number) for number, page in enumerate(document.pages)]
    found: dict[int, list[tuple[Field, Any]]] = {}
    for field in layout.fields:
        if field.number in values:
            rect: Rect = field.rect
            for option in field.options:
                if option.value == values[field.number] and option.rect is not None:
                    rect = option.rect
            found.setdefault(rect.page, []).append((field, frames[rect.page].box(rect)))
    return found


def differs(before: Picture, after: Picture, box: tuple[float, float, float, float]) -> bool:
    """Whether enough pixels of a place changed."""
    left, top, right, bottom = (round(side * SCALE) for side in box)
    rows, columns = slice(max(top, 0), max(bottom, top + 2)), slice(max(left, 0), max(right, left + 2))
    change = np.abs(before[rows, columns].astype(int) - after[rows, columns].astype(int))
    return int((change > 64).sum()) >= LEAST_PIXELS


def folded(text: str) -> str:
    """Text without marks of direction, and with single spaces."""
    plain = "".join(char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")
    return " ".join(plain.split())
