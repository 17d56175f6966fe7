"""Faces to draw with: the standard ones that a viewer brings along, and files of which the used part is embedded."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from frontdesk.forms.documents import fonts_standard as widths_of

REGULAR = 400


@dataclass(frozen=True, slots=True)
class StandardFace:
    """One of the fonts that a viewer brings along. `above` and `below` are what a line needs, in ems."""

    name: str
    resource: str
    widths: tuple[int, ...]
    above: float = 0.76
    below: float = 0.22


HELVETICA = StandardFace("Helvetica", "Helv", widths_of.HELVETICA)
HELVETICA_BOLD = StandardFace("Helvetica-Bold", "HeBo", widths_of.HELVETICA_BOLD)
TIMES = StandardFace("Times-Roman", "TiRo", widths_of.TIMES)
TIMES_BOLD = StandardFace("Times-Bold", "TiBo", widths_of.TIMES_BOLD)
COURIER = StandardFace("Courier", "Cour", widths_of.COURIER)
COURIER_BOLD = StandardFace("Courier-Bold", "CoBo", widths_of.COURIER)


def standard_for(name: str) -> StandardFace:
    """The standard font nearest to the one that a form names; the named one often exists nowhere."""
    plain = name.lower()
    bold = "bo" in plain[2:] or "black" in plain
    if plain.startswith("co"):
        return COURIER_BOLD if bold else COURIER
    if plain.startswith("ti") or "serif" in plain.replace("sansserif", "") or "roman" in plain:
        return TIMES_BOLD if bold else TIMES
    return HELVETICA_BOLD if bold else HELVETICA


@dataclass(frozen=True, slots=True)
class FontFile:
    """A font, or one of a collection, and the scripts (ISO 15924) that it is meant for."""

    path: Path
    index: int
    scripts: tuple[str, ...]
    above: float = 1.0
    below: float = 0.3

    @property
    def face(self) -> "LoadedFace":
        """The opened font, opened once."""
        return _loaded(self)


class LoadedFace:
    """A font file open for shaping. HarfBuzz is loaded with the first one: plain Western text never needs it."""

    def __init__(self, file: FontFile) -> None:
        import uharfbuzz

        self.file = file
        self._hb: Any = uharfbuzz
        self._face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(file.path)), file.index)
        self._font = uharfbuzz.Font(self._face)
        self._axes = tuple(str(axis.tag) for axis in self._face.axis_infos) if self._face.has_var_data else ()
        if "wght" in self._axes:
            self._font.set_variations({"wght": REGULAR})
        self._per_em: float = 1 / int(self._face.upem)
        self.subset = lru_cache(maxsize=64)(self._subset)

    @property
    def above(self) -> float:
        """Room that a line needs above its base line, in ems."""
        return self.file.above

    @property
    def below(self) -> float:
        """Room that a line needs under its base line, in ems."""
        return self.file.below

    @cached_property
    def characters(self) -> Any:
        """The code points that the font has glyphs for."""
        return self._face.unicodes

    @cached_property
    def name(self) -> str:
        """The PostScript name."""
        found = self._face.get_name(self._hb.OTNameIdPredefined.POSTSCRIPT_NAME)
        return "".join(c for c in found or self.file.path.stem if c.isalnum() or c == "-")

    def shape(self, text: str, *, rtl: bool) -> list[tuple[int, int, float, float, float]]:
        """Glyphs from left to right: id, index of the first character, advance and two offsets in ems."""
        buffer = self._hb.Buffer()
        buffer.add_str(text)
        buffer.direction = "rtl" if rtl else "ltr"
        # Marks are told apart from their letters: programs that take text out turn what goes from right to left
        # character by character, and would turn a letter with its marks around as well.
        buffer.cluster_level = self._hb.BufferClusterLevel.MONOTONE_CHARACTERS
        buffer.guess_segment_properties()
        self._hb.shape(self._font, buffer)
        scale = self._per_em
        return [
            (glyph.codepoint, glyph.cluster, at.x_advance * scale, at.x_offset * scale, at.y_offset * scale)
            for glyph, at in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        ]

    def advance(self, glyph: int) -> float:
        """How far a glyph moves by itself, in ems."""
        width: int = self._font.get_glyph_h_advance(glyph)
        return width * self._per_em

    @cached_property
    def compact(self) -> bool:
        """Whether its outlines are a CFF program."""
        return "CFF " in self._face.table_tags

    @property
    def units(self) -> int:
        """Units of the font's own design to the em."""
        return int(self._face.upem)

    def _subset(self, sorts: tuple["Sort", ...]) -> "Subset":
        """The font with those glyphs alone (and .notdef). HarfBuzz takes 2 ms where fontTools takes 1.6 s on a
        collection of 65,535 glyphs, and sets a variable font to its regular weight on the way."""
        hb = self._hb
        wanted = hb.SubsetInput()
        wanted.glyph_set.update({number for sort in sorts for number, _, _ in sort.parts})
        flags = hb.SubsetFlags
        wanted.flags = flags.NO_HINTING | flags.NO_LAYOUT_CLOSURE | flags.CFF_IDENTITY_CHARSET
        for tag in self._axes:
            if tag == "wght":
                wanted.pin_axis_location(self._face, tag, REGULAR)
            else:
                wanted.pin_axis_to_default(self._face, tag)
        wanted.drop_table_tag_set.update(_tag(name) for name in _LEFT_OUT)
        plan = hb.SubsetPlan(self._face, wanted)
        made = plan.execute()
        numbers = dict(plan.old_to_new_glyph_mapping)
        if self.compact:
            found = {sort: numbers[sort.parts[0][0]] for sort in sorts}
            return Subset(bytes(made.reference_table("CFF ").data), True, found)
        return composed(bytes(made.blob.data), sorts, numbers)


