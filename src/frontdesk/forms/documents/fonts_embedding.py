"""Puts fonts into a document: standard ones by name, files as the part that is used, with the way back to text."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Dictionary, Name

from frontdesk.forms.documents.fonts import Face, LoadedFace, StandardFace
from frontdesk.forms.documents.shaping import Glyph, Line, Run

_SYMBOLIC = 4
_TEXT_LINES = 100
"""How many pairs one block of a character map may hold."""


@dataclass(slots=True)
class Typecase:
    """The fonts of one document. Lines are `noted` first; `cast` then makes the fonts, and lines can be written."""

    pdf: pikepdf.Pdf
    _used: dict[LoadedFace, dict[int, Counter[str]]] = field(default_factory=dict)
    _standard: dict[StandardFace, pikepdf.Object] = field(default_factory=dict)
    _made: dict[LoadedFace, tuple[str, pikepdf.Object, dict[int, int], dict[int, str]]] = field(default_factory=dict)

    def note(self, line: Line) -> None:
        """Remember which glyphs a line uses, and what they stand for."""
        for run in line.runs:
            if isinstance(run.face, LoadedFace):
                meanings = self._used.setdefault(run.face, {})
                for glyph in run.glyphs:
                    meanings.setdefault(glyph.number, Counter())[glyph.text] += 1

    def cast(self) -> None:
        """Make the fonts of everything that was noted."""
        for count, (face, meanings) in enumerate(self._used.items(), 1):
            if face not in self._made:
                self._made[face] = self._cast(face, meanings, f"Fd{count}")

    def resource(self, face: Face) -> tuple[str, pikepdf.Object]:
        """The name under which a content stream selects the font, and the font."""
        if isinstance(face, LoadedFace):
            name, font, _, _ = self._made[face]
            return name, font
        if face not in self._standard:
            self._standard[face] = self.pdf.make_indirect(
                Dictionary(
                    Type=Name.Font, Subtype=Name.Type1, BaseFont=Name(f"/{face.name}"), Encoding=Name.WinAnsiEncoding
                )
            )
        return face.resource, self._standard[face]

    def written(self, run: Run, size: float) -> bytes:
        """The operators that show a run with the font that is selected."""
        if not isinstance(run.face, LoadedFace):
            return _literal(run.text.encode("cp1252", "ignore")) + b" Tj"
        _, _, numbers, meanings = self._made[run.face]
        clusters: list[list[Glyph]] = []
        for glyph in run.glyphs:
            if glyph.text or not clusters:
                clusters.append([glyph])
            elif run.rtl:
                clusters[-1].append(glyph)
            else:
                clusters[-1].append(glyph)
        parts: list[bytes] = []
        plain: list[Glyph] = []
        for cluster in clusters:
            text = "".join(glyph.text for glyph in cluster)
            if all(meanings[glyph.number] == glyph.text for glyph in cluster):
                plain += cluster
                continue
            if plain:
                parts.append(_shown(plain, run.face, numbers, size))
                plain = []
            parts += [spoken(text), _shown(cluster, run.face, numbers, size), b"EMC"]
        if plain:
            parts.append(_shown(plain, run.face, numbers, size))
        return b"\n".join(parts)

    def _cast(
        self, face: LoadedFace, meanings: dict[int, Counter[str]], name: str
    ) -> tuple[str, pikepdf.Object, dict[int, int], dict[int, str]]:
        subset = face.subset(tuple(sorted(meanings)))
        numbers = subset.numbers
        texts = {glyph: said.most_common(1)[0][0] for glyph, said in meanings.items()}
        # A name of six letters marks a part of a font; made of its bytes, equal input gives equal output.
        digest = hashlib.sha256(subset.program).digest()
        base = "".join(chr(65 + byte % 26) for byte in digest[:6]) + "+" + face.name
        file = pikepdf.Stream(self.pdf, subset.program)
        kind = "CIDFontType0" if subset.compact else "CIDFontType2"
        if subset.compact:
            file.Subtype = Name.CIDFontType0C
        else:
            file.Length1 = len(subset.program)
        descriptor = Dictionary(
            Type=Name.FontDescriptor,
            FontName=Name("/" + base),
            Flags=_SYMBOLIC,
            FontBBox=Array([-500, -500, 2000, 1500]),
            ItalicAngle=0,
            Ascent=round(face.above * 1000),
            Descent=-round(face.below * 1000),
            CapHeight=700,
            StemV=80,
        )
        descriptor["/FontFile3" if subset.compact else "/FontFile2"] = file
        widths = sorted((number, round(face.advance(glyph) * 1000)) for glyph, number in numbers.items())
        described = Dictionary(
            Type=Name.Font,
            Subtype=Name("/" + kind),
            BaseFont=Name("/" + base),
            CIDSystemInfo=Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
            FontDescriptor=self.pdf.make_indirect(descriptor),
            DW=0,
            W=Array([part for number, width in widths for part in (number, Array([width]))]),
        )
        if not subset.compact:
            described.CIDToGIDMap = Name.Identity
        font = Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name("/" + base),
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([self.pdf.make_indirect(described)]),
            ToUnicode=pikepdf.Stream(self.pdf, _character_map({numbers[glyph]: text for glyph, text in texts.items()})),
        )
        return name, self.pdf.make_indirect(font), numbers, texts


def spoken(text: str) -> bytes:
    """Opens a span whose text is told in words, for glyphs that cannot tell it one by one."""
    return b"/Span <</ActualText <" + (b"\xfe\xff" + text.encode("utf-16-be")).hex().encode() + b">>> BDC"


def _shown(glyphs: list[Glyph], face: LoadedFace, numbers: dict[int, int], size: float) -> bytes:
    """Glyphs as one or more TJ operators; moved ones with the same advance as if they had not been moved."""
    parts: list[bytes] = []
    shown: list[str] = []
    codes: list[int] = []
    for glyph in glyphs:
        adjust = (face.advance(glyph.number) - glyph.advance + glyph.right) * 1000
        before = -glyph.right * 1000
        if glyph.up:
            _flush(codes, shown)
            _close(shown, parts)
            _kern(before, shown)
            shown.append(f"<{numbers[glyph.number]:04x}>")
            _kern(adjust, shown)
            parts.append(f"{glyph.up * size:.3f} Ts [{''.join(shown)}] TJ 0 Ts".encode())
            shown.clear()
            continue
        if abs(before) >= 0.5:
            _flush(codes, shown)
            _kern(before, shown)
        codes.append(numbers[glyph.number])
        if abs(adjust) >= 0.5:
            _flush(codes, shown)
            _kern(adjust, shown)
    _flush(codes, shown)
    _close(shown, parts)
    return b"\n".join(parts)


def _flush(codes: list[int], shown: list[str]) -> None:
    if codes:
        shown.append("<" + "".join(f"{code:04x}" for code in codes) + ">")
        codes.clear()


def _kern(thousandths: float, shown: list[str]) -> None:
    if abs(thousandths) >= 0.5:
        shown.append(f" {thousandths:.0f} ")


def _close(shown: list[str], parts: list[bytes]) -> None:
    if shown:
        parts.append(f"[{''.join(shown)}] TJ".encode())
        shown.clear()


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
