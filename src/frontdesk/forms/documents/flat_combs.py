"""Combs drawn as closed cells: a row of equal narrow boxes is one number, a character to a box."""

from collections.abc import Iterator, Sequence

import numpy as np

from frontdesk.forms.documents.flat_page import Candidate, FlatPage
from frontdesk.forms.documents.frame import Box

# In points, and as shares of a cell's own measure.
_LOWEST, _HIGHEST, _NARROWEST = 9.0, 30.0, 6.0
_WIDEST = 1.6
_UNEQUAL = 0.08
_TOUCHING = 1.5
_LEVEL = 1.2
_APART = 20.0
_FEWEST = 3


def combs_of(page: FlatPage) -> list[Candidate]:
    """Every comb of a page: three cells or more, or two beside such a row (`12-3456789`). A date is one comb."""
    runs = [run for run in _runs(_cells(page)) if len(run) > 1]
    dates = list(_dates(page, runs))
    parts = [run for date in dates for run in date]
    runs = [run for run in runs if run not in parts]
    rows = [run for run in runs if len(run) >= _FEWEST]
    pairs = [run for run in runs if len(run) < _FEWEST and any(_beside(run, row) for row in rows)]
    return [*map(_date, dates), *map(_comb, (*rows, *pairs))]


def _dates(page: FlatPage, runs: Sequence[list[Box]]) -> Iterator[list[list[Box]]]:
    """Three rows of cells with a stroke between each two."""
    for first, second, third in zip(runs, runs[1:], runs[2:], strict=False):
        if all(
            _beside(one, two) and _stroke_between(page, one, two) for one, two in ((first, second), (second, third))
        ):
            yield [first, second, third]


def _stroke_between(page: FlatPage, one: Sequence[Box], two: Sequence[Box]) -> bool:
    gap = (one[-1][2] - 2, one[-1][1], two[0][0] + 2, one[-1][3])
    return [page.words[index].text for index in page.words_in(gap, 0.3)] == ["/"]


def _cells(page: FlatPage) -> list[Box]:
    """Closed shapes that can hold one character and hold nothing, from top to bottom and left to right."""
    shapes = page.marks.shapes
    wide, high = shapes[:, 2] - shapes[:, 0], shapes[:, 3] - shapes[:, 1]
    fits = (high >= _LOWEST) & (high <= _HIGHEST) & (wide >= _NARROWEST) & (wide <= _WIDEST * high)
    found = []
    for x0, y0, x1, y1 in shapes[fits].tolist():
        inner = (shapes[:, 0] > x0 + 1) & (shapes[:, 2] < x1 - 1) & (shapes[:, 1] > y0 + 1) & (shapes[:, 3] < y1 - 1)
        if not inner.any() and not len(page.words_in((x0, y0, x1, y1), 1.5)):
            found.append((x0, y0, x1, y1))
    return sorted(found, key=lambda box: (round(box[3] / 3), box[0]))


def _runs(cells: Sequence[Box]) -> Iterator[list[Box]]:
    run: list[Box] = []
    for cell in cells:
        if run and _follows(run[-1], cell):
            run.append(cell)
            continue
        if run:
            yield run
        run = [cell]
    if run:
        yield run


def _follows(last: Box, cell: Box) -> bool:
    touches = abs(cell[0] - last[2]) < _TOUCHING
    return touches and _alike(last, cell)


def _alike(first: Box, second: Box) -> bool:
    level = abs(first[1] - second[1]) < _LEVEL and abs(first[3] - second[3]) < _LEVEL
    wide, other = first[2] - first[0], second[2] - second[0]
    return level and abs(wide - other) < max(1.0, _UNEQUAL * wide)


def _beside(pair: Sequence[Box], row: Sequence[Box]) -> bool:
    apart = max(row[0][0] - pair[-1][2], pair[0][0] - row[-1][2])
    return _TOUCHING <= apart <= _APART and _alike(pair[0], row[0])


def _date(parts: Sequence[Sequence[Box]]) -> Candidate:
    """One comb whose cells are also those of the strokes."""
    cells = [cell for part in parts for cell in part]
    longest = max(parts, key=len)
    pitch = (longest[-1][2] - longest[0][0]) / len(longest)
    return _comb(cells, round((cells[-1][2] - cells[0][0]) / pitch))


def _comb(run: Sequence[Box], cells: int = 0) -> Candidate:
    boxes = np.array(run)
    box = (float(boxes[0, 0]), float(boxes[:, 1].min()), float(boxes[-1, 2]), float(boxes[:, 3].max()))
    return Candidate(box, "cells", box, cells or len(run), (True, True, True), 0.5, box[2] - box[0], 1.0, 1.0, True)
