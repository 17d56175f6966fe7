"""Writes values into the fields of one document, and draws them when its fonts are known."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, String

from frontdesk.forms.documents.appearance import (
    Look,
    Style,
    frame,
    list_content,
    look_of,
    stream,
    style_of,
    text_box,
    text_content,
)
from frontdesk.forms.documents.appearance_text import Box, Setting, set_text
from frontdesk.forms.documents.filled import FillWarning
from frontdesk.forms.documents.filling_boxes import OFF, lies_in, marked, offered, on_state, put_mark
from frontdesk.forms.documents.filling_dates import formatted
from frontdesk.forms.documents.filling_widgets import COMBO, PUSH, Widget
from frontdesk.forms.documents.fonts_embedding import Typecase
from frontdesk.forms.documents.fonts_faces import HELVETICA
from frontdesk.forms.documents.shaping import Shaper, graphemes
from frontdesk.forms.model.field import Field, Value

NO_FONT = (
    "no font on this machine draws some of its characters, which were left out; install Noto fonts for that script "
    "(Debian: apt install fonts-noto-core)"
)
_EDITABLE = 1 << 18


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A text that waits for the fonts of the document."""

    widget: Widget
    look: Look
    style: Style
    settings: tuple[tuple[Setting, bool], ...]
    is_list: bool = False


