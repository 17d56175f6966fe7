"""Labels from the page: the words beside, above, below or at the head of the column of a field."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from frontdesk.forms.documents.frame import Box, Boxes
from frontdesk.forms.documents.page_text import TextLine

_NUMBER = re.compile(r"^[(\[]?(?:\d{1,3}[a-z]{0,2}|[a-zA-Z]|[ivx]{1,4})[.)\]:]?$")
_MARKS = re.compile(r"^[\W_]+$")
_LEADERS = re.compile(r"\s*(?:[._\u2026\u00b7]\s?){3,}\s*(?:\d{1,3}[a-z]?)?\s*$")
_SHORT_ANSWERS = re.compile(
    r"^\W*(?:yes|no|n/?a|male|female|oui|non|ja|nein|s[ií]|you|spouse|other|none|m|f)\b", re.IGNORECASE
)
_LINE_NUMBER = re.compile(r"^\d{1,2}[a-z]?[.)]?\s+(?=[A-Z])")
_LEADER = re.compile(r"^[._\u2026\u00b7\s]+$")
_STROKE = re.compile(r"^[-\u2010-\u2015/]$")
_FAR = 1e9
_NOTHING: Boxes = np.zeros((0, 4))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The print and the lines of a page, and the boxes of its fields: what a label is looked for in.

    `walls` are vertical lines (x, y0, y1, thickness), `rules` horizontal ones (x0, y, x1, thickness).
    """

    pieces: Sequence[TextLine]
    places: Boxes
    fields: Boxes
    ticks: Sequence[bool]
    walls: Boxes
    rules: Boxes
    leaders: Boxes
    strokes: Boxes


def surroundings(
    pieces: Sequence[TextLine],
    fields: Sequence[Box],
    ticks: Sequence[bool],
    walls: Boxes = _NOTHING,
    rules: Boxes = _NOTHING,
) -> Surroundings:
    """Put the surroundings of a page's fields together. Pieces of nothing but marks and leaders are no labels."""
    kept = [piece for piece in pieces if not _MARKS.match(piece.text) and piece.size < 40]
    places = np.array([piece.box for piece in kept], dtype=np.float64).reshape(-1, 4)
    boxes = np.array(fields, dtype=np.float64).reshape(-1, 4)
    dots = [piece.box for piece in pieces if _LEADER.match(piece.text)]
    leaders = np.array(dots, dtype=np.float64).reshape(-1, 4)
    bars = [piece.box for piece in pieces if _STROKE.match(piece.text)]
    strokes = np.array(bars, dtype=np.float64).reshape(-1, 4)
    return Surroundings(kept, places, boxes, ticks, walls, rules, leaders, strokes)


def label_of(index: int, around: Surroundings) -> str:
    """The label of one field; empty if nothing near it can be one."""
    x0, y0, x1, y1 = around.fields[index].tolist()
    box = (x0, y0, x1, y1)
    found = _of_tick(index, box, around) if around.ticks[index] else _of_text(index, box, around)
    return tidy(found)


def answer_of(index: int, around: Surroundings) -> str:
    """What one box to tick stands for, without the question that it answers."""
    x0, y0, x1, y1 = around.fields[index].tolist()
    return tidy(_right_of((x0, y0, x1, y1), around) or _left_of((x0, y0, x1, y1), around, 60.0)[0])


def question_of(index: int, around: Surroundings) -> str:
    """The question that a box to tick answers together with those beside it; empty if none is printed."""
    x0, y0, x1, y1 = around.fields[index].tolist()
    return tidy(_question(index, (x0, y0, x1, y1), around))


def tidy(text: str) -> str:
    """A label without leaders, stray marks and doubled spaces."""
    plain = _LEADERS.sub("", " ".join(text.split()))
    plain = re.sub(r"(?:\s[.\u2026])+(?=\s|$)|[\ue000-\uf8ff\ufffd]", "", plain)
    plain = _LINE_NUMBER.sub("", plain.strip())
    return " ".join(plain.split()).strip(" :_\u2026\u25ba\u25b6|").removesuffix(" .")[:300]


