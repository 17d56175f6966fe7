"""Puts fonts into a document: standard ones by name, files as the part that is used, with the way back to text."""

import hashlib
import unicodedata
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, String

from frontdesk.forms.documents.fonts_faces import Face, LoadedFace, Sort, StandardFace, Subset
from frontdesk.forms.documents.shaping import Glyph, Line, Run

_SYMBOLIC = 4
_TEXT_LINES = 100
"""How many pairs one block of a character map may hold."""


@dataclass(frozen=True, slots=True)
class _Cast:
    """A font in the document: its name in content streams, and the code of each glyph with what it says."""

    name: str
    font: Object
    codes: dict[tuple[Sort, str], int]


@dataclass(slots=True)
class Typecase:
    """The fonts of one document. Lines are `noted` first; `cast` then makes the fonts, and lines can be written."""

    pdf: pikepdf.Pdf
    _used: dict[LoadedFace, dict[tuple[Sort, str], None]] = field(default_factory=dict)
    _standard: dict[StandardFace, Object] = field(default_factory=dict)
    _made: dict[LoadedFace, _Cast] = field(default_factory=dict)

    def note(self, line: Line) -> None:
        """Remember which glyphs a line uses, and what they stand for."""
        for run in line.runs:
            if isinstance(run.face, LoadedFace):
                used = self._used.setdefault(run.face, {})
                for glyph in run.glyphs:
                    used.update((each, None) for each in _sorts(run, glyph))

    def cast(self) -> None:
        """Make the fonts of everything that was noted."""
        for count, (face, used) in enumerate(self._used.items(), 1):
            self._made[face] = self._cast(face, list(used), f"Fd{count}")

    def resource(self, face: Face) -> tuple[str, Object]:
        """The name under which a content stream selects the font, and the font."""
        if isinstance(face, LoadedFace):
            made = self._made[face]
            return made.name, made.font
        if face not in self._standard:
            self._standard[face] = self.pdf.make_indirect(
                Dictionary(
                    Type=Name.Font, Subtype=Name.Type1, BaseFont=Name(f"/{face.name}"), Encoding=Name.WinAnsiEncoding
                )
            )
        return f"Fd{face.resource}", self._standard[face]

    def written(self, run: Run) -> bytes:
        """The operator that shows a run with the font that is selected."""
        if not isinstance(run.face, LoadedFace):
            return _literal(run.text.encode("cp1252", "ignore")) + b" Tj"
        codes = self._made[run.face].codes
        shown: list[str] = []
        owed = 0.0
        for glyph in run.glyphs:
            sorts = _sorts(run, glyph)
            if abs(owed) >= 0.5:
                shown.append(f"> {owed:.0f} <")
                owed = 0.0
            shown += [f"{codes[each]:04x}" for each in sorts]
            # The font's own advance differs where the shaper moved letters closer together.
            owed += (sum(_advance(run.face, sort) for sort, _ in sorts) - glyph.advance) * 1000
        if abs(owed) >= 0.5:
            shown.append(f"> {owed:.0f} <")
        return f"[<{''.join(shown)}>] TJ".replace("<>", "").encode()

    def _cast(self, face: LoadedFace, used: list[tuple[Sort, str]], name: str) -> _Cast:
        subset = face.subset(tuple(dict.fromkeys(sort for sort, _ in used)))
        if subset.compact:
            # Here a code is the number of a glyph in the program; what says two things is told by one of them.
            codes = {each: subset.numbers[each[0]] for each in used}
            texts = {codes[each]: each[1] for each in reversed(used)}
        else:
            codes = {each: code for code, each in enumerate(used, 1)}
            texts = {code: text for (_, text), code in codes.items()}
        # A name of six letters marks a part of a font; made of its bytes, equal input gives equal output.
        digest = hashlib.sha256(subset.program).digest()
        part_name = Name("/" + "".join(chr(65 + byte % 26) for byte in digest[:6]) + "+" + face.name)
        widths = sorted({code: round(_advance(face, sort) * 1000) for (sort, _), code in codes.items()}.items())
        described = Dictionary(
            Type=Name.Font,
            Subtype=Name.CIDFontType0 if subset.compact else Name.CIDFontType2,
            BaseFont=part_name,
            CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
            FontDescriptor=self._described(face, subset, part_name),
            DW=0,
            W=Array([part for code, width in widths for part in (code, Array([width]))]),
        )
        if not subset.compact:
            glyphs = [0, *(subset.numbers[sort] for sort, _ in used)]
            places = b"".join(glyph.to_bytes(2, "big") for glyph in glyphs)
            described.CIDToGIDMap = pikepdf.Stream(self.pdf, places)
        font = Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=part_name,
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([self.pdf.make_indirect(described)]),
            ToUnicode=pikepdf.Stream(self.pdf, _character_map(texts)),
        )
        return _Cast(name, self.pdf.make_indirect(font), codes)

    def _described(self, face: LoadedFace, subset: Subset, part_name: Name) -> Object:
        file = pikepdf.Stream(self.pdf, subset.program)
        if subset.compact:
            file.Subtype = Name.CIDFontType0C
        else:
            file.Length1 = len(subset.program)
        return self.pdf.make_indirect(
            Dictionary(
                {
                    "/Type": Name.FontDescriptor,
                    "/FontName": part_name,
                    "/Flags": _SYMBOLIC,
                    "/FontBBox": Array([-500, -500, 2000, 1500]),
                    "/ItalicAngle": 0,
                    "/Ascent": round(face.above * 1000),
                    "/Descent": -round(face.below * 1000),
                    "/CapHeight": 700,
                    "/StemV": 80,
                    "/FontFile3" if subset.compact else "/FontFile2": file,
                }
            )
        )