def composed(program: bytes, sorts: tuple["Sort", ...], numbers: dict[int, int]) -> "Subset":
    """Add a glyph for every sort that is made of several; `numbers` leads from the old glyphs to the new ones."""
    simple = {sort: numbers[sort.parts[0][0]] for sort in sorts if sort.advance is None}
    made_up = [sort for sort in sorts if sort.advance is not None]
    if not made_up:
        return Subset(program, False, simple)
    from fontTools.ttLib import TTFont
    from fontTools.ttLib.tables import _g_l_y_f as outlines

    font = TTFont(BytesIO(program), recalcTimestamp=False)
    names = list(font.getGlyphOrder())
    table, metrics = font["glyf"], font["hmtx"].metrics
    for count, sort in enumerate(made_up):
        glyph = outlines.Glyph()
        if sort.parts:
            glyph.numberOfContours, glyph.components = -1, []
        for number, right, up in sort.parts:
            part = outlines.GlyphComponent()
            part.glyphName, part.x, part.y, part.flags = names[numbers[number]], right, up, _IN_PLACE
            glyph.components.append(part)
        name = f"made{count}"
        table[name] = glyph
        metrics[name] = (sort.advance, 0)
        simple[sort] = len(names) + count
    font.setGlyphOrder([*names, *(f"made{count}" for count in range(len(made_up)))])
    kept = BytesIO()
    font.save(kept, reorderTables=None)
    return Subset(kept.getvalue(), False, simple)


_IN_PLACE = 0x2
"""A part's offsets are distances, not points to match."""
_LEFT_OUT = (
    *("GSUB", "GPOS", "GDEF", "BASE", "JSTF", "vhea", "vmtx", "VORG", "name", "OS/2"),
    *("cmap", "post", "DSIG", "STAT", "HVAR", "MVAR", "gasp", "meta"),
)
"""Tables that a viewer does not need to draw glyphs by their numbers."""


def _tag(name: str) -> int:
    return int.from_bytes(name.ljust(4).encode(), "big")


@dataclass(frozen=True, slots=True)
class Sort:
    """What one code of an embedded font draws: glyphs of the file with their offsets in its units.

    `advance` is None for a single glyph that moves as far as it does by itself. Without parts it draws nothing.
    """

    parts: tuple[tuple[int, int, int], ...]
    advance: int | None


@dataclass(frozen=True, slots=True)
class Subset:
    """A part of a font, ready to be embedded. `compact` is a bare CFF program, otherwise it is TrueType."""

    program: bytes
    compact: bool
    numbers: dict[Sort, int]


Face = StandardFace | LoadedFace


@lru_cache(maxsize=64)
def _loaded(file: FontFile) -> LoadedFace:
    return LoadedFace(file)
