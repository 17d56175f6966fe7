"""From text to glyphs in their places: which font draws what, in which direction, and how wide it becomes."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce

from frontdesk.forms.documents import fonts
from frontdesk.forms.documents.fonts import Face, FontFile, Fonts, LoadedFace, StandardFace

_INHERITED = ("Zyyy", "Zinh", "Zzzz")
_WESTERN = ("Latn", "Grek", "Cyrl")
_CJK = ("Hani", "Hira", "Kana", "Hang", "Bopo")


@dataclass(frozen=True, slots=True)
class Glyph:
    """One glyph; lengths in ems. `text` is what it stands for: nothing for the later glyphs of a cluster."""

    number: int
    advance: float
    right: float
    up: float
    text: str


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
        return max((run.face.above for run in self.runs), default=fonts.HELVETICA.above)

    @property
    def below(self) -> float:
        """Room under the base line, in ems."""
        return max((run.face.below for run in self.runs), default=fonts.HELVETICA.below)


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
        levels = _levels(text, rtl=rtl)
        pieces: list[tuple[int, Face, str]] = []
        for char, face, level in zip(text, faces, levels, strict=True):
            if face is None:
                self.missing.add(char)
            elif pieces and pieces[-1][0] == level and pieces[-1][1] is face:
                pieces[-1] = (level, face, pieces[-1][2] + char)
            else:
                pieces.append((level, face, char))
        for level, face, part in _visual(pieces):
            yield _shaped(part, face, rtl=level % 2 == 1)

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
    return encoded if encoded.isascii() or not any(0x7F <= code <= 0x9F and code in _UNUSED for code in encoded) else None


_UNUSED = frozenset((0x7F, 0x81, 0x8D, 0x8F, 0x90, 0x9D))


def graphemes(text: str) -> list[str]:
    """What a reader takes for single characters."""
    if text.isascii():
        return list(text)
    import regex  # noqa: PLC0415

    return list(regex.findall(r"\X", text))


def is_rtl(text: str) -> bool:
    """Whether the first letter with a direction goes from right to left."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False


def _plain(text: str, encoded: bytes, face: StandardFace) -> Run:
    widths = face.widths
    total = sum(widths[code - 32] for code in encoded if code >= 32) / 1000
    return Run(face, (), total, text)


def _shaped(text: str, face: Face, *, rtl: bool) -> Run:
    if isinstance(face, StandardFace):
        return _plain(text, text.encode("cp1252", "ignore"), face)
    found = face.shape(text, rtl=rtl)
    starts = sorted({cluster for _, cluster, *_ in found})
    ends = dict(zip(starts, [*starts[1:], len(text)], strict=True))
    glyphs, seen = [], set()
    for number, cluster, advance, right, up in found:
        part = "" if cluster in seen else text[cluster : ends[cluster]]
        seen.add(cluster)
        glyphs.append(Glyph(number, advance, right, up, part))
    return Run(face, tuple(glyphs), sum(glyph.advance for glyph in glyphs), text, rtl)


def _has(face: Face, char: str) -> bool:
    if isinstance(face, LoadedFace):
        return ord(char) in face.characters
    return western(char) is not None


def _script(char: str) -> str:
    from fontTools.unicodedata import script  # noqa: PLC0415

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


def _levels(text: str, *, rtl: bool) -> list[int]:
    """Embedding levels by the Unicode bidirectional algorithm; odd ones go from right to left."""
    base = int(rtl)
    if not rtl and not any(unicodedata.bidirectional(char) in ("R", "AL", "RLE", "RLO", "AN") for char in text):
        return [0] * len(text)
    from bidi import algorithm  # noqa: PLC0415

    # Marks that the algorithm removes would shift the places; they become what it leaves alone.
    plain = "".join("\ufffc" if unicodedata.bidirectional(char) in _REMOVED else char for char in text)
    storage = algorithm.get_empty_storage()
    storage["base_level"] = base
    storage["base_dir"] = ("L", "R")[base]
    algorithm.get_embedding_levels(plain, storage)
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    levels = [int(char["level"]) for char in storage["chars"]]
    return levels if len(levels) == len(text) else [base] * len(text)


_REMOVED = ("RLE", "LRE", "RLO", "LRO", "PDF", "BN", "LRI", "RLI", "FSI", "PDI")


def _visual(pieces: list[tuple[int, Face, str]]) -> list[tuple[int, Face, str]]:
    """Rule L2: from the highest level down to the lowest odd one, turn every sequence at that level or above."""
    highest = max((level for level, _, _ in pieces), default=0)
    return reduce(_turned, range(highest, 0, -1), pieces)


def _turned(pieces: list[tuple[int, Face, str]], level: int) -> list[tuple[int, Face, str]]:
    result: list[tuple[int, Face, str]] = []
    turning: list[tuple[int, Face, str]] = []
    for piece in pieces:
        if piece[0] >= level:
            turning.append(piece)
        else:
            result += [*reversed(turning), piece]
            turning = []
    return result + turning[::-1]
