"""Sets text into a box: how large it is written, where its lines break, what has to give when it does not fit."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice, pairwise

from frontdesk.forms.documents.fonts_faces import StandardFace
from frontdesk.forms.documents.shaping import Line, Shaper, graphemes
from frontdesk.forms.documents.shaping_directions import is_rtl

LEAST_SIZE = 6.0
"""Text is not made smaller than this to fit; then it is wrapped, then cut."""
_LARGEST_AUTO_SIZE = 12.0
_STEP = 0.5
_CAPITALS = 0.72
"""How high capitals are, in ems."""
_TINIEST = 4.0
_NARROWEST = 0.2
"""No text is narrower than this for each of its characters, in ems."""
_LEADING = 1.16
_CJK = re.compile("([\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef])")
_SPACED = re.compile(r"\S+\s*|\s+")
_HYPHENED = re.compile(r"[^-]*-+(?=\w)|[^-]+|-+")

LEFT, CENTRE, RIGHT = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Box:
    """Where text goes: the inner width and height in points, and how it is to be written there.

    `size` 0 asks for the size that fits. `cells` is the number of equal cells of a comb, each for one character.
    `padding` stays free at the sides, `foot` under the text.
    """

    width: float
    height: float
    standard: StandardFace
    size: float = 0.0
    quadding: int = LEFT
    multiline: bool = False
    cells: int = 0
    padding: float = 2.0
    foot: float = 0.0

    @property
    def room(self) -> float:
        """Points between the paddings."""
        return max(self.width - 2 * self.padding, 1.0)


@dataclass(frozen=True, slots=True)
class Placed:
    """A line with the place of its base line's left end, from the lower left of the box."""

    x: float
    y: float
    line: Line


@dataclass(frozen=True, slots=True)
class Setting:
    """Text in its place. `shrunk` and `cut` say what had to give; `whole` is the text that the lines make together
    when its characters stand apart."""

    lines: tuple[Placed, ...]
    size: float
    shrunk: bool = False
    cut: bool = False
    whole: str | None = None


