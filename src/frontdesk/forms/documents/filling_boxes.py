"""Boxes and radio buttons: which of them a value means, and how they are marked."""

from dataclasses import replace

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

from frontdesk.forms.documents.appearance import frame, look_of, stream, style_of
from frontdesk.forms.documents.appearance_marks import mark
from frontdesk.forms.documents.filling_widgets import RADIO, Widget
from frontdesk.forms.documents.frame import frame_of
from frontdesk.forms.model.field import Field, Value

OFF = ("Off", "off", "OFF", "No_Off", "N", "No", "0")
"""Names that have been seen for the state of an empty box."""
_SHAPES = {"3": "4", "4": "4", "5": "8", "6": "8", "7": "8", "8": "8", "l": "l", "u": "u", "n": "n", "H": "H"}


def marked(pdf: pikepdf.Pdf, each: Field, places: list[Widget], value: Value) -> list[Widget]:
    """Which of a field's boxes a value puts a mark into."""
    if value is True:
        alike = len({on_state(widget) for widget in places}) == 1
        near = [widget for widget in places if lies_in(pdf, each, widget)]
        return places if alike else near[:1] or places[:1]
    if not isinstance(value, str):
        return []
    by_state = [widget for widget in places if on_state(widget) == value]
    exports = [stored for stored, _ in offered(places[0])]
    if by_state or value not in exports:
        return by_state
    at = exports.index(value)
    return [widget for i, widget in enumerate(places) if on_state(widget) == str(at) or (i == at and not widget.states)]


def put_mark(pdf: pikepdf.Pdf, form: Object, widget: Widget, state: str | None) -> None:
    """Show a box with its mark when `state` names the state that is on, else empty."""
    annotation, look, style = widget.annotation, look_of(widget), style_of(widget, form)
    shape = _SHAPES.get(widget.caption, "l" if widget.flags & RADIO else "4")
    if shape == "l" and widget.flags & RADIO:
        look = replace(look, round=True)
    normal = widget.normal
    off = normal.get("/Off") if isinstance(normal, Dictionary) else None
    if not isinstance(off, Stream):
        off = stream(pdf, look, frame(look))
    # The dictionary is direct and its mark a path: Poppler draws nothing of an indirect one, and a font of marks may
    # be missing.
    drawn = stream(pdf, look, frame(look) + mark(shape, look.width, look.height, style.colour))
    annotation.AP = Dictionary(N=Dictionary({f"/{state or on_state(widget)}": drawn, "/Off": off}))
    annotation.AS = Name(f"/{state}") if state else Name.Off


def on_state(widget: Widget) -> str:
    """The name of a box's marked state: any name may be one, and the empty one is not always called Off."""
    states = [state[1:] for state in widget.states if state != "/Off"]
    certain = [state for state in states if state not in OFF]
    return next(iter(certain or states), "Yes")


def offered(widget: Widget) -> list[tuple[str, str]]:
    """What a choice offers: stored and shown."""
    options = widget.inherited("/Opt")
    found = []
    for option in options if isinstance(options, Array) else ():
        if isinstance(option, Array):
            found.append((str(option[0]), str(option[-1])))
        else:
            found.append((str(option), str(option)))
    return found


def lies_in(pdf: pikepdf.Pdf, each: Field, widget: Widget) -> bool:
    """Whether a field's place is that of a widget."""
    if widget.page != each.rect.page or each.rect.page >= len(pdf.pages):
        return False
    media = frame_of(pdf.pages[widget.page], widget.page).media
    left, bottom = each.rect.x + media[0], each.rect.y + media[1]
    return widget.is_near((left, bottom, left + each.rect.w, bottom + each.rect.h))
