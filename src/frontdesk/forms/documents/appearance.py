"""The appearance of a filled field: its frame as the form has it, and in it the text or the mark, as a form XObject."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

from frontdesk.forms.documents.appearance_marks import circle, stroking
from frontdesk.forms.documents.appearance_text import Box, Setting
from frontdesk.forms.documents.filling_widgets import COMB, MULTILINE, PASSWORD, Widget, inherited
from frontdesk.forms.documents.fonts_embedding import Typecase, spoken
from frontdesk.forms.documents.fonts_faces import Face, StandardFace, standard_for

_FONT = re.compile(r"/(\S+)\s+(-?[\d.]+)\s+Tf")
_COLOUR = re.compile(r"((?:-?[\d.]+\s+){1,4})(g|rg|k)\b")
_OPERANDS = {"g": 1, "rg": 3, "k": 4}
_BLACK = b"0 g"
_CHOSEN = b"0.6 0.757 0.855 rg"


@dataclass(frozen=True, slots=True)
class Look:
    """How a place looks before anything is in it. `width` and `height` are as its text runs, after its own turn."""

    width: float
    height: float
    turn: int
    edge: float
    style: str
    dashes: tuple[float, ...]
    border: bytes | None
    background: bytes | None
    round: bool = False

    @property
    def matrix(self) -> list[float]:
        """What turns the drawing into its place."""
        across, up = (self.height, self.width) if self.turn % 180 else (self.width, self.height)
        return {
            90: [0, 1, -1, 0, across, 0],
            180: [-1, 0, 0, -1, across, up],
            270: [0, -1, 1, 0, 0, up],
        }.get(self.turn, [1, 0, 0, 1, 0, 0])

    @property
    def inset(self) -> float:
        """Points that the border takes on each side."""
        return self.edge * (2 if self.style in ("B", "I") else 1) if self.border else 0.0


@dataclass(frozen=True, slots=True)
class Style:
    """How a form wants a text: the standard font nearest to the one it names, size (0 is as fits), colour."""

    standard: StandardFace
    size: float
    colour: bytes


def look_of(widget: Widget) -> Look:
    """Read the border, background and turn of a place."""
    shown = _dictionary(widget.annotation.get("/MK"))
    lines = _dictionary(widget.annotation.get("/BS"))
    old = widget.annotation.get("/Border")
    edge = 1.0
    if "/W" in lines:
        edge = float(lines.W)
    elif isinstance(old, Array) and len(old) >= 3:
        edge = float(old[2])
    dashes = tuple(float(part) for part in lines.get("/D", ())) or (3.0,)
    left, bottom, right, top = widget.box
    turn = int(shown.get("/R", 0)) % 360
    width, height = right - left, top - bottom
    if turn % 180:
        width, height = height, width
    border = _colour_of(shown.get("/BC"), stroke=True) if edge > 0 else None
    style = str(lines.get("/S", "/S"))[1:]
    return Look(width, height, turn, edge, style, dashes, border, _colour_of(shown.get("/BG")))


def style_of(widget: Widget, form: Object) -> Style:
    """Read what the form says of a field's text."""
    return parsed(str(inherited(widget.annotation, "/DA") or form.get("/DA") or ""))


def parsed(appearance: str) -> Style:
    """A default appearance string, such as `/Helv 9 Tf 0 g`."""
    font = _FONT.findall(appearance)
    name, size = font[-1] if font else ("Helv", "0")
    colours = _COLOUR.findall(appearance)
    colour = _BLACK
    if colours:
        operands, operator = colours[-1][0].split(), colours[-1][1]
        if len(operands) >= _OPERANDS[operator]:
            colour = " ".join([*operands[-_OPERANDS[operator] :], operator]).encode()
    try:
        points = abs(float(size))
    except ValueError:
        points = 0.0
    return Style(standard_for(name), points, colour)


def text_box(widget: Widget, look: Look, style: Style) -> Box:
    """The room that a place has for its text."""
    multiline = bool(widget.flags & MULTILINE)
    length = widget.inherited("/MaxLen")
    comb = widget.flags & COMB and not widget.flags & (MULTILINE | PASSWORD) and length is not None and int(length) > 0
    quadding = widget.inherited("/Q")
    inset = look.inset
    return Box(
        width=max(look.width - 2 * inset, 1.0),
        height=max(look.height - 2 * inset - (2.0 if multiline else 0.0), 1.0),
        standard=style.standard,
        size=style.size,
        quadding=int(quadding) if quadding is not None else 0,
        multiline=multiline,
        cells=int(length) if comb and length is not None else 0,
        padding=2.0 if look.width >= 16 else 0.5,
        foot=1.0 if multiline else 0.0,
    )


