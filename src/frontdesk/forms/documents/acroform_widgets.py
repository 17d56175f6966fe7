"""The widgets of a PDF's own form, read from its pages: the list of fields in the AcroForm is often not whole."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pikepdf

from frontdesk.forms.documents.frame import Box, Frame, frame_of, inherited, numbers

WidgetKind = Literal["text", "checkbox", "radio", "dropdown", "listbox", "signature", "button"]

READ_ONLY, REQUIRED = 1 << 0, 1 << 1
MULTILINE = 1 << 12
RADIO, PUSH = 1 << 15, 1 << 16
COMBO, MANY, COMB = 1 << 17, 1 << 21, 1 << 24
_HIDDEN = 1 << 1 | 1 << 5
"""Hidden, and shown on no screen."""
OFF_STATES = frozenset({"Off", "off", "OFF", "N", "No_Off", "0"})
"""Names that have been seen for the state of an empty box; `Off` is the standard's."""


@dataclass(frozen=True, slots=True)
class Widget:
    """One widget on a page. `box` is its place on the page as it is shown, `on` the names of its states but off.

    `exports` are the pairs of stored and shown value that the field itself lists. `value` is as the field has it: text,
    the name of a state, the values of a list box. `live` is False for what nobody can fill in: hidden, read-only,
    barcodes, without a size.
    """

    page: int
    box: Box
    kind: WidgetKind
    name: str
    flags: int
    tooltip: str
    on: tuple[str, ...]
    state: str
    exports: tuple[tuple[str, str], ...]
    value: str | tuple[str, ...]
    max_length: int | None
    script: str
    live: bool


def frames_of(document: pikepdf.Pdf) -> tuple[Frame, ...]:
    """The frames of all pages."""
    return tuple(frame_of(page, number) for number, page in enumerate(document.pages))


def widgets_of(document: pikepdf.Pdf, frames: tuple[Frame, ...]) -> tuple[Widget, ...]:
    """Every widget that lies on a page, in the order of the file. Broken ones are passed over."""
    found = []
    for frame, page in zip(frames, document.pages, strict=True):
        for annotation in _annotations(page.obj):
            widget = _widget(annotation, frame)
            if widget is not None:
                found.append(widget)
    return tuple(found)


def is_signed(document: pikepdf.Pdf) -> bool:
    """Whether the document holds a signature that was given; its field need not lie on a page."""
    form = document.Root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return False
    queue, seen = list(_items(form.get("/Fields"))), 0
    while queue and seen < 20_000:
        field = queue.pop()
        seen += 1
        if isinstance(field, pikepdf.Dictionary):
            if field.get("/FT") == "/Sig" and isinstance(field.get("/V"), pikepdf.Dictionary):
                return True
            queue += _items(field.get("/Kids"))
    return False


def text_of(value: Any) -> str:
    """A PDF string or name as text, without the controls that some writers leave in it."""
    if isinstance(value, pikepdf.Name):
        return str(value)[1:]
    if isinstance(value, pikepdf.String):
        return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufeff]", "", str(value))
    return ""


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, pikepdf.Array) else []


def _annotations(page: pikepdf.Object) -> Iterator[pikepdf.Dictionary]:
    for annotation in _items(page.get("/Annots")):
        if isinstance(annotation, pikepdf.Dictionary) and annotation.get("/Subtype") == "/Widget":
            yield annotation