def _of_tick(index: int, box: Box, around: Surroundings) -> str:
    answer = _right_of(box, around)
    head = _head(index, box, around)
    if not answer:
        row = _left_of(box, around, 250.0)[0]
        return f"{head}: {row}" if head and row else head or row
    if len(answer) < 5 or (_SHORT_ANSWERS.match(answer) and len(answer) < 16):
        question = _question(index, box, around)
        if question and question != answer:
            return f"{question}: {answer}"
    return answer


def _right_of(box: Box, around: Surroundings) -> str:
    """The text that begins close behind a box, up to the next field, with the lines that go on below it."""
    places = around.places
    middle = (box[1] + box[3]) / 2
    row = (places[:, 1] - 1 < middle) & (places[:, 3] + 1 > middle) & (places[:, 0] > box[2] - 3)
    fields = around.fields
    others = fields[(fields[:, 0] > box[2] + 1) & (fields[:, 1] < middle) & (fields[:, 3] > middle), 0]
    edge = float(others.min()) if len(others) else _FAR
    chosen = [i for i in np.flatnonzero(row).tolist() if places[i, 0] < edge]
    chosen.sort(key=lambda i: places[i, 0])
    if not chosen or places[chosen[0], 0] - box[2] > 28 or _walled(around, box[2], places[chosen[0], 0], middle):
        return ""
    words: list[str] = []
    end = box[2]
    for i in chosen:
        if places[i, 0] - end > 14 and words and not _NUMBER.match(words[-1]):
            break
        words.append(around.pieces[i].text)
        end = places[i, 2]
    return " ".join(words)


def _walled(around: Surroundings, left: float, right: float, y: float) -> bool:
    """Whether a vertical line stands between two places of a row."""
    walls = around.walls
    return bool(((walls[:, 0] > left + 1) & (walls[:, 0] < right - 1) & (walls[:, 1] < y) & (walls[:, 2] > y)).any())


def _led(around: Surroundings, left: float, right: float, y: float) -> bool:
    """Whether dots lead from a text to a field."""
    dots = around.leaders
    return bool(((dots[:, 0] < right) & (dots[:, 2] > left) & (dots[:, 1] - 2 < y) & (dots[:, 3] + 2 > y)).any())


def _question(index: int, box: Box, around: Surroundings) -> str:
    """What boxes of one row answer: the text before the first of them, else the line above them."""
    fields, places = around.fields, around.places
    middle = (box[1] + box[3]) / 2
    row = [
        i
        for i in range(len(fields))
        if around.ticks[i] and abs((fields[i, 1] + fields[i, 3]) / 2 - middle) < 4 and fields[i, 0] <= box[0] + 1
    ]
    row.sort(key=lambda i: -fields[i, 0])
    first = box
    for i in row:
        here = (float(fields[i, 0]), float(fields[i, 1]), float(fields[i, 2]), float(fields[i, 3]))
        if first[0] - here[2] > 130:
            break
        first = here
    left, _ = _left_of(first, around, 420.0)
    if len(left) > 3 and not _SHORT_ANSWERS.match(left):
        return left
    above = [
        i
        for i in range(len(places))
        if places[i, 3] <= first[1] + 3 and places[i, 0] <= first[0] + 40 and places[i, 2] > first[0] - 20
    ]
    if not above:
        return ""
    nearest = max(above, key=lambda i: (places[i, 3], -places[i, 0]))
    near = first[1] - places[nearest, 3] < 40 and len(around.pieces[nearest].text) > 3
    return around.pieces[nearest].text if near else ""


