"""Generous proposals: every place on a page that the rules can take for a field. The ranking disposes."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from frontdesk.forms.documents.flat_page import Candidate, FlatPage, Source
from frontdesk.forms.documents.frame import Box, Boxes
from frontdesk.forms.documents.page_text import BOX_SIGNS

# In points.
_REACH = 2.6
_TALLEST, _OPEN = 120.0, 40.0
_NARROWEST, _LOWEST = 7.0, 5.0
_STRIP = 8.5
_WIDEST_CELL = 34.0
# Half a drawn line: widgets are laid over a shape's outline, not into it.
_EDGE = 0.5


def propose(page: FlatPage) -> list[Candidate]:
    """All candidates of a page, in a fixed order, none twice."""
    seen: set[tuple[int, ...]] = set()
    found = []
    ruled = list(_on_rules(page))
    joined, parts = _joined_combs(page, ruled)
    ruled = [each for each in ruled if not any(_holds(whole, each.box) for whole in parts)]
    closed = list(_shapes(page))
    shapes = [
        replace(each, alone=_stands_alone(page, each.box, closed))
        for each in closed
        if not any(_holds(whole, each.box) for whole in parts)
    ]
    places = np.array([each.box for each in shapes], dtype=np.float64).reshape(-1, 4)
    ruled = [each for each in ruled if not _is_one_of(each.box, places)]
    rows = _rows_of_cells(page, [*ruled, *joined])
    for candidate in (*rows, *shapes, *_signs(page), *_after_colons(page)):
        x0, y0, x1, y1 = candidate.box
        key = (round(x0), round(y0), round(x1), round(y1))
        if x1 - x0 >= 3.2 and y1 - y0 >= 3.2 and key not in seen:
            seen.add(key)
            found.append(candidate)
    return found


def _on_rules(page: FlatPage) -> Iterator[Candidate]:
    for index in range(len(page.rules)):
        x0, y, x1, thickness = page.rules[index].tolist()
        source = page.rule_sources[index]
        dividers = _dividers(page.marks.down, x0, y, x1)
        yield from _between(page, (x0, y, x1, thickness), source, dividers)


def _dividers(down: Boxes, x0: float, y: float, x1: float) -> Boxes:
    """The vertical lines that stand on a line, from left to right."""
    stands = (down[:, 2] >= y - _REACH) & (down[:, 1] < y - 3.5)
    stands &= (down[:, 0] >= x0 - _REACH) & (down[:, 0] <= x1 + _REACH)
    found = down[stands]
    return found[np.lexsort((found[:, 1], found[:, 0]))]


def _between(
    page: FlatPage, rule: tuple[float, float, float, float], source: Source, dividers: Boxes
) -> Iterator[Candidate]:
    x0, y, x1, thickness = rule
    edges = [(x0, 0.0)]
    for x, top, _, _ in dividers.tolist():
        if x - edges[-1][0] < 3.0:
            # The end of the line is where the divider stands.
            edges[-1] = (x if len(edges) > 1 or abs(x - x0) <= 3 else edges[-1][0], max(edges[-1][1], y - top))
        else:
            edges.append((x, y - top))
    if x1 - edges[-1][0] > 3.0:
        edges.append((x1, 0.0))
    spans = list(_spans(page, edges, y))
    high = [edge for edge in edges if edge[1] == 0.0 or edge[1] > 9.0]
    tall = [span for span in _spans(page, high, y) if len(high) != len(edges)]
    short = [edges[0], *(edge for edge in edges[1:-1] if edge[1] > 13.0), edges[-1]]
    tall += [span for span in _spans(page, short, y) if len(short) not in (len(edges), len(high))]
    whole = [(edges[0], edges[-1])] if len(edges) > 2 else []
    tall += [span for a, b in whole for span in _spans(page, [a, b], y)]
    for box, closed, tick in (*spans, *tall):
        yield from _free(page, Candidate(box, source, box, 1, closed, thickness, x1 - x0, 1.0, tick))
    yield from _combs(page, spans, source, thickness, x1 - x0)


def _spans(
    page: FlatPage, edges: list[tuple[float, float]], y: float
) -> Iterator[tuple[Box, tuple[bool, bool, bool], float]]:
    """The spaces above a line between dividers: box, drawn sides, how much of the height the dividers have."""
    rules = page.rules
    above = rules[rules[:, 1] < y - 4.0]
    for (left, left_height), (right, right_height) in pairwise(edges):
        width = right - left
        if width < 3.2:
            continue
        overlap = np.minimum(above[:, 2], right) - np.maximum(above[:, 0], left)
        tops = above[overlap > 0.55 * width, 1]
        top = float(tops.max()) if len(tops) else y - _OPEN
        closed_top = len(tops) > 0 and y - top <= _TALLEST
        top = max(top if closed_top else y - _OPEN, 0.0)
        height = max(y - top, 1.0)
        tick = min(left_height or height, right_height or height) / height
        yield (left, top, right, y), (left_height > 0, closed_top, right_height > 0), min(tick, 1.5)


def _free(page: FlatPage, whole: Candidate) -> Iterator[Candidate]:
    """The parts of a space that are free of print just above its line, each as high as it is free."""
    x0, top, x1, y = whole.region
    inside = page.words_in((x0 - 1, top - 1, x1 + 1, y + 2), 1.0)
    boxes = page.word_boxes[inside]
    strip = max(y - _STRIP, top + 0.35 * (y - top))
    # A caption below the line reaches up to it with the empty part of its letters' box.
    low = (boxes[:, 3] - strip > 1.2) & ((boxes[:, 1] + boxes[:, 3]) / 2 < y - 0.5)
    taken = boxes[low]
    taken = taken[np.argsort(taken[:, 0], kind="stable")]
    high = boxes[~low & (boxes[:, 3] <= strip + 1.2)]
    start = x0
    gaps: list[tuple[float, float]] = []
    for left, _, right, _ in taken.tolist():
        if left - start >= _NARROWEST + 1:
            gaps.append((start, left - 1))
        start = max(start, right + 1)
    if x1 - start >= min(_NARROWEST, x1 - x0):
        gaps.append((start, x1))
    for left, right in gaps:
        over = (np.minimum(high[:, 2], right) - np.maximum(high[:, 0], left)) > 1.0
        free_top = max(top, float(high[over, 3].max()) - 0.5 if over.any() else top)
        if y - free_top >= _LOWEST:
            yield _placed(whole, (left, free_top, right, y))
            if over.any() and right - left > 60:
                # Beside a label that stands in the upper left there is room for the whole height.
                edge = float(high[over, 2].max()) + 2
                if right - edge > 30:
                    yield _placed(whole, (edge, top, right, y))


def _placed(whole: Candidate, box: Box) -> Candidate:
    return Candidate(
        box,
        whole.source,
        whole.region,
        whole.cells,
        whole.closed,
        whole.thickness,
        whole.length,
        whole.fullness,
        whole.tick,
    )


def _combs(
    page: FlatPage,
    spans: list[tuple[Box, tuple[bool, bool, bool], float]],
    source: Source,
    thickness: float,
    length: float,
) -> Iterator[Candidate]:
    """Runs of equal narrow cells as one candidate."""
    run: list[tuple[Box, tuple[bool, bool, bool], float]] = []
    for span in [*spans, None]:
        if span is not None and _extends(run, span[0]) and not len(page.words_in(span[0], 2.0)):
            run.append(span)
            continue
        if len(run) > 1:
            box = (run[0][0][0], max(each[0][1] for each in run), run[-1][0][2], run[0][0][3])
            closed = (run[0][1][0], run[0][1][1], run[-1][1][2])
            tick = min(each[2] for each in run)
            yield Candidate(box, "cells", box, len(run), closed, thickness, length, 1.0, tick)
        run = [span] if span is not None and span[0][2] - span[0][0] <= _WIDEST_CELL else []
        if run and len(page.words_in(run[0][0], 2.0)):
            run = []


def _extends(run: list[tuple[Box, tuple[bool, bool, bool], float]], box: Box) -> bool:
    if not run:
        return False
    last = run[-1][0]
    width, before = box[2] - box[0], last[2] - last[0]
    return abs(box[0] - last[2]) < 1.5 and width <= _WIDEST_CELL and abs(width - before) < max(1.3, 0.13 * before)


def _joined_combs(page: FlatPage, found: list[Candidate]) -> tuple[list[Candidate], list[Box]]:
    """Groups of cells with a stroke, a comma or a little room between them: one number in parts.

    Also the boxes of those that have commas or points between them, which are never fields in parts.
    """
    combs = sorted(
        {candidate.box: candidate for candidate in found if candidate.source == "cells"}.values(),
        key=lambda each: (round(each.box[3] / 2), each.box[0]),
    )
    joined: list[Candidate] = []
    amounts: list[Box] = []
    for first in range(len(combs)):
        box, cells = combs[first].box, combs[first].cells
        only_commas = True
        longest: Box | None = None
        for after in combs[first + 1 : first + 6]:
            x0, y0, x1, y1 = after.box
            if abs(y1 - box[3]) > 1.5 or abs(y0 - box[1]) > 3 or not -1 < x0 - box[2] < 18:
                continue
            between = [page.words[i].text for i in page.words_in((box[2], box[1], x0, box[3]), 0.3)]
            if any(len(text) > 2 for text in between):
                break
            box, cells = (box[0], min(box[1], y0), x1, max(box[3], y1)), cells + after.cells
            joined.append(Candidate(box, "cells", box, cells, (True, True, True), 0.5, x1 - box[0], 0.9))
            only_commas = only_commas and bool(between) and set("".join(between)) <= set(",.")
            longest = box if only_commas else longest
        if longest is not None and not any(_holds(whole, longest) for whole in amounts):
            amounts.append(longest)
    kept = [each for each in joined if not any(_holds(whole, each.box) for whole in amounts)]
    return [replace(each, alone=each.box in amounts) for each in kept], amounts


def _rows_of_cells(page: FlatPage, found: list[Candidate]) -> list[Candidate]:
    """The same candidates, with rows of at least three closed empty cells marked that belong to no longer row."""
    cells = [each for each in found if each.source == "cells"]

    def is_row(each: Candidate) -> bool:
        plain = each.cells >= 3 and all(each.closed) and 9 <= each.box[3] - each.box[1] <= 30
        longer = any(other.cells > each.cells and _holds(other.box, each.box) for other in cells)
        return plain and not longer and not len(page.words_in(each.box, 1.5))

    return [replace(each, alone=each.alone or (each.source == "cells" and is_row(each))) for each in found]


def _stands_alone(page: FlatPage, box: Box, shapes: list[Candidate]) -> bool:
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    if not (0.78 < width / height < 1.28 and 5.5 < height < 21):
        return False
    middles = (page.word_boxes[:, :2] + page.word_boxes[:, 2:]) / 2
    if ((middles > (x0, y0)) & (middles < (x1, y1))).all(axis=1).any():
        return False
    return not any(
        abs(other.box[3] - y1) < 3
        and abs(other.box[3] - other.box[1] - height) < 2
        and 0 < abs(other.box[0] - x0) < width + 2.5
        for other in shapes
    )


def _is_one_of(box: Box, shapes: Boxes) -> bool:
    """Whether a space above a line is the inside of a small closed shape."""
    wide = np.minimum(shapes[:, 2], box[2]) - np.maximum(shapes[:, 0], box[0])
    high = np.minimum(shapes[:, 3], box[3]) - np.maximum(shapes[:, 1], box[1])
    shared = np.clip(wide, 0, None) * np.clip(high, 0, None)
    areas = (shapes[:, 2] - shapes[:, 0]) * (shapes[:, 3] - shapes[:, 1])
    union = areas + (box[2] - box[0]) * (box[3] - box[1]) - shared
    return bool((shared > 0.4 * union).any())


def _holds(whole: Box, part: Box) -> bool:
    """Whether a box is a smaller part of another one."""
    narrower = part[2] - part[0] < whole[2] - whole[0] - 3
    across = whole[0] - 3 < part[0] and part[2] < whole[2] + 3
    return narrower and across and whole[1] - 3 < part[1] and part[3] < whole[3] + 3


def _shapes(page: FlatPage) -> Iterator[Candidate]:
    for index, (x0, y0, x1, y1) in enumerate(page.marks.shapes.tolist()):
        if 1.5 < (x1 - x0) / (y1 - y0) < 2.3 and 6 < y1 - y0 < 12 and _names_a_box(page, (x0, y0, x1, y1)):
            # Square brackets with room between them: the mark goes into the middle.
            middle, half = (x0 + x1) / 2, (y1 - y0) / 2
            x0, x1 = middle - half, middle + half
        if 0.4 < (x1 - x0) / (y1 - y0) < 2.2:
            box = (x0 - _EDGE, y0 - _EDGE, x1 + _EDGE, y1 + _EDGE)
            full = float(page.marks.fullness[index])
            yield Candidate(box, "shape", box, 1, (True, True, True), 0.5, x1 - x0, full)


def _names_a_box(page: FlatPage, box: Box) -> bool:
    """Whether a small shape stands free and a text begins close behind it."""
    _, y0, x1, y1 = box
    near = page.words_in((x1 - 1, y0, x1 + 14, y1), 0.5)
    walls = page.marks.down
    beside = (walls[:, 1] < y1) & (walls[:, 2] > y0) & (walls[:, 0] > x1 + 2) & (walls[:, 0] < x1 + 16)
    return len(near) > 0 and not len(page.words_in(box, 1.5)) and not beside.any()


def _signs(page: FlatPage) -> Iterator[Candidate]:
    """Characters that are boxes, and pairs of brackets with nothing between them."""
    for index, word in enumerate(page.words):
        x0, y0, x1, y1 = word.box
        if word.text in BOX_SIGNS:
            side = min(x1 - x0, 0.8 * (y1 - y0))
            middle = (y0 + y1) / 2 + 0.04 * (y1 - y0)
            box = (x0, middle - side / 2, x1, middle + side / 2)
            yield Candidate(box, "shape", box, 1, (True, True, True), 0.5, x1 - x0, 1.0, 1.0, True)
        elif word.text[-1] in "[(" and index + 1 < len(page.words):
            after = page.words[index + 1]
            if after.text[0] in "])" and abs(after.box[1] - y0) < 2 and 1.5 < after.box[0] - x1 < 22:
                box = (x1, y0 + 0.1 * (y1 - y0), after.box[0], y1 - 0.1 * (y1 - y0))
                yield Candidate(box, "sign", box, 1, (True, False, True), 0.0, box[2] - box[0], 0.9)


def _after_colons(page: FlatPage) -> Iterator[Candidate]:
    """Room to write behind a label, where nothing is drawn for it."""
    for piece in page.pieces:
        _, y0, x1, y1 = piece.box
        if not piece.text.endswith((":", "$", "#")) or len(piece.text) > 90:
            continue
        row = page.pieces_in((x1 + 1, y0, page.width, y1), 1.0)
        right = min((page.piece_boxes[i, 0] for i in row), default=page.width - 36.0) - 2
        down = page.marks.down
        walls = down[(down[:, 0] > x1 + 2) & (down[:, 1] < (y0 + y1) / 2) & (down[:, 2] > (y0 + y1) / 2), 0]
        right = min(right, float(walls.min()) - 1 if len(walls) else right)
        if right - x1 > 24:
            box = (x1 + 3, y0, right, y1)
            yield Candidate(box, "colon", box, 1, (False, False, False), 0.0, right - x1)
