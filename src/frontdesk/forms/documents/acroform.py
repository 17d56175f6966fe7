"""The fields of a fillable PDF: widgets taken as they are, gathered by name, labelled by what the form says."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from frontdesk.forms.documents.acroform_widgets import COMB, MULTILINE, REQUIRED, Widget
from frontdesk.forms.documents.frame import Box, Boxes, Frame
from frontdesk.forms.documents.labels import Surroundings, answer_of, label_of, question_of, surroundings
from frontdesk.forms.documents.order import reading_order
from frontdesk.forms.documents.page_text import TextLine
from frontdesk.forms.documents.value_types import date_format, value_type
from frontdesk.forms.model.field import DataType, Field, Option, Rect, Value

_INDEX = re.compile(r"\[(\d+)\]$")
_SAYS_NOTHING = re.compile(
    r"^(?:(?:f|c|p|t)?\d+[_\d]*|(?:text|check|checkbox|check box|textfield|field|untitled|undefined|fill|toggle|radio"
    r"|group|button|numericfield|datefield|formulier)[ _]*\d*)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """What the page says: pieces of text, vertical and horizontal lines (see `labels.Surroundings`)."""

    pieces: Sequence[TextLine]
    walls: Boxes
    rules: Boxes


def unlabelled_pages(widgets: Sequence[Widget], spoken: Mapping[str, str]) -> set[int]:
    """The pages that must be looked at, because neither tooltips nor the template label all that is on them."""
    return {
        widget.page
        for widget in widgets
        if widget.live and (widget.kind == "radio" or not (widget.tooltip or spoken.get(widget.name)))
    }


def fields_of(
    widgets: Sequence[Widget],
    frames: Sequence[Frame],
    spoken: Mapping[str, str],
    printed: Mapping[int, PrintedPage],
) -> tuple[Field, ...]:
    """The fields that somebody can fill in, in reading order, numbered.

    `spoken` are labels by full name (of an XFA template), `printed` what stands on those pages that were looked at.
    Widgets of one name are one field with one value; its place is that of the first.
    """
    told = _Told([widget for widget in widgets if widget.live], printed)
    gathered = _gathered(widgets)
    groups = _groups(gathered)
    found: list[tuple[int, Box, Field]] = []
    for name, kin in gathered.items():
        field = _field(kin, frames, spoken, told)
        found.append((kin[0].page, _around(kin), replace(field, group=groups.get(name))))
    order = reading_order([(page, box) for page, box, _ in found])
    return tuple(replace(found[index][2], number=number) for number, index in enumerate(order, 1))


def with_values(fields: Sequence[Field], widgets: Sequence[Widget], frames: Sequence[Frame]) -> tuple[Field, ...]:
    """The same fields with what these widgets, which lie as theirs do, hold."""
    gathered = _gathered(widgets)
    nameless = [(frames[kin[0].page].rect(_around(kin)), kin) for kin in gathered.values() if not kin[0].name]

    def kin_of(field: Field) -> Sequence[Widget]:
        if field.name is not None:
            return gathered[field.name]
        return min(nameless, key=lambda each: _distance(each[0], field.rect))[1]

    return tuple(replace(field, value=_held(kin_of(field), field.kind, field.options)) for field in fields)


def _distance(one: Rect, other: Rect) -> float:
    apart = abs(one.page - other.page) * 1e6
    return apart + abs(one.x - other.x) + abs(one.y - other.y) + abs(one.w - other.w) + abs(one.h - other.h)


def _gathered(widgets: Sequence[Widget]) -> dict[str, list[Widget]]:
    """The live widgets by their names; those without one each for itself."""
    gathered: dict[str, list[Widget]] = {}
    for index, widget in enumerate(widget for widget in widgets if widget.live):
        gathered.setdefault(widget.name or f"\0{index}", []).append(widget)
    return gathered


class _Told:
    """What the pages say of widgets."""

    def __init__(self, widgets: Sequence[Widget], printed: Mapping[int, PrintedPage]) -> None:
        self._places: dict[int, tuple[Surroundings, int]] = {}
        for number, page in printed.items():
            own = [widget for widget in widgets if widget.page == number]
            ticks = [widget.kind in ("checkbox", "radio") for widget in own]
            around = surroundings(page.pieces, [widget.box for widget in own], ticks, page.walls, page.rules)
            self._places |= {id(widget): (around, index) for index, widget in enumerate(own)}

    def label(self, widget: Widget) -> str:
        """The label of a widget, as of a field on a flat page."""
        around, index = self._places.get(id(widget), (None, 0))
        return label_of(index, around) if around else ""

    def answer(self, widget: Widget) -> str:
        """What a button stands for."""
        around, index = self._places.get(id(widget), (None, 0))
        return answer_of(index, around) if around else ""

    def question(self, widget: Widget) -> str:
        """What a row of buttons is asked."""
        around, index = self._places.get(id(widget), (None, 0))
        return question_of(index, around) if around else ""


def _field(kin: Sequence[Widget], frames: Sequence[Frame], spoken: Mapping[str, str], told: _Told) -> Field:
    first = kin[0]
    kind = first.kind
    if kind == "checkbox" and len({_on(widget) for widget in kin}) > 1:
        kind = "radio"  # boxes of one name with states of their own are one choice
    printed = told.question(first) if kind == "radio" else told.label(first)
    label = first.tooltip or spoken.get(first.name, "") or printed or _readable(first.name)
    label = label or f"Field on page {first.page + 1}"
    options: tuple[Option, ...] = ()
    if kind == "radio":
        options = _choices(kin, frames, told)
    elif kind in ("dropdown", "listbox"):
        options = tuple(Option(value, text or value) for value, text in first.exports)
    asked: DataType = "signature" if kind == "signature" else value_type(label, first.script)
    if kind in ("radio", "dropdown", "listbox"):
        asked = "choice"
    if kind == "checkbox":
        asked = "boolean"
    assert kind != "button"
    return Field(
        number=0,
        kind=kind,
        data_type=asked,
        label=label,
        rect=frames[first.page].rect(_around(kin)),
        name=first.name or None,
        required=bool(first.flags & REQUIRED),
        options=options,
        max_length=first.max_length if kind == "text" else None,
        multiline=kind == "text" and bool(first.flags & MULTILINE),
        comb=kind == "text" and bool(first.flags & COMB) and first.max_length is not None,
        format=date_format(label, first.script) if asked == "date" else None,
        value=_held(kin, kind, options),
    )


def _around(kin: Sequence[Widget]) -> Box:
    """The place of a field: that of its first widget, of a choice all on that page."""
    boxes = [widget.box for widget in kin if widget.page == kin[0].page]
    if kin[0].kind not in ("radio", "checkbox"):
        boxes = boxes[:1]
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def _on(widget: Widget) -> str:
    return widget.on[0] if widget.on else "Yes"


def _choices(kin: Sequence[Widget], frames: Sequence[Frame], told: _Told) -> tuple[Option, ...]:
    """Options of a choice: the names of their states, labelled by what is listed, else printed beside them."""
    found: dict[str, Option] = {}
    for place, widget in enumerate(kin):
        state = _on(widget)
        # With a list of values in the field the states are called after their places in it.
        number = int(state) if state.isdecimal() and len(state) < 5 else place
        listed = widget.exports[number][1] if number < len(widget.exports) else ""
        label = listed or told.answer(widget) or state
        found.setdefault(state, Option(state, label, frames[widget.page].rect(widget.box)))
    return tuple(found.values())


def _readable(name: str) -> str:
    """The last part of a field's name as words, if it has any that mean something."""
    last = _INDEX.sub("", name.rpartition(".")[2])
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|[_\W]+", " ", last).strip()
    return "" if _SAYS_NOTHING.match(words) or len(words) < 2 else words


