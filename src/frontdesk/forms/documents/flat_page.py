"""A flat page as the detector sees it: its marks and its print, and what stands around a place on it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from frontdesk.forms.documents.flat_lines import Marks
from frontdesk.forms.documents.frame import Box, Boxes
from frontdesk.forms.documents.page_text import TextLine, Word

Source = Literal["line", "cells", "blank", "dots", "shape", "sign", "colon", "stack"]
_LARGEST_PRINT = 34.0
_DOTS = re.compile(r"^[.\u2026\u00b7 ]{4,}$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may be a field. `region` is the space around it that lines bound, `cells` how many it is made of.

    `closed` tells which of the left, upper and right sides are drawn. `thickness` is the line's below it, `length` its
    whole length. `alone` marks an empty small square that touches no other (on paper that is a box to
    tick) and a row of equal empty cells (one number, a letter to a cell).
    """

    box: Box
    source: Source
    region: Box
    cells: int = 1
    closed: tuple[bool, bool, bool] = (False, False, False)
    thickness: float = 0.0
    length: float = 0.0
    fullness: float = 1.0
    tick: float = 1.0
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Detection:
    """A field that was found, and the candidate that it was made of."""

    box: Box
    kind: Literal["text", "checkbox"]
    confidence: float
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class FlatPage:
    """All that is known of one page. `rules` are the horizontal lines: drawn, typed with underscores, or of dots."""

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    pieces: tuple[TextLine, ...]
    word_boxes: Boxes
    piece_boxes: Boxes
    rules: Boxes
    rule_sources: tuple[Source, ...]
    marks: Marks
    text_size: float

    def words_in(self, box: Box, least: float = 1.5) -> NDArray[np.intp]:
        """The indexes of words that reach into a box by that many points both ways."""
        return _overlapping(self.word_boxes, box, least)

    def pieces_in(self, box: Box, least: float = 1.5) -> NDArray[np.intp]:
        """The same of pieces of text."""
        return _overlapping(self.piece_boxes, box, least)


def _overlapping(boxes: Boxes, box: Box, least: float) -> NDArray[np.intp]:
    wide = np.minimum(boxes[:, 2], box[2]) - np.maximum(boxes[:, 0], box[0])
    high = np.minimum(boxes[:, 3], box[3]) - np.maximum(boxes[:, 1], box[1])
    return np.flatnonzero((wide > least) & (high > least))


def flat_page(
    number: int, size: tuple[float, float], words: Sequence[Word], pieces: Sequence[TextLine], marks: Marks
) -> FlatPage:
    """Put a page together: runs of underscores and of dots become lines, the other words stay."""
    blanks, kept = [], []
    largest = max(_LARGEST_PRINT, 3 * float(np.median([word.size for word in words])) if words else 0.0)
    for word in words:
        if word.size > largest:
            continue  # a watermark: fields lie on it all the same
        if set(word.text) <= {"_"} and word.text:
            blanks.append((word.box, "blank"))
        elif _DOTS.match(word.text):
            blanks.append((word.box, "dots"))
        else:
            kept.append(word)
    rules = marks.across.tolist()
    sources: list[Source] = ["line"] * len(rules)
    for kind in ("blank", "dots"):
        lift = 0.1 if kind == "blank" else 0.2
        for x0, y, x1 in _joined([box for box, of in blanks if of == kind], lift):
            rules.append([x0, y, x1, 0.5])
            sources.append("blank" if kind == "blank" else "dots")
    printed = [piece for piece in pieces if not _DOTS.match(piece.text) and piece.size <= largest]
    sizes = [word.size for word in kept]
    return FlatPage(
        number,
        size[0],
        size[1],
        tuple(kept),
        tuple(printed),
        _array([word.box for word in kept]),
        _array([piece.box for piece in printed]),
        np.array(rules, dtype=np.float64).reshape(-1, 4),
        tuple(sources),
        marks,
        float(np.median(sizes)) if sizes else 10.0,
    )


def _array(boxes: Sequence[Box]) -> Boxes:
    return np.array(boxes, dtype=np.float64).reshape(-1, 4)


def _joined(boxes: Sequence[Box], lift: float) -> list[tuple[float, float, float]]:
    """Runs of one line that touch, as x0, y, x1; y is where their ink is."""
    found: list[tuple[float, float, float]] = []
    for x0, y0, x1, y1 in sorted(boxes, key=lambda box: (round(box[3]), box[0])):
        y = y1 - lift * (y1 - y0)
        if found and abs(found[-1][1] - y) < 1.5 and x0 - found[-1][2] < 4:
            found[-1] = (found[-1][0], y, max(x1, found[-1][2]))
        else:
            found.append((x0, y, x1))
    return found