def _widget(annotation: pikepdf.Dictionary, frame: Frame) -> Widget | None:
    kind_name, place = inherited(annotation, "/FT"), numbers(annotation.get("/Rect"), 4)
    if not isinstance(kind_name, pikepdf.Name) or place is None:
        return None
    flags = _whole(inherited(annotation, "/Ff"), 0)
    kind = _kind(str(kind_name), flags)
    if kind is None:
        return None
    box = frame.show((*map(min, place[:2], place[2:]), *map(max, place[:2], place[2:])))  # type: ignore[arg-type]
    hidden = _whole(annotation.get("/F"), 0) & _HIDDEN or "/PMD" in annotation
    outside = box[2] <= 0 or box[3] <= 0 or box[0] >= frame.width or box[1] >= frame.height
    size = min(box[2] - box[0], box[3] - box[1])
    max_length = _whole(inherited(annotation, "/MaxLen"), 0)
    return Widget(
        page=frame.page,
        box=box,
        kind=kind,
        name=_full_name(annotation),
        flags=flags,
        tooltip=" ".join(text_of(inherited(annotation, "/TU")).split()),
        on=_on_states(annotation),
        state=text_of(annotation.get("/AS")),
        exports=_exports(annotation),
        value=_value(inherited(annotation, "/V")),
        max_length=max_length if 0 < max_length < 100_000 else None,
        script=_script(annotation),
        live=not (hidden or outside or size < 1 or flags & READ_ONLY or kind == "button"),
    )


def _kind(name: str, flags: int) -> WidgetKind | None:
    if name == "/Btn":
        return "button" if flags & PUSH else "radio" if flags & RADIO else "checkbox"
    if name == "/Ch":
        return "dropdown" if flags & COMBO else "listbox"
    return {"/Tx": "text", "/Sig": "signature"}.get(name)  # type: ignore[return-value]


def _whole(value: Any, otherwise: int) -> int:
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else otherwise


def _full_name(annotation: pikepdf.Dictionary) -> str:
    parts: list[str] = []
    thing: Any = annotation
    for _ in range(32):
        if not isinstance(thing, pikepdf.Dictionary):
            break
        if isinstance(part := thing.get("/T"), pikepdf.String):
            parts.append(text_of(part))
        thing = thing.get("/Parent")
    return ".".join(reversed(parts))


def _on_states(annotation: pikepdf.Dictionary) -> tuple[str, ...]:
    """The states with an appearance, but for off. A state called `N` or `0` is off only beside another one."""
    looks = annotation.get("/AP")
    states: list[str] = []
    for key in ("/N", "/D"):
        look = looks.get(key) if isinstance(looks, pikepdf.Dictionary) else None
        if isinstance(look, pikepdf.Dictionary) and not isinstance(look, pikepdf.Stream):
            states += [name[1:] for name in look.keys() if name[1:] not in states]  # noqa: SIM118 - not a dict
    on = [state for state in states if state != "Off"]
    certain = [state for state in on if state not in OFF_STATES]
    return tuple(certain or on)


def _exports(annotation: pikepdf.Dictionary) -> tuple[tuple[str, str], ...]:
    found = []
    for each in _items(inherited(annotation, "/Opt")):
        pair = [text_of(part) for part in _items(each)] or [text_of(each)]
        found.append((pair[0], pair[-1]))
    return tuple(found)


def _value(value: Any) -> str | tuple[str, ...]:
    if isinstance(value, pikepdf.Array):
        return tuple(text_of(each) for each in value)
    if isinstance(value, pikepdf.Stream):
        try:
            return value.read_bytes()[:100_000].decode("utf-8", "replace")
        except pikepdf.PdfError:
            return ""
    return text_of(value)


def _script(annotation: pikepdf.Dictionary) -> str:
    """What the field runs to show or check what is typed: it names formats of dates and numbers."""
    actions = inherited(annotation, "/AA")
    if not isinstance(actions, pikepdf.Dictionary):
        return ""
    found = []
    for key in ("/F", "/K"):
        action = actions.get(key)
        script = action.get("/JS") if isinstance(action, pikepdf.Dictionary) else None
        if isinstance(script, pikepdf.Stream):
            try:
                found.append(script.read_bytes()[:4_000].decode("latin-1"))
            except pikepdf.PdfError:
                continue
        else:
            found.append(text_of(script)[:4_000])
    return "\n".join(found)