def _held(kin: Sequence[Widget], kind: str, options: Sequence[Option]) -> Value:
    """What the document holds for a field; None for a blank."""
    value = kin[0].value
    if kind == "signature":
        return None
    if kind in ("checkbox", "radio"):
        marked = next((widget.state for widget in kin if widget.state in widget.on), "")
        if kind == "checkbox":
            return bool(marked) or (isinstance(value, str) and value in kin[0].on) or None
        held = marked or (value if isinstance(value, str) else "")
        return held if held in {option.value for option in options} else None
    if kind == "listbox":
        chosen = (value,) if isinstance(value, str) else value
        return tuple(each for each in chosen if each) or None
    return (value if isinstance(value, str) else " ".join(value)) or None


def _groups(gathered: Mapping[str, Sequence[Widget]]) -> dict[str, str]:
    """Boxes that are one of many by name: `c1_1[0]`, `c1_1[1]`, each with a state of its own."""
    kin: dict[str, list[str]] = {}
    for name, widgets in gathered.items():
        if widgets[0].kind == "checkbox" and len(widgets) == 1 and _INDEX.search(name):
            kin.setdefault(_INDEX.sub("", name), []).append(name)
    groups: dict[str, str] = {}
    for stem, names in kin.items():
        states = [_on(gathered[name][0]) for name in names]
        if len(names) > 1 and len(set(states)) == len(states):
            groups |= dict.fromkeys(names, f"g_{re.sub(r'[^0-9A-Za-z]+', '_', stem).strip('_').lower()}")
    return groups