def frame(look: Look) -> bytes:
    """Background and border."""
    parts: list[bytes] = []
    width, height, edge = look.width, look.height, look.edge
    if look.background:
        shape = _disc(look, 0) if look.round else f"0 0 {width:.2f} {height:.2f} re".encode()
        parts.append(b"q " + look.background + b" " + shape + b" f Q")
    if look.border:
        start = b"q " + look.border + f" {edge:g} w".encode()
        if look.style == "D":
            start += f" [{' '.join(f'{dash:g}' for dash in look.dashes)}] 0 d".encode()
        if look.style == "U":
            shape = f"0 {edge / 2:.2f} m {width:.2f} {edge / 2:.2f} l".encode()
        elif look.round:
            shape = _disc(look, edge / 2)
        else:
            shape = f"{edge / 2:.2f} {edge / 2:.2f} {width - edge:.2f} {height - edge:.2f} re".encode()
        parts.append(start + b" " + shape + b" S Q")
    return b"\n".join(parts) + b"\n" if parts else b""


def _disc(look: Look, inset: float) -> bytes:
    return circle(look.width / 2, look.height / 2, min(look.width, look.height) / 2 - inset)


def text_content(case: Typecase, look: Look, setting: Setting, colour: bytes) -> tuple[bytes, dict[str, Object]]:
    """The operators that draw a frame with a text in it, and the fonts that they name."""
    inset = look.inset
    fonts: dict[str, Object] = {}
    parts = [frame(look) + b"/Tx BMC\nq"]
    parts.append(f"{inset:g} {inset:g} {look.width - 2 * inset:.2f} {look.height - 2 * inset:.2f} re W n".encode())
    parts.append(b"BT\n" + colour)
    if setting.whole is not None:
        parts.append(spoken(setting.whole))
    face: Face | None = None
    for placed in setting.lines:
        parts.append(f"1 0 0 1 {placed.x + inset:.2f} {placed.y + inset:.2f} Tm".encode())
        for run in placed.line.runs:
            if run.face is not face:
                name, font = case.resource(run.face)
                fonts[name] = font
                face = run.face
                parts.append(f"/{name} {setting.size:.4g} Tf".encode())
            parts.append(case.written(run))
    if setting.whole is not None:
        parts.append(b"EMC")
    parts.append(b"ET\nQ\nEMC\n")
    return b"\n".join(parts), fonts


def list_content(
    case: Typecase, look: Look, settings: Iterable[tuple[Setting, bool]], style: Style
) -> tuple[bytes, dict[str, Object]]:
    """The operators of a list box: its options from the top, the chosen ones on a ground of their own."""
    inset = look.inset
    fonts: dict[str, Object] = {}
    parts = [frame(look) + b"/Tx BMC\nq"]
    parts.append(f"{inset:g} {inset:g} {look.width - 2 * inset:.2f} {look.height - 2 * inset:.2f} re W n".encode())
    top = look.height - inset
    for setting, chosen in settings:
        step = setting.size * 1.2
        if chosen:
            parts.append(b"q " + _CHOSEN + f" {inset:g} {top - step:.2f} {look.width - 2 * inset:.2f}".encode())
            parts[-1] += f" {step:.2f} re f Q".encode()
        for placed in setting.lines:
            parts.append(b"BT " + style.colour + f" 1 0 0 1 {placed.x + inset:.2f} {top - step * 0.8:.2f} Tm".encode())
            for run in placed.line.runs:
                name, font = case.resource(run.face)
                fonts[name] = font
                parts += [f"/{name} {setting.size:.4g} Tf".encode(), case.written(run)]
            parts.append(b"ET")
        top -= step
        if top < inset:
            break
    parts.append(b"Q\nEMC\n")
    return b"\n".join(parts), fonts


def stream(pdf: pikepdf.Pdf, look: Look, content: bytes, resources: Object | None = None) -> Object:
    """A form XObject of that look."""
    made = pikepdf.Stream(
        pdf,
        content,
        {
            "/Type": Name.XObject,
            "/Subtype": Name.Form,
            "/FormType": 1,
            "/BBox": Array([0, 0, round(look.width, 3), round(look.height, 3)]),
            "/Resources": resources if resources is not None else Dictionary(),
        },
    )
    if look.turn:
        made.Matrix = Array([round(part, 3) for part in look.matrix])
    return made


def _colour_of(parts: Object | None, *, stroke: bool = False) -> bytes | None:
    if not isinstance(parts, Array) or len(parts) not in (1, 3, 4):
        return None
    operator = {1: "g", 3: "rg", 4: "k"}[len(parts)]
    colour = " ".join([*(f"{float(part):g}" for part in parts), operator]).encode()
    return stroking(colour) if stroke else colour


def _dictionary(value: Object | None) -> Object:
    return value if isinstance(value, Dictionary) else Dictionary()