@dataclass(slots=True)
class Work:
    """One document while it is filled in: values are written one by one, `finish` draws them all."""

    document: pikepdf.Pdf
    form: Object
    found: list[Widget]
    shaper: Shaper
    warnings: list[FillWarning]
    by_name: dict[str, list[Widget]] = field(default_factory=dict)
    drawings: list[_Drawing] = field(default_factory=list)
    written: set[tuple[int, int]] = field(default_factory=set)

    def places(self, each: Field) -> list[Widget]:
        """The widgets of a field."""
        named = self.by_name.get(each.name or each.id)
        if named:
            return named
        return [widget for widget in self.by_name.get("", []) if lies_in(self.document, each, widget)]

    def write(self, each: Field, value: Value) -> None:
        """Put a value into a field."""
        places = self.places(each)
        if not places:
            self._warn(each, "no_place", "the document has no place for it any more")
            return
        self.written.update(widget.field.objgen for widget in places)
        kind = places[0].kind
        if kind == "Btn":
            if not places[0].flags & PUSH:
                self._check(each, places, value)
        elif kind == "Ch":
            self._choose(each, places, value)
        else:
            self._text(each, places, self._worded(each, value))

    def finish(self) -> None:
        """Draw what no write has drawn and the old file left to the viewer; make the fonts; write everything."""
        if bool(self.form.get("/NeedAppearances", False)):
            for widget in self.found:
                if widget.field.objgen not in self.written:
                    self._revive(widget)
        if "/NeedAppearances" in self.form:
            del self.form["/NeedAppearances"]
        case = Typecase(self.document)
        for drawing in self.drawings:
            for setting, _ in drawing.settings:
                for placed in setting.lines:
                    case.note(placed.line)
        case.cast()
        for drawing in self.drawings:
            self._draw(case, drawing)
        fonts = self.form.DR.Font
        if "/Helv" not in fonts:
            fonts["/Helv"] = case.resource(HELVETICA)[1]
        if "/ZaDb" not in fonts:
            marks = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.ZapfDingbats)
            fonts["/ZaDb"] = self.document.make_indirect(marks)

    def _warn(self, each: Field, code: str, text: str) -> None:
        self.warnings.append(FillWarning(each.number, code, text))

    def _worded(self, each: Field, value: Value) -> str | None:
        """A value as it is drawn."""
        if value is None or value is False or value == ():
            return None
        text = "\n".join(value) if isinstance(value, tuple) else "X" if value is True else value
        if each.data_type == "date":
            told = formatted(text, each.format)
            if told is None:
                wanted = f"the form wants {each.format}" if each.format else "no date was recognised"
                self._warn(each, "date_kept_as_text", f"kept as it was given; {wanted}")
            else:
                text = told
        return text or None

    def _text(self, each: Field, places: list[Widget], text: str | None) -> None:
        length = places[0].inherited("/MaxLen")
        if text is not None and length is not None and 0 < int(length) < len(graphemes(text)):
            text = "".join(graphemes(text)[: int(length)])
            self._warn(each, "cut", f"the field holds {int(length)} characters; the rest was cut")
        for widget in places:
            if widget.kind == "Sig":
                # What is typed is a text, not a signature that a program could verify.
                widget.field.FT = Name.Tx
                for key in ("/Lock", "/SV"):
                    if key in widget.field:
                        del widget.field[key]
            _set_value(widget, String(text) if text is not None else None)
        told: set[str] = set()
        for widget in places:
            told |= self._set_text(widget, text)
        self._tell(each, told)

    def _tell(self, each: Field, told: set[str]) -> None:
        if "cut" in told:
            self._warn(each, "cut", "the text is longer than its place; what does not fit is not shown")
        elif "shrunk" in told:
            self._warn(each, "shrunk", "the text was made smaller to fit into its place")
        if "missing" in told:
            self._warn(each, "characters_left_out", NO_FONT)

    def _set_text(self, widget: Widget, text: str | None) -> set[str]:
        """Note a text for drawing; what had to give: `shrunk`, `cut`, `missing`."""
        look, style = look_of(widget), style_of(widget, self.form)
        self._mend_style(widget, style)
        if text is None:
            self._place(widget, stream(self.document, look, frame(look)))
            return set()
        self.shaper.missing.clear()
        setting = set_text(text, text_box(widget, look, style), self.shaper)
        self.drawings.append(_Drawing(widget, look, style, ((setting, False),)))
        told = {"missing"} if self.shaper.missing else set()
        return told | ({"cut"} if setting.cut else set()) | ({"shrunk"} if setting.shrunk else set())

    def _mend_style(self, widget: Widget, style: Style) -> None:
        """A font that the form names but does not have would leave whoever edits the text without one."""
        wanted = str(widget.inherited("/DA") or "")
        names = [part[1:] for part in wanted.split() if part.startswith("/")]
        if not names or f"/{names[-1]}" not in self.form.DR.Font:
            widget.annotation.DA = String(f"/Helv {style.size:g} Tf {style.colour.decode()}")

    def _choose(self, each: Field, places: list[Widget], value: Value) -> None:
        pairs = offered(places[0])
        wanted = [value] if isinstance(value, str) else list(value) if isinstance(value, tuple) else []
        chosen: list[int] = []
        texts: list[str] = []
        for word in wanted:
            at = next((i for i, pair in enumerate(pairs) if word in pair), None)
            if at is not None:
                chosen.append(at)
                texts.append(pairs[at][1])
            elif places[0].flags & COMBO:
                texts.append(word)
            if at is None and not places[0].flags & _EDITABLE:
                self._warn(each, "unknown_option", "the form does not offer this choice")
        stored = [pairs[at][0] for at in chosen] or texts
        told: set[str] = set()
        for widget in places:
            is_combo = bool(widget.flags & COMBO)
            if not stored:
                _set_value(widget, None)
            elif len(stored) == 1 or is_combo:
                _set_value(widget, String(stored[0]))
            else:
                _set_value(widget, Array([String(word) for word in stored]))
            if chosen and not is_combo:
                widget.field.I = Array(sorted(chosen))
            elif "/I" in widget.field:
                del widget.field["/I"]
            if is_combo:
                told |= self._set_text(widget, texts[0] if texts else None)
            else:
                self._list(widget, [label for _, label in pairs], set(chosen))
        self._tell(each, told)

    def _list(self, widget: Widget, labels: list[str], chosen: set[int]) -> None:
        look, style = look_of(widget), style_of(widget, self.form)
        self._mend_style(widget, style)
        size = style.size or 12.0
        box = Box(look.width - 2 * look.inset, size * 1.2, style.standard, size)
        top = int(widget.inherited("/TI") or 0)
        shown = max(int((look.height - 2 * look.inset) / (size * 1.2)), 1)
        if chosen and not top <= min(chosen) < top + shown:
            top = min(chosen)
        if top:
            widget.field.TI = top
        settings = [(set_text(label, box, self.shaper), i in chosen) for i, label in enumerate(labels)][top:]
        self.drawings.append(_Drawing(widget, look, style, tuple(settings), is_list=True))

    def _check(self, each: Field, places: list[Widget], value: Value) -> None:
        """Mark the box that was chosen, empty the others of that name."""
        wanted = {id(widget) for widget in marked(self.document, each, places, value)}
        on = [on_state(widget) if id(widget) in wanted else None for widget in places]
        chosen = next((state for state in on if state), None)
        for widget, state in zip(places, on, strict=True):
            _set_value(widget, Name(f"/{chosen or 'Off'}"))
            put_mark(self.document, self.form, widget, state)
        if not wanted and isinstance(value, str) and value not in OFF:
            self._warn(each, "unknown_option", "the form does not offer this choice")

    def _revive(self, widget: Widget) -> None:
        """Draw a value that the old file left to its viewer."""
        value = widget.inherited("/V")
        if widget.kind == "Btn" and not widget.flags & PUSH:
            state = str(value)[1:] if isinstance(value, Name) else ""
            if state in (on[1:] for on in widget.states) and state not in OFF:
                put_mark(self.document, self.form, widget, state)
        elif widget.kind == "Tx" and isinstance(value, String) and "/PMD" not in widget.annotation:
            self._set_text(widget, str(value) or None)
        elif widget.kind == "Ch":
            held: Iterable[Object] = value if isinstance(value, Array) else [value] if value is not None else []
            pairs, words = offered(widget), [str(word) for word in held]
            chosen = {i for i, pair in enumerate(pairs) if any(word in pair for word in words)}
            if widget.flags & COMBO:
                labels = [pairs[i][1] for i in sorted(chosen)] or words
                self._set_text(widget, labels[0] if labels else None)
            else:
                self._list(widget, [label for _, label in pairs], chosen)

    def _draw(self, case: Typecase, drawing: _Drawing) -> None:
        if drawing.is_list:
            content, used = list_content(case, drawing.look, drawing.settings, drawing.style)
        else:
            content, used = text_content(case, drawing.look, drawing.settings[0][0], drawing.style.colour)
        resources = Dictionary(Font=Dictionary({f"/{name}": font for name, font in used.items()}))
        self._place(drawing.widget, stream(self.document, drawing.look, content, resources))

    def _place(self, widget: Widget, drawn: Object) -> None:
        widget.annotation.AP = Dictionary(N=drawn)
        if "/AS" in widget.annotation:
            del widget.annotation["/AS"]


def _set_value(widget: Widget, value: Object | None) -> None:
    """Store a value where the field keeps it, and nowhere else."""
    for key in ("/V", "/RV"):
        for owner in (widget.field, widget.annotation):
            if key in owner:
                del owner[key]
    if value is not None:
        widget.field.V = value
