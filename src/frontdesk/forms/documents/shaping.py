"""From text to glyphs in their places: which font draws what, in which direction, and how wide it becomes."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from frontdesk.forms.documents import fonts
from frontdesk.forms.documents.fonts import Fonts
from frontdesk.forms.documents.fonts_faces import HELVETICA, Face, FontFile, LoadedFace, StandardFace
from frontdesk.forms.documents.shaping_directions import Piece, is_rtl, levels, visual

_INHERITED = ("Zyyy", "Zinh", "Zzzz")
_WESTERN = ("Latn", "Grek", "Cyrl")
_CJK = ("Hani", "Hira", "Kana", "Hang", "Bopo")


@dataclass(frozen=True, slots=True)
class Glyph:
    """What stands for one cluster of characters: one glyph of the font or several (number, right and up in ems).

    `advance` is how far the next one lies, in ems. `text` is what it says, in the order of reading.
    """

    parts: tuple[tuple[int, float, float], ...]
    advance: float
    text: str

    @property
    def simple(self) -> int | None:
        """The font's own glyph, if it is one in its own place."""
        number, right, up = self.parts[0]
        return number if len(self.parts) == 1 and not right and not up else None


@dataclass(frozen=True, slots=True)
class Run:
    """Glyphs of one font, from left to right. `text` is in the order of reading."""

    face: Face
    glyphs: tuple[Glyph, ...]
    width: float
    text: str
    rtl: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line from left to right; `width` in ems."""

    runs: tuple[Run, ...]
    width: float
    text: str
    rtl: bool = False

    @property
    def above(self) -> float:
        """Room above the base line, in ems."""
        return max((run.face.above for run in self.runs), default=HELVETICA.above)

    @property
    def below(self) -> float:
        """Room under the base line, in ems."""
        return max((run.face.below for run in self.runs), default=HELVETICA.below)


@dataclass(slots=True)
class Shaper:
    """Shapes the texts of one document, and remembers which characters no font could draw."""

    fonts: Fonts
    language: str = ""
    missing: set[str] = field(default_factory=set)

    def line(self, text: str, standard: StandardFace, *, rtl: bool | None = None) -> Line:
        """Shape one line. `rtl` is the direction of the paragraph; None asks the text itself."""
        encoded = western(text)
        if encoded is not None:
            run = _plain(text, encoded, standard)
            return Line((run,), run.width, text, bool(rtl))
        if rtl is None:
            rtl = is_rtl(text)
        runs = tuple(self._runs(text, standard, rtl=rtl))
        return Line(runs, sum(run.width for run in runs), text, rtl)

    def _runs(self, text: str, standard: StandardFace, *, rtl: bool) -> Iterator[Run]:
        faces = self._faces(text, standard)
        pieces: list[Piece[Face]] = []
        for char, face, level in zip(text, faces, levels(text, rtl=rtl), strict=True):
            if face is None:
                self.missing.add(char)
            elif pieces and pieces[-1].level == level and pieces[-1].kind is face:
                pieces[-1] = replace(pieces[-1], text=pieces[-1].text + char)
            else:
                pieces.append(Piece(level, face, char))
        for piece in visual(pieces):
            yield _shaped(piece.text, piece.kind, rtl=piece.level % 2 == 1)

    def _faces(self, text: str, standard: StandardFace) -> list[Face | None]:
        scripts = _scripts(text)
        latin = "".join(c for c, script in zip(text, scripts, strict=True) if script in _WESTERN)
        western_face: Face | None = standard if western(latin) is not None else None
        cjk = self._cjk_index(text)
        chosen: dict[str, list[Face]] = {}
        for script in dict.fromkeys(scripts):
            files = self.fonts.for_script(script)
            if script in _CJK:
                files = tuple(sorted(files, key=lambda file: file.index != cjk))
            chosen[script] = [file.face for file in files]
            if script in _WESTERN and western_face is not None:
                chosen[script].insert(0, western_face)
        return [self._face(char, chosen[script], standard) for char, script in zip(text, scripts, strict=True)]

    def _face(self, char: str, wanted: list[Face], standard: StandardFace) -> Face | None:
        for face in wanted:
            if _has(face, char):
                return face
        if unicodedata.category(char) in ("Cf", "Cc"):
            # What is not drawn anyway (joiners, marks of direction) is not missing.
            return wanted[0] if wanted else standard
        if western(char) is not None:
            return standard
        for file in self.fonts.packaged:
            if _has(file.face, char):
                return file.face
        return next((file.face for file in self._symbols() if _has(file.face, char)), None)

    def _symbols(self) -> Iterator[FontFile]:
        for name in ("Symbols2", "Symbols", "Math"):
            yield from self.fonts.for_script(name)

    def _cjk_index(self, text: str) -> int:
        """Which language's shapes the Han characters take: the text's own signs, the form's language, the character
        sets that can write it."""
        names = {_script(char) for char in text}
        if names & {"Hira", "Kana"} or self.language.startswith("ja"):
            return fonts.JAPANESE
        if "Hang" in names or self.language.startswith("ko"):
            return fonts.KOREAN
        if self.language.lower().startswith(("zh-tw", "zh-hk", "zh-hant")):
            return fonts.TRADITIONAL
        han = "".join(char for char in text if _script(char) == "Hani")
        return fonts.TRADITIONAL if not _fits(han, "gb2312") and _fits(han, "big5") else fonts.SIMPLIFIED


def western(text: str) -> bytes | None:
    """The text in WinAnsi, which the standard fonts draw by themselves; None if it needs another font."""
    try:
        encoded = text.encode("cp1252")
    except UnicodeEncodeError:
        return None
    return None if any(code in _UNUSED for code in encoded) else encoded


_MIRRORED = dict(zip("()[]{}<>«»", ")(][}{><»«", strict=True))
_UNUSED = frozenset((*range(32), 0x7F, 0x81, 0x8D, 0x8F, 0x90, 0x9D))


def graphemes(text: str) -> list[str]:
    """What a reader takes for single characters."""
    if text.isascii():
        return list(text)
    import regex

    return list(regex.findall(r"\X", text))


def _plain(text: str, encoded: bytes, face: StandardFace) -> Run:
    widths = face.widths
    total = sum(widths[code - 32] for code in encoded if code >= 32) / 1000
    return Run(face, (), total, text)


def _shaped(text: str, face: Face, *, rtl: bool) -> Run:
    if isinstance(face, StandardFace):
        shown = "".join(_MIRRORED.get(char, char) for char in reversed(text)) if rtl else text
        return _plain(shown, shown.encode("cp1252", "ignore"), face)
    clusters: dict[int, list[tuple[int, float, float]]] = {}
    ends: dict[int, float] = {}
    cursor = 0.0
    for number, cluster, advance, right, up in face.shape(text, rtl=rtl):
        if cluster not in clusters:
            clusters[cluster], ends[cluster] = [], cursor
        clusters[cluster].append((number, cursor + right, up))
        cursor += advance
    order = list(clusters)
    starts = dict(zip(sorted(clusters), [*sorted(clusters)[1:], len(text)], strict=True))
    corners = [*(ends[cluster] for cluster in order), cursor]
    glyphs = []
    for cluster, (left, right) in zip(order, pairwise(corners), strict=True):
        parts = tuple((number, round(x - left, 4), round(y, 4)) for number, x, y in clusters[cluster])
        told = text[cluster : starts[cluster]]
        # What became one glyph although it is several characters is told as those programs will turn it.
        glyphs.append(Glyph(parts, right - left, told[::-1] if rtl else told))
    return Run(face, tuple(glyphs), cursor, text, rtl)


def _has(face: Face, char: str) -> bool:
    if isinstance(face, LoadedFace):
        return ord(char) in face.characters
    return western(char) is not None


def _script(char: str) -> str:
    from fontTools.unicodedata import script

    return str(script(char))


def _scripts(text: str) -> list[str]:
    """The script of each character; what belongs to none takes that of its neighbour."""
    found = [_script(char) for char in text]
    known = next((script for script in found if script not in _INHERITED), "Latn")
    result = []
    for script in found:
        known = known if script in _INHERITED else script
        result.append(known)
    return result


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
