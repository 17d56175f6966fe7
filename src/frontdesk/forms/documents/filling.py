"""Filling a form in: values become visible in every viewer, and stay fillable or become part of the page."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream, String

from frontdesk.forms.documents import fonts as font_files
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
from frontdesk.forms.documents.appearance_marks import mark
from frontdesk.forms.documents.appearance_text import Box, Setting, set_text
from frontdesk.forms.documents.fillable import add_widgets
from frontdesk.forms.documents.filling_dates import formatted
from frontdesk.forms.documents.filling_widgets import (
    COMBO,
    PUSH,
    RADIO,
    Widget,
    attach,
    form_of,
    widgets,
)
from frontdesk.forms.documents.flattening import flatten as drawn_into_pages
from frontdesk.forms.documents.fonts import HELVETICA, Fonts
from frontdesk.forms.documents.fonts_embedding import Typecase
from frontdesk.forms.documents.frame import frame_of
from frontdesk.forms.documents.opening import open_pdf
from frontdesk.forms.documents.shaping import Shaper, graphemes
from frontdesk.forms.model.field import Field, Value

NO_FONT = (
    "no font on this machine draws some of its characters, which were left out; install Noto fonts for that script "
    "(Debian: apt install fonts-noto-core)"
)
_OFF = ("Off", "off", "OFF", "No_Off", "N", "No", "0")
_STYLES = {"3": "4", "4": "4", "5": "8", "6": "8", "7": "8", "8": "8", "l": "l", "u": "u", "n": "n", "H": "H"}


@dataclass(frozen=True, slots=True)
class FillWarning:
    """What did not go as asked. `field` is its number, None for the whole document.

    Codes: `shrunk`, `cut`, `date_kept_as_text`, `characters_left_out`, `unknown_option`, `no_place`,
    `signature_removed`, `usage_rights_removed`.
    """

    field: int | None
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled document, and what its reader should know."""

    pdf: bytes
    warnings: tuple[FillWarning, ...] = ()


def fill(
    pdf: bytes,
    fields: tuple[Field, ...],
    values: Mapping[int, Value],
    *,
    flatten: bool = False,
    fonts: Fonts | None = None,
) -> Filled:
    """The document with `values` (by field number) in its fields. None blanks a field; fields that are not named
    stay as they are. Detected fields (those without a name) get a place first. The same input gives the same bytes.

    The result has no XFA, no usage rights and no dead signature; each loss that somebody may miss is told. Raises
    `UnreadablePdf`, and `ValueError` for a number that is no field's.
    """
    known = {field.number for field in fields}
    if strange := sorted(set(values) - known):
        raise ValueError(f"no field has the number {strange[0]}")
    with open_pdf(pdf) as document:
        work = _begun(document, fields, fonts)
        for each in fields:
            if each.number in values:
                work.write(each, values[each.number])
        work.finish()
        if flatten:
            drawn_into_pages(document)
        return Filled(_saved(document), tuple(work.warnings))


def fillable(pdf: bytes, fields: tuple[Field, ...]) -> bytes:
    """The document with a real field in every place: detected ones are named after their id and say their label; a
    form's own keep their names. Raises `UnreadablePdf`."""
    with open_pdf(pdf) as document:
        work = _begun(document, fields, None)
        for each in fields:
            for widget in work.places(each):
                if "/TU" not in widget.field and each.label:
                    widget.field.TU = String(each.label)
        work.finish()
        return _saved(document)


def _begun(document: pikepdf.Pdf, fields: tuple[Field, ...], fonts: Fonts | None) -> "_Work":
    warnings = list(_cleaned(document))
    form = form_of(document)
    found = widgets(document)
    nameless = [widget for widget in found if not widget.name]
    detected = [each for each in fields if not each.name and not any(_lies_in(document, each, w) for w in nameless)]
    if detected:
        taken = {widget.name for widget in found}
        add_widgets(document, form, [each for each in detected if each.id not in taken])
        found = widgets(document)
    attach(form, found)
    language = str(document.Root.get("/Lang", ""))
    work = _Work(document, form, found, Shaper(fonts or font_files.installed(), language), warnings)
    for widget in found:
        work.by_name.setdefault(widget.name, []).append(widget)
    return work


def _saved(document: pikepdf.Pdf) -> bytes:
    kept = BytesIO()
    # The identifier is made of the content, so that equal input gives equal output.
    document.save(kept, deterministic_id=True, encryption=False)
    return kept.getvalue()


def _cleaned(document: pikepdf.Pdf) -> Iterator[FillWarning]:
    """Take away what would hide or contradict what is filled in."""
    root = document.Root
    if "/Perms" in root:
        del root["/Perms"]
        text = "rights that its author granted to one program ended with this change and were removed"
        yield FillWarning(None, "usage_rights_removed", text)
    form = root.get("/AcroForm")
    if not isinstance(form, Dictionary):
        return
    for key in ("/XFA", "/SigFlags"):
        if key in form:
            del form[key]
    for key in ("/NeedsRendering", "/DSS"):
        if key in root:
            del root[key]
    if _unsigned(form.get("/Fields")):
        text = "the document was signed; filling it in breaks the signature, which was removed"
        yield FillWarning(None, "signature_removed", text)