def _left_of(box: Box, around: Surroundings, reach: float) -> tuple[str, float]:
    """The text before a field on its row, and how far away it ends. Numbers of lines beside a field are passed over."""
    places, fields = around.places, around.fields
    top, bottom = max(box[1], box[3] - 14), box[3] + 1
    row = (np.minimum(places[:, 3], bottom) - np.maximum(places[:, 1], top) > 3) & (places[:, 2] <= box[0] + 5)
    middle = (top + bottom) / 2
    before = fields[(fields[:, 2] <= box[0] + 1) & (fields[:, 1] < middle) & (fields[:, 3] > middle), 2]
    edge = float(before.max()) if len(before) else -_FAR
    chosen = [i for i in np.flatnonzero(row).tolist() if places[i, 0] >= edge - 4]
    chosen.sort(key=lambda i: -places[i, 2])
    words: list[str] = []
    start, distance = box[0], _FAR
    for i in chosen:
        text = around.pieces[i].text
        gap = start - places[i, 2]
        if gap > (reach if not words else 16):
            break
        if words and _walled(around, places[i, 2], start, middle):
            break
        if not words and (_NUMBER.match(text) or len(tidy(text)) < 2):
            start = places[i, 0]
            continue
        if not words:
            distance = box[0] - places[i, 2]
            if _led(around, places[i, 2], box[0], middle):
                distance = min(distance, 4.0)
            if _walled(around, places[i, 2], start, middle):
                distance += 12
        words.insert(0, text)
        start = places[i, 0]
    told = " ".join(words)
    for _ in range(2):
        if not (told and told[0].islower() and distance < _FAR):
            break
        told, start, top = _line_before(told, start, top, around)
    return told, distance


def _line_before(told: str, left: float, top: float, around: Surroundings) -> tuple[str, float, float]:
    """A text that goes on from the line above, with that line and where it begins."""
    places = around.places
    fits = (places[:, 3] < top + 5) & (places[:, 3] > top - 9) & (places[:, 0] < left + 22) & (places[:, 0] > left - 30)
    above = np.array([i for i in np.flatnonzero(fits).tolist() if len(around.pieces[i].text) > 2], dtype=np.intp)
    if not len(above):
        return told, left, top
    best = int(above[np.argmax(places[above, 3])])
    return f"{around.pieces[best].text} {told}", float(places[best, 0]), float(places[best, 1])


def _of_text(index: int, box: Box, around: Surroundings) -> str:
    left, left_distance = _left_of(box, around, 330.0)
    above, above_distance = _above(box, around)
    below, below_distance = _below(index, box, around)
    head = _head(index, box, around)
    ways = [(left_distance, left), (above_distance, above), (below_distance, below)]
    ways = [way for way in ways if way[1] and way[0] < 200]
    best = min(ways, default=(_FAR, ""), key=lambda way: way[0])
    part_of = _before(index, around)
    if part_of is not None and best[0] > 6:
        return label_of(part_of, around)
    if head and (best[0] > 12 or best[1] == head or (above and best[1] == above and above in head)):
        return f"{head}: {left}" if left and left_distance < 200 and left not in head else head
    return best[1] or head or _right_of(box, around)


def _before(index: int, around: Surroundings) -> int | None:
    """The field of which this one is a further part: close before it, as high, with at most a stroke between."""
    fields = around.fields
    x0, y0, _, y1 = fields[index].tolist()
    gap = x0 - fields[:, 2]
    near = (gap > -1) & (gap < 18) & (np.abs(fields[:, 1] - y0) < 2) & (np.abs(fields[:, 3] - y1) < 2)
    found = [i for i in np.flatnonzero(near).tolist() if not around.ticks[i]]
    if not found:
        return None
    last = max(found, key=lambda i: float(fields[i, 2]))
    bars = around.strokes
    between = (bars[:, 0] > fields[last, 2] - 2) & (bars[:, 2] < x0 + 2) & (bars[:, 1] < y1) & (bars[:, 3] > y0)
    return last if between.any() else None


def _above(box: Box, around: Surroundings) -> tuple[str, float]:
    """The lines above a field that stand in its space: the nearest, and those that it continues."""
    places = around.places
    over = np.minimum(places[:, 2], box[2]) - np.maximum(places[:, 0], box[0]) > 1
    near = np.flatnonzero(over & ((places[:, 1] + places[:, 3]) / 2 < box[1] + 3) & (places[:, 3] > box[1] - 45))
    if not len(near):
        return "", _FAR
    nearest = max(near.tolist(), key=lambda i: (round(places[i, 3]), -abs(places[i, 0] - box[0])))
    distance = max(box[1] - places[nearest, 3], 0.0) * 1.4 + min(abs(places[nearest, 0] - box[0]) * 0.12, 9)
    if _ruled(around, box, float(places[nearest, 3]), box[1]):
        # A label in a box of its own, right on top of the field's.
        distance += 4 if box[1] - places[nearest, 3] < 6 else 22
    text, top, left = around.pieces[nearest].text, places[nearest, 1], places[nearest, 0]
    for _ in range(2):
        up = [
            i
            for i in near.tolist()
            if abs(places[i, 3] - top) < 3.5 and abs(places[i, 0] - left) < 22 and places[i, 1] < top - 2
        ]
        if (
            not up
            or _ruled(around, box, float(places[up[0], 3]) - 1, top + 2)
            or not _goes_on(around.pieces[up[0]].text, text)
        ):
            break
        text, top, left = f"{around.pieces[up[0]].text} {text}", places[up[0], 1], places[up[0], 0]
    return text, distance


