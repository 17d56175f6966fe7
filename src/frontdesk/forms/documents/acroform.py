"""The fields of a fillable PDF: widgets taken as they are, gathered by name, labelled by what the form says."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from frontdesk.forms.documents.acroform_widgets import COMB, MULTILINE, REQUIRED, Widget
from frontdesk.forms.documents.frame import Box, Frame
from frontdesk.forms.documents.labels import label_of
from frontdesk.forms.documents.order import reading_order
from frontdesk.forms.documents.page_text import TextLine
from frontdesk.forms.documents.value_types import date_format, value_type
from frontdesk.forms.model.field import DataType, Field, Option, Value

Texts = Mapping[int, Sequence[TextLine]]
_INDEX = re.compile(r"\[(\d+)\]$")
_SAYS_NOTHING = re.compile(
    r"^(?:(?:f|c|p|t)?\d+[_\d]*|(?:text|check|checkbox|check box|textfield|field|untitled|undefined|fill|toggle|radio"
    r"|group|button|numericfield|datefield|formulier)[ _]*\d*)$",
    re.IGNORECASE,
)


def fields_of(
    widgets: Sequence[Widget], frames: Sequence[Frame], spoken: Mapping[str, str], texts: Texts
) -> tuple[Field, ...]:
    """The fields that somebody can fill in, in reading order, numbered.

    `spoken` are labels by full name (of an XFA template), `texts` the printed lines of each page. Widgets of one name
    are one field with one value; its place is that of the first.
    """
    gathered: dict[str, list[Widget]] = {}
    for index, widget in enumerate(widgets):
        if widget.live:
            gathered.setdefault(widget.name or f"\0{index}", []).append(widget)
    groups = _groups(gathered)
    found: list[tuple[int, Box, Field]] = []
    for name, kin in gathered.items():
        field = _field(kin, frames, spoken, texts)
        found.append((kin[0].page, _around(kin), replace(field, group=groups.get(name))))
    order = reading_order([(page, box) for page, box, _ in found])
    return tuple(replace(found[index][2], number=number) for number, index in enumerate(order, 1))


def _field(kin: Sequence[Widget], frames: Sequence[Frame], spoken: Mapping[str, str], texts: Texts) -> Field:
    first = kin[0]
    kind = first.kind
    if kind == "checkbox" and len({_on(widget) for widget in kin}) > 1:
        kind = "radio"  # boxes of one name with states of their own are one choice
    lines = texts.get(first.page, ())
    rect = frames[first.page].rect(_around(kin))
    label = first.tooltip or spoken.get(first.name, "") or _told(kin, kind, lines) or _readable(first.name)
    label = label or f"Field on page {first.page + 1}"
    options: tuple[Option, ...] = ()
    if kind == "radio":
        options = _choices(kin, frames, spoken, texts)
    elif kind in ("dropdown", "listbox"):
        options = tuple(Option(value, text or value) for value, text in first.exports)
    signs = kind == "signature"
    asked: DataType = "choice" if options else "signature" if signs else value_type(label, first.script)
    if kind == "checkbox":
        asked = "boolean"
    assert kind != "button"
    return Field(
        number=0,
        kind=kind,
        data_type=asked,
        label=label,
        rect=rect,
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


def _choices(
    kin: Sequence[Widget], frames: Sequence[Frame], spoken: Mapping[str, str], texts: Texts
) -> tuple[Option, ...]:
    """Options of a choice: the names of their states, labelled by what is listed, else printed beside them."""
    found: dict[str, Option] = {}
    for place, widget in enumerate(kin):
        state = _on(widget)
        # With a list of values in the field the states are called after their places in it.
        number = int(state) if state.isdecimal() and len(state) < 5 else place
        listed = widget.exports[number][1] if number < len(widget.exports) else ""
        beside = label_of(widget.box, True, texts.get(widget.page, ()))
        label = listed or beside or state
        found.setdefault(state, Option(state, label, frames[widget.page].rect(widget.box)))
    return tuple(found.values())


def _told(kin: Sequence[Widget], kind: str, lines: Sequence[TextLine]) -> str:
    """What the page says of a field. A choice is told by what stands before its options or above them."""
    if kind == "radio":
        return label_of(
            _around(kin), False, [line for line in lines if line.box[2] <= kin[0].box[0] + 2 or _above(line, kin)]
        )
    return label_of(kin[0].box, kind == "checkbox", lines)


def _above(line: TextLine, kin: Sequence[Widget]) -> bool:
    return line.box[3] <= _around(kin)[1] + 2


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