def _sorts(run: Run, glyph: Glyph) -> list[tuple[Sort, str]]:
    """A cluster as what a font can hold: one glyph, made of several where the format knows that.

    So every code says a whole text, and no viewer has to guess what its parts mean. A bare CFF program cannot be
    added to here: its rare clusters stay in parts, and the first of them says it all.
    """
    face = run.face
    assert isinstance(face, LoadedFace)
    simple = glyph.simple
    if simple is not None:
        return _told(Sort(((simple, 0, 0),), None), glyph.text, face, rtl=run.rtl)
    if face.compact:
        return [
            (Sort(((number, 0, 0),), None), "" if i else glyph.text) for i, (number, _, _) in enumerate(glyph.parts)
        ]
    scale = face.units
    parts = tuple((number, round(right * scale), round(up * scale)) for number, right, up in glyph.parts)
    return _told(Sort(parts, round(glyph.advance * scale)), glyph.text, face, rtl=run.rtl)


def _told(sort: Sort, text: str, face: LoadedFace, *, rtl: bool) -> list[tuple[Sort, str]]:
    """A glyph with its text. One of a letter with marks tells the letter; what draws nothing behind it tells the marks.

    pdf.js takes every code in whose text there is a mark for a mark, gives it no width, and sees a gap behind it.
    """
    marked = len(text) > 1 and any(unicodedata.category(char) == "Mn" for char in text[1:])
    if not marked or rtl or face.compact:
        return [(sort, text)]
    return [(sort, text[0]), (Sort((), 0), text[1:])]


def _advance(face: LoadedFace, sort: Sort) -> float:
    return sort.advance / face.units if sort.advance is not None else face.advance(sort.parts[0][0])


def spoken(text: str) -> bytes:
    """Opens a span whose text is told in words, for glyphs that cannot tell it one by one."""
    return b"/Span <</ActualText <" + (b"\xfe\xff" + text.encode("utf-16-be")).hex().encode() + b">>> BDC"


def _literal(text: bytes) -> bytes:
    escaped = text.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    return b"(" + escaped.replace(b"\r", b"\\r").replace(b"\n", b"\\n") + b")"


def _character_map(texts: dict[int, str]) -> bytes:
    pairs = [f"<{code:04x}> <{text.encode('utf-16-be').hex()}>" for code, text in sorted(texts.items()) if text]
    blocks = [pairs[start : start + _TEXT_LINES] for start in range(0, len(pairs), _TEXT_LINES)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
        f"{body}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode()
