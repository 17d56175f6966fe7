"""From detections to fields: labels, groups, signatures, combs, tables, and the order in which they are read."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from frontdesk.forms.documents.flat_page import Detection, FlatPage
from frontdesk.forms.documents.frame import Box, Frame
from frontdesk.forms.documents.labels import answer_of, label_of, question_of, surroundings
from frontdesk.forms.documents.order import reading_order
from frontdesk.forms.documents.page_text import TextLine
from frontdesk.forms.documents.value_types import date_format, value_type
from frontdesk.forms.model.field import Cell, DataType, Field, Kind

_SIGNS = re.compile(r"\bsignatures?\b|\bsign here\b|unterschrift|\bfirma\b", re.IGNORECASE)
_SIGNS_NOT = re.compile(r"\bdate[ds]?\b|datum|fecha|\bprint(?:ed)?\b|typed?\b|phone|title\b", re.IGNORECASE)
_YES = re.compile(r"^(?:yes|oui|ja|s[ií]|male|true)\b", re.IGNORECASE)
_NO = re.compile(r"^(?:no|non|nein|female|false)\b", re.IGNORECASE)
_ONE = re.compile(r"(?:check|mark|select|choose|tick)\W+(?:only\W+)?one\b|one box", re.IGNORECASE)
_PART = re.compile(r"^(?:part|section|step|partie|teil|abschnitt|parte|sección)\s+\w+", re.IGNORECASE)
# In points: a field this high has room for two lines.
_TWO_LINES = 27.0


@dataclass(frozen=True, slots=True)
class Found:
    """A field before it has its number: its place is on the page as it is shown."""

    page: int
    box: Box
    field: Field


def fields_of_page(
    page: FlatPage,
    frame: Frame,
    detections: Sequence[Detection],
    to_sheet: Callable[[Box], Box] | None = None,
    *,
    labelled: bool = True,
) -> list[Found]:
    """The fields of one page. `to_sheet` brings boxes of a levelled scan back to where they lie.

    What is not `labelled` has no readable text, only the places of words.
    """
    if not detections:
        return []
    boxes = [each.box for each in detections]
    pieces = page.pieces if labelled else ()
    around = surroundings(pieces, boxes, [each.kind == "checkbox" for each in detections], page.marks.down, page.rules)
    labels = [label_of(index, around) for index in range(len(detections))]
    questions = [question_of(index, around) if each.kind == "checkbox" else "" for index, each in enumerate(detections)]
    answers = [answer_of(index, around) if each.kind == "checkbox" else "" for index, each in enumerate(detections)]
    groups = _groups(page.number, detections, questions, answers)
    tables = _tables(page.number, detections)
    found = []
    for index, each in enumerate(detections):
        box = to_sheet(each.box) if to_sheet else each.box
        field = _field(frame, each, box, labels[index], _part(pieces, each.box))
        table = tables.get(index)
        field = replace(field, group=groups.get(index), table=replace(table, header=labels[index]) if table else None)
        found.append(Found(page.number, box, field))
    return found


def _field(frame: Frame, found: Detection, box: Box, label: str, section: str | None) -> Field:
    kind: Kind = found.kind
    asked: DataType = "boolean"
    if kind == "text":
        signs = bool(_SIGNS.search(label)) and not _SIGNS_NOT.search(label)
        kind = "signature" if signs else "text"
        asked = "signature" if signs else value_type(label)
    cells = found.candidate.cells
    return Field(
        number=0,
        kind=kind,
        data_type=asked,
        label=label,
        rect=frame.rect(_within(box, frame)),
        section=section,
        max_length=cells if kind == "text" and cells > 1 else None,
        multiline=kind == "text" and cells == 1 and box[3] - box[1] >= _TWO_LINES,
        comb=kind == "text" and cells > 1,
        format=date_format(label) if asked == "date" else None,
        confidence=round(found.confidence, 2),
    )


def _within(box: Box, frame: Frame) -> Box:
    """The part of a box that lies on the page."""
    x0, y0 = min(max(box[0], 0.0), frame.width - 1), min(max(box[1], 0.0), frame.height - 1)
    return x0, y0, min(max(box[2], x0 + 1), frame.width), min(max(box[3], y0 + 1), frame.height)


def numbered(found: Sequence[Found]) -> tuple[Field, ...]:
    """All fields in reading order, with their numbers; those without a label are called by their places."""
    order = reading_order([(each.page, each.box) for each in found])
    fields, places = [], dict.fromkeys({each.page for each in found}, 0)
    for number, index in enumerate(order, 1):
        each = found[index]
        places[each.page] += 1
        label = each.field.label or f"Field {places[each.page]} on page {each.page + 1}"
        fields.append(replace(each.field, number=number, label=label))
    return tuple(fields)


def _part(pieces: Sequence[TextLine], box: Box) -> str | None:
    """The title of the part of the form that a field stands in."""
    above = [piece for piece in pieces if piece.box[3] <= box[1] + 4 and _PART.match(piece.text)]
    return max(above, key=lambda piece: piece.box[1]).text[:120] if above else None


def _groups(
    page: int, detections: Sequence[Detection], questions: Sequence[str], answers: Sequence[str]
) -> dict[int, str]:
    """Boxes of which only one can be ticked: yes and no in one row, or what is asked for one."""
    rows: dict[str, list[int]] = {}
    for index, each in enumerate(detections):
        if each.kind == "checkbox" and questions[index]:
            row = "" if _ONE.search(questions[index]) else f" {round((each.box[1] + each.box[3]) / 12)}"
            rows.setdefault(questions[index] + row, []).append(index)
    groups: dict[int, str] = {}
    for question, kin in rows.items():
        both = any(_YES.match(answers[i]) for i in kin) and any(_NO.match(answers[i]) for i in kin)
        if len(kin) > 1 and ((both and len(kin) < 5) or _ONE.search(question)):
            name = re.sub(r"\W+", "_", question.lower()).strip("_")[:40].strip("_")
            groups |= dict.fromkeys(kin, f"g_p{page + 1}_{name}")
    return groups


def _tables(page: int, detections: Sequence[Detection]) -> dict[int, Cell]:
    """Cells of grids: at least two columns of at least two fields, whose rows are level."""
    columns: dict[tuple[int, int], list[int]] = {}
    for index, each in enumerate(detections):
        if each.kind == "text":
            key = next(
                (key for key in columns if abs(key[0] - each.box[0]) < 4 and abs(key[1] - each.box[2]) < 4),
                (round(each.box[0]), round(each.box[2])),
            )
            columns.setdefault(key, []).append(index)
    grids: dict[tuple[int, ...], list[tuple[int, list[int]]]] = {}
    for key, kin in columns.items():
        kin.sort(key=lambda i: detections[i].box[3])
        for run in _runs(kin, detections):
            rows = tuple(round(detections[i].box[3] / 5) for i in run)
            near = next((known for known in grids if len(known) == len(rows) and _level(known, rows)), rows)
            grids.setdefault(near, []).append((key[0], run))
    cells: dict[int, Cell] = {}
    number = 0
    for kin_columns in grids.values():
        if len(kin_columns) < 2:
            continue
        number += 1
        for column, (_, run) in enumerate(sorted(kin_columns)):
            for row, index in enumerate(run):
                cells[index] = Cell(f"t_p{page + 1}_{number}", row, column, "")
    return cells


def _level(first: tuple[int, ...], second: tuple[int, ...]) -> bool:
    return all(abs(a - b) <= 1 for a, b in zip(first, second, strict=True))


def _runs(kin: Sequence[int], detections: Sequence[Detection]) -> list[list[int]]:
    """Fields of one column that follow each other closely, two at least."""
    runs: list[list[int]] = []
    for index in kin:
        box = detections[index].box
        if runs and box[1] - detections[runs[-1][-1]].box[3] < 1.2 * (box[3] - box[1]):
            runs[-1].append(index)
        else:
            runs.append([index])
    return [run for run in runs if len(run) > 1]