def _goes_on(first: str, second: str) -> bool:
    return second[:1].islower() or (not first.rstrip().endswith((".", ":", ";")) and len(first) > 12)


def _ruled(around: Surroundings, box: Box, top: float, bottom: float) -> bool:
    """Whether a horizontal line runs between two heights over most of a field's width."""
    rules = around.rules
    over = np.minimum(rules[:, 2], box[2]) - np.maximum(rules[:, 0], box[0]) > 0.5 * (box[2] - box[0])
    return bool((over & (rules[:, 1] > top - 1.5) & (rules[:, 1] < bottom - 1.5)).any())


def _below(index: int, box: Box, around: Surroundings) -> tuple[str, float]:
    """The caption below the line of a field, unless it stands above a field of its own."""
    places, fields = around.places, around.fields
    over = np.minimum(places[:, 2], box[2]) - np.maximum(places[:, 0], box[0]) > 2
    near = np.flatnonzero(over & (places[:, 1] > box[3] - 5) & (places[:, 1] < box[3] + 9))
    if not len(near):
        return "", _FAR
    nearest = min(near.tolist(), key=lambda i: (round(places[i, 1]), places[i, 0]))
    distance = max(places[nearest, 1] - box[3], 0.0) * 1.6 + 7 + max(places[nearest, 0] - box[0], 0) * 0.05
    width = places[nearest, 2] - places[nearest, 0]
    if width > 1.5 * (box[2] - box[0]) + 30 or len(around.pieces[nearest].text) < 4:
        distance += 25
    owned = (np.minimum(fields[:, 2], places[nearest, 2]) - np.maximum(fields[:, 0], places[nearest, 0]) > 2) & (
        np.abs(fields[:, 1] - places[nearest, 3]) < 6
    )
    owned[index] = False
    if owned.any() or _ruled(around, box, box[3] + 3.5, places[nearest, 1] + 3):
        distance += 22
    return around.pieces[nearest].text, distance


def _head(index: int, box: Box, around: Surroundings) -> str:
    """The head of a field's column, where fields of one width stand below each other."""
    fields, places = around.fields, around.places
    like = (np.abs(fields[:, 0] - box[0]) < 4) & (np.abs(fields[:, 2] - box[2]) < 4)
    tops = np.sort(fields[like, 1])
    if len(tops) < 2:
        return ""
    steps = np.diff(tops)
    high = box[3] - box[1]
    here = int(np.searchsorted(tops, box[1] - 0.5))
    first = here
    while first > 0 and steps[first - 1] < max(2.6 * high, 30):
        first -= 1
    last = here
    while last < len(steps) and steps[last] < max(2.6 * high, 30):
        last += 1
    if last - first < 1:
        return ""
    top = float(tops[first])
    centre = (places[:, 0] + places[:, 2]) / 2
    inside = (centre > box[0] - 6) & (centre < box[2] + 6) & (places[:, 2] - places[:, 0] < box[2] - box[0] + 16)
    lines = np.flatnonzero(inside & (places[:, 3] < top + 4) & (places[:, 3] > top - 110))
    words: list[str] = []
    limit = top
    for i in sorted(lines.tolist(), key=lambda i: (-round(places[i, 3]), -places[i, 0])):
        if limit - places[i, 3] > (36 if not words else 7):
            break
        if words and _ruled(around, box, float(places[i, 3]) - 2, limit + 2):
            break
        words.insert(0, around.pieces[i].text)
        limit = min(limit, float(places[i, 1]))
    return tidy(" ".join(words))
