"""Makes places to fill in on a page that has none: each detected field becomes a real field of a form."""

from collections.abc import Sequence
from dataclasses import replace

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, String

from frontdesk.forms.documents import appearance_marks
from frontdesk.forms.documents.appearance import Look, stream
from frontdesk.forms.documents.filling_widgets import COMB, COMBO, MULTILINE, PRINT, RADIO
from frontdesk.forms.documents.frame import Frame, frame_of
from frontdesk.forms.model.field import Field, Rect

_REQUIRED = 1 << 1
_TEXT = "/Helv 0 Tf 0 g"
_MARK = "/ZaDb 0 Tf 0 g"
_CROSS, _DOT = "8", "l"
ON = "Yes"
"""The name of the state of a box that is on."""


def add_widgets(pdf: pikepdf.Pdf, form: Object, fields: Sequence[Field]) -> None:
    """Give each field its place. Its name is its id, its tooltip the label."""
    on_page: dict[int, list[Field]] = {}
    for field in fields:
        on_page.setdefault(field.rect.page, []).append(field)
    frames = {
        number: _turned(frame_of(pdf.pages[number], number), found)
        for number, found in on_page.items()
        if 0 <= number < len(pdf.pages)
    }
    for field in fields:
        number = field.rect.page
        if number not in frames:
            continue
        root = _made(pdf, pdf.pages[number].obj, frames[number], field)
        root.T = String(field.id)
        root.TU = String(field.label)
        form.Fields.append(root)


def _turned(frame: Frame, fields: Sequence[Field]) -> Frame:
    """The frame with the turn that texts take. Some pages lie on their side when they are shown: there most places
    for texts are higher than wide, and what is filled in lies on its side as well."""
    lines = [field.rect for field in fields if field.kind not in ("checkbox", "radio")]
    if frame.rotation % 180 and 2 * sum(rect.w > rect.h for rect in lines) > len(lines):
        return replace(frame, rotation=0)
    return frame


def _made(pdf: pikepdf.Pdf, page: Object, frame: Frame, field: Field) -> Object:
    if field.kind == "radio" and any(option.rect for option in field.options):
        root = pdf.make_indirect(Dictionary(FT=Name.Btn, Ff=RADIO | 1 << 14, Kids=Array(), V=Name.Off))
        for option in field.options:
            if option.rect is not None:
                kid = _widget(pdf, page, frame, option.rect)
                _make_box(pdf, kid, frame, option.rect, option.value, _DOT)
                kid.Parent = root
                root.Kids.append(kid)
        return root
    widget = _widget(pdf, page, frame, field.rect)
    flags = _REQUIRED if field.required else 0
    if field.kind == "checkbox":
        widget.FT = Name.Btn
        widget.V = Name.Off
        _make_box(pdf, widget, frame, field.rect, ON, _CROSS)
    elif field.kind == "signature":
        widget.FT = Name.Sig
    elif field.kind in ("dropdown", "listbox"):
        widget.FT = Name.Ch
        flags |= COMBO if field.kind == "dropdown" else 0
        widget.Opt = Array([Array([String(option.value), String(option.label)]) for option in field.options])
        widget.DA = String(_TEXT)
    else:
        widget.FT = Name.Tx
        widget.DA = String(_TEXT)
        flags |= (MULTILINE if field.multiline else 0) | (COMB if field.comb and field.max_length else 0)
        if field.max_length:
            widget.MaxLen = field.max_length
    if flags:
        widget.Ff = flags
    return widget


def _widget(pdf: pikepdf.Pdf, page: Object, frame: Frame, rect: Rect) -> Object:
    left, bottom = rect.x + frame.media[0], rect.y + frame.media[1]
    sides = [round(side, 2) for side in (left, bottom, left + rect.w, bottom + rect.h)]
    widget = pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=Array(sides), F=PRINT, MK=Dictionary(), P=page)
    )
    if frame.rotation:
        # On a turned page the text is turned back, so that it is read upright.
        widget.MK.R = frame.rotation
    if not isinstance(page.get("/Annots"), Array):
        page.Annots = Array()
    page.Annots.append(widget)
    return widget


def _make_box(pdf: pikepdf.Pdf, widget: Object, frame: Frame, rect: Rect, state: str, style: str) -> None:
    width, height = (rect.h, rect.w) if frame.rotation % 180 else (rect.w, rect.h)
    look = Look(width, height, frame.rotation, 0.0, "S", (), None, None)
    drawn = appearance_marks.mark(style, width, height, b"0 g")
    widget.MK.CA = String(style)
    widget.DA = String(_MARK)
    widget.AS = Name.Off
    widget.AP = Dictionary(N=Dictionary({f"/{state}": stream(pdf, look, drawn), "/Off": stream(pdf, look, b"")}))