def _unsigned(fields: Object | None) -> bool:
    """Remove the values of signature fields; whether there were any."""
    found = False
    queue: list[Object] = list(fields) if isinstance(fields, Array) else []  # type: ignore[call-overload]
    seen: set[tuple[int, int]] = set()
    while queue:
        node = queue.pop()
        if not isinstance(node, Dictionary) or (node.is_indirect and node.objgen in seen):
            continue
        seen.add(node.objgen)
        if node.get("/FT") == Name.Sig and "/V" in node:
            found = True
            for part in (node, *(node.get("/Kids") or ())):
                for key in ("/V", "/AP"):
                    if key in part:
                        del part[key]
        kids = node.get("/Kids")
        queue += list(kids) if isinstance(kids, Array) else []  # type: ignore[call-overload]
    return found


def _lies_in(document: pikepdf.Pdf, each: Field, widget: Widget) -> bool:
    if widget.page != each.rect.page or each.rect.page >= len(document.pages):
        return False
    media = frame_of(document.pages[widget.page], widget.page).media
    left, bottom = each.rect.x + media[0], each.rect.y + media[1]
    return widget.is_near((left, bottom, left + each.rect.w, bottom + each.rect.h))


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A text that waits for the fonts of the document."""

    widget: Widget
    look: Look
    style: Style
    settings: tuple[tuple[Setting, bool], ...]
    is_list: bool = False


@dataclass(slots=True)
class _Work:
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
        return [widget for widget in self.by_name.get("", []) if _lies_in(self.document, each, widget)]

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
        pairs = _pairs(places[0])
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
            if at is None and not places[0].flags & 1 << 18:
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
        wanted = {id(widget) for widget in self._marked(each, places, value)}
        on = [_on_state(widget) if id(widget) in wanted else None for widget in places]
        chosen = next((state for state in on if state), None)
        for widget, state in zip(places, on, strict=True):
            _set_value(widget, Name(f"/{chosen or 'Off'}"))
            self._mark(widget, state)
        if not wanted and isinstance(value, str) and value not in _OFF:
            self._warn(each, "unknown_option", "the form does not offer this choice")

    def _marked(self, each: Field, places: list[Widget], value: Value) -> list[Widget]:
        if value is True:
            states = {_on_state(widget) for widget in places}
            near = [w for w in places if w.page == each.rect.page and _lies_in(self.document, each, w)]
            return places if len(states) == 1 else near[:1] or places[:1]
        if not isinstance(value, str):
            return []
        by_state = [widget for widget in places if _on_state(widget) == value]
        if by_state:
            return by_state
        exports = [first for first, _ in _pairs(places[0])]
        if value in exports:
            at = exports.index(value)
            return [w for i, w in enumerate(places) if _on_state(w) == str(at) or (i == at and not w.states)]
        return []

    def _mark(self, widget: Widget, state: str | None) -> None:
        annotation, look = widget.annotation, look_of(widget)
        style, caption = style_of(widget, self.form), str((annotation.get("/MK") or {}).get("/CA", ""))
        shape = _STYLES.get(caption, "l" if widget.flags & RADIO else "4")
        if shape == "l" and widget.flags & RADIO:
            look = Look(*(getattr(look, name) for name in Look.__slots__[:-1]), round=True)
        normal = (annotation.get("/AP") or {}).get("/N")
        off = normal.get("/Off") if isinstance(normal, Dictionary) else None
        if not isinstance(off, Stream):
            off = stream(self.document, look, frame(look))
        # The dictionary is direct and its mark a path: poppler draws nothing of an indirect one, and a font of marks
        # may be missing.
        on = state or _on_state(widget)
        drawn = frame(look) + mark(shape, look.width, look.height, style.colour)
        annotation.AP = Dictionary(N=Dictionary({f"/{on}": stream(self.document, look, drawn), "/Off": off}))
        annotation.AS = Name(f"/{state}") if state else Name.Off

    def _revive(self, widget: Widget) -> None:
        """Draw a value that the old file left to its viewer."""
        value = widget.inherited("/V")
        if widget.kind == "Btn" and not widget.flags & PUSH:
            state = str(value)[1:] if isinstance(value, Name) else ""
            if state in (on[1:] for on in widget.states) and state not in _OFF:
                self._mark(widget, state)
        elif widget.kind == "Tx" and isinstance(value, String) and "/PMD" not in widget.annotation:
            self._set_text(widget, str(value) or None)
        elif widget.kind == "Ch":
            held: Iterable[Object] = value if isinstance(value, Array) else [value] if value is not None else []  # type: ignore[assignment]
            pairs, words = _pairs(widget), [str(word) for word in held]
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


def _on_state(widget: Widget) -> str:
    """The name of a box's marked state: any name may be one, and the empty one is not always called Off."""
    states = [state[1:] for state in widget.states if state != "/Off"]
    certain = [state for state in states if state not in _OFF]
    return next(iter(certain or states), "Yes")


def _pairs(widget: Widget) -> list[tuple[str, str]]:
    """What a choice offers: stored and shown."""
    options = widget.inherited("/Opt")
    found = []
    for option in options if isinstance(options, Array) else ():  # type: ignore[attr-defined]
        if isinstance(option, Array):
            found.append((str(option[0]), str(option[-1])))  # type: ignore[index]
        else:
            found.append((str(option), str(option)))
    return found
