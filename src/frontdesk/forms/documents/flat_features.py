"""What the ranking looks at: a candidate and its surroundings as a row of numbers."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from frontdesk.forms.documents.flat_page import Candidate, FlatPage
from frontdesk.forms.documents.frame import Box, Boxes
from frontdesk.forms.documents.page_text import TextLine

Features = NDArray[np.float32]
FAR = 200.0
"""A distance in points that stands for none."""
_SOURCES = ("line", "cells", "blank", "dots", "shape", "sign", "colon")
_ASKS = re.compile(
    r"name|address|date|sign|phone|number|city|state|zip|ssn|social|amount|e-?mail|birth|title|county|total|code"
    r"|account|print|initial|relationship|\bno\b|nom\b|adresse|prénom|ville|\bother\b",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"instruction|page \d|form \w+|omb no|rev\.|department|section|part [ivx\d]|schedule", re.IGNORECASE
)
_LINE_NUMBER = re.compile(r"^\(?\d{1,3}[a-z]?[.)]?$|^\(?[a-zA-Z][.)]?$")
WIDTH = 36 + 12 + 4 + 38 + 12 + 10
"""Numbers of its own, of lines, around, of texts, among others, of the page."""

LENGTHS = np.array(
    [0, 1, 7, 8, 9, 10, 11, 20, 24, 25]
    + [36, 37, 38, 39, 46]
    + [52 + 9 * side + place for side in range(4) for place in (0, 1, 2)]
    + [88, 98, 99, 102, 103, 104]
)
"""The places of numbers that are lengths: they grow with the page."""

OWN_LENGTHS = np.array([0, 1, 5, 6, 7, 8, 9, 10, 11, 20, 25])


def features_of(page: FlatPage, candidates: Sequence[Candidate]) -> Features:
    """One row for each candidate."""
    if not candidates:
        return np.zeros((0, WIDTH), np.float32)
    boxes = np.array([candidate.box for candidate in candidates])
    rows = [
        [*_own(page, each), *_rules(page, each), *_around(page, each.box), *_texts(page, each)] for each in candidates
    ]
    return np.concatenate([np.array(rows), _among(boxes, candidates), _of_page(page, boxes)], axis=1).astype(np.float32)


def _own(page: FlatPage, candidate: Candidate) -> list[float]:
    x0, y0, x1, y1 = candidate.box
    left, top, right, bottom = candidate.region
    width, height = x1 - x0, y1 - y0
    inside = page.words_in(candidate.box, 1.5)
    around = page.words_in(candidate.region, 1.5)
    shade = page.marks.shade(candidate.box)
    return [
        width,
        height,
        width / max(height, 1),
        x0 / page.width,
        y0 / page.height,
        width / page.width,
        height / page.text_size,
        right - left,
        bottom - top,
        y0 - top,
        x0 - left,
        right - x1,
        *(float(candidate.source == source) for source in _SOURCES),
        candidate.cells,
        width / candidate.cells,
        *map(float, candidate.closed),
        candidate.thickness,
        candidate.length,
        candidate.length / page.width,
        candidate.fullness,
        candidate.tick,
        float(candidate.alone),
        shade,
        shade - page.marks.shade((x0, max(top - 12, 0), x1, max(top - 4, 1))),
        shade - page.marks.shade((max(x0 - 14, 0), y0, max(x0 - 4, 1), y1)),
        len(inside),
        len(around),
        float(_covered(page.word_boxes[around], candidate.region)),
    ]


def _covered(boxes: Boxes, within: Box) -> float:
    if not len(boxes):
        return 0.0
    wide = np.minimum(boxes[:, 2], within[2]) - np.maximum(boxes[:, 0], within[0])
    high = np.minimum(boxes[:, 3], within[3]) - np.maximum(boxes[:, 1], within[1])
    return float((wide * high).sum() / max((within[2] - within[0]) * (within[3] - within[1]), 1.0))


def _rules(page: FlatPage, candidate: Candidate) -> list[float]:
    """Distances to the lines above and below, and whether those are as wide."""
    x0, _, x1, y1 = candidate.box
    rules = page.rules
    overlap = np.minimum(rules[:, 2], x1) - np.maximum(rules[:, 0], x0)
    over = rules[overlap > 0.5 * (x1 - x0)]
    above, below = over[over[:, 1] < y1 - 4], over[over[:, 1] > y1 + 4]
    up = above[np.argmax(above[:, 1])] if len(above) else None
    down = below[np.argmin(below[:, 1])] if len(below) else None
    return [
        min(y1 - up[1], FAR) if up is not None else FAR,
        (up[2] - up[0]) - candidate.length if up is not None else FAR,
        min(down[1] - y1, FAR) if down is not None else FAR,
        (down[2] - down[0]) - candidate.length if down is not None else FAR,
        float(len(above)),
        float(len(below)),
        *_hanging(page, candidate),
    ]


def _hanging(page: FlatPage, candidate: Candidate) -> list[float]:
    """Whether the line is the upper edge of something: what hangs below it, and how far down that reaches."""
    x0, _, x1, y1 = candidate.box
    left, _, right, _ = candidate.region
    down = page.marks.down
    hangs = (np.abs(down[:, 1] - y1) < 3.0) & (down[:, 2] > y1 + 4)
    crosses = (down[:, 1] < y1 - 4) & (down[:, 2] > y1 + 4)
    within = (down[:, 0] > left - 3) & (down[:, 0] < right + 3)
    depth = down[hangs & within, 2] - y1
    under = page.words_in((x0, y1 + 1, x1, y1 + 14), 1.5)
    return [
        float((hangs & (np.abs(down[:, 0] - left) < 3)).any()),
        float((hangs & (np.abs(down[:, 0] - right) < 3)).any()),
        float((hangs & within).sum()),
        float((crosses & within).sum()),
        float(depth.min()) if len(depth) else 0.0,
        float(len(under)),
    ]


def _around(page: FlatPage, box: Box) -> list[float]:
    x0, y0, x1, y1 = box
    near = page.words_in((x0 - 60, y0 - 40, x1 + 60, y1 + 40), 0.5)
    row = page.words_in((0, max(y0, y1 - 11), page.width, y1 + 1), 2.0)
    before = page.word_boxes[row, 2] <= x0 + 3
    return [
        float(len(near)),
        float(_covered(page.word_boxes[near], (x0 - 60, y0 - 40, x1 + 60, y1 + 40))),
        float(before.sum()),
        float(len(row) - before.sum()),
    ]


def _texts(page: FlatPage, candidate: Candidate) -> list[float]:
    """The nearest text on each side."""
    x0, y0, x1, y1 = candidate.box
    boxes = page.piece_boxes
    if not len(boxes):
        return [FAR, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0] * 4 + [FAR, 0.0]
    strip_top = max(y0, y1 - 12)
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    beside = (np.minimum(boxes[:, 3], y1 + 1) - np.maximum(boxes[:, 1], strip_top)) > 2.5
    over = (np.minimum(boxes[:, 2], x1) - np.maximum(boxes[:, 0], x0)) > 1.0
    found: list[float] = []
    for distance, fits in (
        (x0 - boxes[:, 2], beside & (boxes[:, 2] <= x0 + 4)),
        (boxes[:, 0] - x1, beside & (boxes[:, 0] >= x1 - 4)),
        (y0 - boxes[:, 3], over & (middle < y0 + 1)),
        (boxes[:, 1] - y1, over & (middle > y1 - 1)),
    ):
        fitting = np.flatnonzero(fits)
        if not len(fitting):
            found += [FAR, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
            continue
        nearest = int(fitting[np.argmin(distance[fitting])])
        found += [min(float(distance[nearest]), FAR), *_piece(page, page.pieces[nearest], candidate.box)]
    column = (np.minimum(boxes[:, 2], x1) - np.maximum(boxes[:, 0], x0)) > 0.6 * np.minimum(
        boxes[:, 2] - boxes[:, 0], x1 - x0
    )
    heads = np.flatnonzero(column & (middle < y0))
    top = float((y0 - boxes[heads, 3]).min()) if len(heads) else FAR
    return [*found, min(top, FAR), float(len(heads))]


def _piece(page: FlatPage, piece: TextLine, box: Box) -> list[float]:
    text = piece.text.strip()
    return [
        piece.box[0] - box[0],
        piece.box[2] - piece.box[0],
        float(len(text)),
        float(text.endswith(":")),
        float(text.endswith((".", ";", ","))),
        float(bool(_ASKS.search(text))) - float(bool(_TELLS.search(text))),
        float(bool(_LINE_NUMBER.match(text))),
        piece.size / page.text_size,
    ]


def _among(boxes: Boxes, candidates: Sequence[Candidate]) -> NDArray[np.float64]:
    """How a candidate stands among the others of its page: columns, rows, copies, overlaps."""
    x0, y0, x1, y1 = boxes.T
    column = (np.abs(x0[:, None] - x0) < 2.5) & (np.abs(x1[:, None] - x1) < 2.5)
    row = (np.abs(y1[:, None] - y1) < 2.0) & (np.abs((y1 - y0)[:, None] - (y1 - y0)) < 3)
    same = (np.abs((x1 - x0)[:, None] - (x1 - x0)) < 1.2) & (np.abs((y1 - y0)[:, None] - (y1 - y0)) < 1.2)
    wide = np.minimum(x1[:, None], x1) - np.maximum(x0[:, None], x0)
    high = np.minimum(y1[:, None], y1) - np.maximum(y0[:, None], y0)
    crossing = (wide > 1) & (high > 1)
    shared = np.where(crossing, wide * high, 0.0)
    area = (x1 - x0) * (y1 - y0)
    np.fill_diagonal(shared, 0.0)
    within = (shared > 0.85 * area[:, None]).sum(1)
    holds = (shared > 0.85 * area[None, :]).sum(1)
    apart = np.where(column & (np.abs(y1[:, None] - y1) > 4), y1[:, None] - y1, np.inf)
    upwards = np.where(apart > 0, apart, FAR).min(1, initial=FAR)
    downwards = np.where(apart < 0, -apart, FAR).min(1, initial=FAR)
    gap = x0[None, :] - x1[:, None]
    touches = (row & same & (gap > -1.5) & (gap < 3.0)).sum(1)
    touched = (row & same & (gap.T > -1.5) & (gap.T < 3.0)).sum(1)
    shapes = np.array([candidate.source in ("shape", "sign") for candidate in candidates])
    return np.stack(
        [
            column.sum(1),
            row.sum(1),
            same.sum(1),
            (same & shapes[None, :]).sum(1),
            (row & same).sum(1),
            crossing.sum(1),
            within,
            holds,
            upwards,
            downwards,
            touches,
            touched,
        ],
        axis=1,
    ).astype(np.float64)


def _of_page(page: FlatPage, boxes: Boxes) -> NDArray[np.float64]:
    lengths = page.rules[:, 2] - page.rules[:, 0]
    row = [
        page.width,
        page.height,
        page.text_size,
        float(len(page.words)),
        float(len(page.rules)),
        float(len(page.marks.down)),
        float(len(page.marks.shapes)),
        float(len(boxes)),
        float((lengths > 0.6 * page.width).sum()),
        float(page.number),
    ]
    return np.tile(np.array(row), (len(boxes), 1))