def set_text(text: str, box: Box, shaper: Shaper) -> Setting:
    """Set `text` into `box`."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip("\n")
    if box.cells:
        return _comb(" ".join(text.split("\n")), box, shaper)
    shown = text[: _most_characters(box)]
    if box.multiline:
        setting = _paragraphs(shown, box, shaper, box.size or _LARGEST_AUTO_SIZE)
    else:
        setting = _single(" ".join(shown.split("\n")), box, shaper)
    return setting if shown == text else replace(setting, cut=True)


def _most_characters(box: Box) -> int:
    """More than a place can ever show: what is longer need not be shaped to know that it does not fit."""
    least = min(LEAST_SIZE, box.size or LEAST_SIZE, _TINIEST)
    return 100 + int(box.room / (least * _NARROWEST)) * (1 + int(box.height / least))


def _single(text: str, box: Box, shaper: Shaper) -> Setting:
    line = shaper.line(text, box.standard)
    # A place that is too low even for capitals of the least size is followed down a little.
    least = min(LEAST_SIZE, max(box.height / _CAPITALS, _TINIEST))
    fitting = max(least, min(_LARGEST_AUTO_SIZE, box.height / ((line.above + line.below) * 1.1)))
    wished = box.size or fitting
    size = min(wished, fitting)
    if line.width * size > box.room:
        least = min(size, least)
        narrow = box.room / line.width
        if narrow < least:
            wrapped = _paragraphs(text, box, shaper, least)
            if wrapped.cut and len(wrapped.lines) == 1:
                return _clipped(text, least, box, shaper)
            return Setting(wrapped.lines, wrapped.size, True, wrapped.cut)
        size = narrow
    # A size that only follows the height of the box is no loss: nobody could have read more.
    shrunk = line.width * wished > box.room + 0.01 and size < wished
    return Setting((Placed(_left(line, size, box), _middle(line, size, box), line),), size, shrunk)


def _clipped(text: str, size: float, box: Box, shaper: Shaper) -> Setting:
    """As many characters as one line has room for."""
    characters = graphemes(text)
    measure = _Measure(shaper, box.standard)
    used, count = 0.0, 0
    while count < len(characters) and (used := used + measure(characters[count])) * size <= box.room:
        count += 1
    line = shaper.line("".join(characters[: max(count, 1)]), box.standard)
    return Setting((Placed(_left(line, size, box), _middle(line, size, box), line),), size, True, True)


def _middle(line: Line, size: float, box: Box) -> float:
    """The height of a base line that puts the line into the middle; if it is too low for that, its capitals."""
    if (line.above + line.below) * size > box.height:
        return max((box.height - _CAPITALS * size) / 2, 0.0)
    return (box.height - (line.above + line.below) * size) / 2 + line.below * size


def _comb(text: str, box: Box, shaper: Shaper) -> Setting:
    characters = graphemes(text)
    cut = len(characters) > box.cells
    characters = characters[: box.cells]
    cell = box.width / box.cells
    lines = [shaper.line(character, box.standard) for character in characters]
    widest = max((line.width for line in lines), default=1.0)
    tallest = max((line.above + line.below for line in lines), default=1.0)
    fitting = min(_LARGEST_AUTO_SIZE, box.height / (tallest * 1.05), cell / max(widest, 0.1))
    size = max(min(box.size or fitting, fitting), min(LEAST_SIZE, box.size or LEAST_SIZE))
    first = {CENTRE: (box.cells - len(lines)) // 2, RIGHT: box.cells - len(lines)}.get(box.quadding, 0)
    placed = []
    rtl = is_rtl(text)
    for count, line in enumerate(lines):
        place = box.cells - 1 - count if rtl else first + count
        x = place * cell + (cell - line.width * size) / 2
        placed.append(Placed(x, _middle(line, size, box), line))
    return Setting(tuple(placed), size, False, cut, "".join(characters))


def _paragraphs(text: str, box: Box, shaper: Shaper, wished: float) -> Setting:
    least = min(wished, LEAST_SIZE)
    measure = _Measure(shaper, box.standard)
    size = wished
    while True:
        lines = islice(_broken(text, box.room / size, measure), int(box.height / size) + 3)
        shaped = [shaper.line(part, box.standard, rtl=rtl) for part, rtl in lines]
        leading = _leading(shaped)
        widest = max((line.width for line in shaped), default=0.0)
        # A single character may be wider than its place.
        fits = _depth(shaped, leading) * size <= box.height + 0.5 and widest * size <= box.room + 0.01
        if fits or size <= least:
            break
        size = max(least, size - _STEP)
    cut = not fits
    if cut:
        shaped = _kept(shaped, leading, box.height / size)
    top = box.height
    if not box.multiline:
        top = (box.height + _depth(shaped, leading) * size) / 2
    placed = []
    for count, line in enumerate(shaped):
        y = box.foot + top - (shaped[0].above + count * leading) * size
        placed.append(Placed(_left(line, size, box), y, line))
    return Setting(tuple(placed), size, size < wished and bool(box.size), cut)


def _leading(lines: list[Line]) -> float:
    return max((line.above + line.below for line in lines), default=1.0) * _LEADING


def _depth(lines: list[Line], leading: float) -> float:
    return (len(lines) - 1) * leading + lines[0].above + lines[-1].below if lines else 0.0


def _kept(lines: list[Line], leading: float, room: float) -> list[Line]:
    """As many lines as there is room for, the first one always."""
    count = len(lines)
    while count > 1 and _depth(lines[:count], leading) > room:
        count -= 1
    return lines[:count]


def _left(line: Line, size: float, box: Box) -> float:
    # Text that is read from right to left begins at the right, where the form leaves it open.
    quadding = RIGHT if line.rtl and box.quadding == LEFT else box.quadding
    free = box.width - 2 * box.padding - line.width * size
    return box.padding + {CENTRE: free / 2, RIGHT: free}.get(quadding, 0.0)


@dataclass(slots=True)
class _Measure:
    """Widths in ems, each text measured once."""

    shaper: Shaper
    standard: StandardFace
    known: dict[str, float] | None = None

    def __call__(self, text: str) -> float:
        if self.known is None:
            self.known = {}
        width = self.known.get(text)
        if width is None:
            width = self.known[text] = self.shaper.line(text, self.standard).width
        return width


def _broken(text: str, room: float, measure: Callable[[str], float]) -> Iterator[tuple[str, bool]]:
    """Lines no wider than `room` ems, each with the direction of its paragraph."""
    for paragraph in text.split("\n"):
        rtl = is_rtl(paragraph)
        yield from ((line, rtl) for line in _wrapped(paragraph, room, measure))


def _wrapped(paragraph: str, room: float, measure: Callable[[str], float]) -> Iterator[str]:
    line, used = "", 0.0
    for part in _parts(paragraph):
        # Words are measured one by one: a line would be shaped anew for each of its words.
        if used + measure(part.rstrip()) <= room:
            line, used = line + part, used + measure(part)
            continue
        if line.strip():
            yield line.rstrip()
        line, used = "", 0.0
        if measure(part.rstrip()) <= room:
            line, used = part, measure(part)
            continue
        for character in graphemes(part):
            if line and used + measure(character) > room:
                yield line
                line, used = "", 0.0
            line, used = line + character, used + measure(character)
    yield line.rstrip()


def _parts(paragraph: str) -> Iterator[str]:
    """What may not be broken: words with the spaces behind them, single characters of scripts without spaces."""
    for word in _SPACED.findall(paragraph):
        pieces = [piece for piece in _CJK.split(word) if piece]
        for before, piece in pairwise(["", *pieces]):
            if _CJK.match(piece) or not before:
                yield from _HYPHENED.findall(piece)
            else:
                yield piece
