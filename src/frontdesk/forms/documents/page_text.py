"""What is printed on a page: words in their places, and the lines that they make."""

import ctypes
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from frontdesk.forms.documents.frame import Box, Boxes, Frame

# Beyond this a page is no form, and would only cost time.
_MOST_CHARACTERS = 40_000
# In sizes of the print: a gap that parts words, and one that parts pieces of text on one line.
_WORD_GAP, _PIECE_GAP = 0.25, 1.1
_NO_WALLS: Boxes = np.zeros((0, 4))
BOX_SIGNS = frozenset(
    "\u25a1\u25a2\u2610\u2611\u2612\u274f\u2750\u2751\u2752\u25cb\u25ef\u274d\u2b1c\u25fb\u25fd\u3007"
)
# The same in the private letters of Wingdings.
BOX_SIGNS |= frozenset("\uf06f\uf071\uf072\uf0a8\uf0a3\uf0a1\uf0a6\uf06d\uf070")
"""Characters that are boxes or circles to tick."""


@dataclass(frozen=True, slots=True)
class Word:
    """One printed word; `size` is the height of its font's line in points, the box is on the page as it is shown."""

    text: str
    box: Box
    size: float


@dataclass(frozen=True, slots=True)
class TextLine:
    """A piece of text that stands on one line, without a wide gap in it."""

    text: str
    box: Box
    size: float = 0.0
    words: tuple[Word, ...] = ()


def words_of(page: pdfium.PdfPage, frame: Frame) -> tuple[Word, ...]:
    """The words of a page's text layer, in the order of the file. Text that runs upwards is left out."""
    text_page = raw.FPDFText_LoadPage(page.raw)
    if not text_page:
        return ()
    try:
        count = min(raw.FPDFText_CountChars(text_page), _MOST_CHARACTERS)
        codes, boxes = [0] * count, np.zeros((count, 4))
        place = raw.FS_RECTF()
        pointer = ctypes.byref(place)
        for index in range(count):
            code = raw.FPDFText_GetUnicode(text_page, index)
            if code > 32 and raw.FPDFText_GetLooseCharBox(text_page, index, pointer):
                codes[index] = code
                boxes[index] = (place.left, place.bottom, place.right, place.top)
    finally:
        raw.FPDFText_ClosePage(text_page)
    return tuple(_words(codes, frame.shown(boxes).tolist()) if count else ())


def upright(page: pdfium.PdfPage, frame: Frame) -> Frame:
    """The frame in which the page's text runs from left to right: some pages are shown or printed turned."""
    text_page = raw.FPDFText_LoadPage(page.raw)
    if not text_page:
        return frame
    try:
        count = raw.FPDFText_CountChars(text_page)
        step = max(1, count // 300)
        turns = [0, 0, 0, 0]
        for index in range(0, count, step):
            if raw.FPDFText_GetUnicode(text_page, index) > 32:
                angle = raw.FPDFText_GetCharAngle(text_page, index)
                if angle >= 0:
                    turns[round(angle / (np.pi / 2)) % 4] += 1
    finally:
        raw.FPDFText_ClosePage(text_page)
    most = int(np.argmax(turns))
    if sum(turns) < 20 or turns[most] < 0.6 * sum(turns):
        return frame
    return replace(frame, rotation=most * 90)


def _words(codes: list[int], boxes: list[list[float]]) -> Iterable[Word]:
    letters: list[str] = []
    run: list[list[float]] = []

    def ended() -> Iterable[Word]:
        if letters:
            box = (min(b[0] for b in run), min(b[1] for b in run), max(b[2] for b in run), max(b[3] for b in run))
            yield Word("".join(letters), box, max(b[3] - b[1] for b in run))
        letters.clear()
        run.clear()

    for code, box in zip(codes, boxes, strict=True):
        if code == 0 or box[3] - box[1] < 1:
            yield from ended()
            continue
        if run and _parts(run[-1], box, letters[-1], chr(code)):
            yield from ended()
        letters.append(_letter(code))
        run.append(box)
    yield from ended()


def _letter(code: int) -> str:
    # Lone halves of pairs come from broken fonts, and can be written to no file.
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)


def _parts(last: list[float], box: list[float], before: str, letter: str) -> bool:
    """Whether a new word begins: a gap, another line, or where a blank to write in begins or ends."""
    height = last[3] - last[1]
    gap = box[0] - last[2]
    if not -0.6 * height < gap < _WORD_GAP * height or abs(box[3] - last[3]) > 0.5 * height:
        return True
    return (before == "_") != (letter == "_") or before in BOX_SIGNS or letter in BOX_SIGNS


def lines_of(words: Iterable[Word], walls: Boxes = _NO_WALLS) -> tuple[TextLine, ...]:
    """The words as pieces of lines, in reading order. Underscores, which are blanks to write in, part them.

    So do vertical lines (`walls`: x, y0, y1, thickness): the heads of two columns are two texts.
    """
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda each: (_middle(each.box), each.box[0])):
        for row in reversed(rows[-12:]):
            if abs(_middle(row[0].box) - _middle(word.box)) < 0.35 * min(row[0].size, word.size):
                row.append(word)
                break
        else:
            rows.append([word])
    lines: list[TextLine] = []
    for row in rows:
        row.sort(key=lambda each: each.box[0])
        piece: list[Word] = []
        for word in row:
            blank = set(word.text) == {"_"}
            if piece and (blank or _far(piece[-1], word, walls)):
                lines.append(_line(piece))
                piece = []
            if not blank:
                piece.append(word)
        if piece:
            lines.append(_line(piece))
    return tuple(sorted(lines, key=lambda line: (line.box[1], line.box[0])))


def _far(last: Word, word: Word, walls: Boxes) -> bool:
    """Whether two words of a row belong to two pieces."""
    if word.box[0] - last.box[2] > _PIECE_GAP * min(word.size, last.size):
        return True
    y = _middle(word.box)
    between = (walls[:, 0] > last.box[2] - 1) & (walls[:, 0] < word.box[0] + 1)
    return bool((between & (walls[:, 1] < y) & (walls[:, 2] > y)).any())


def _middle(box: Box) -> float:
    return (box[1] + box[3]) / 2


def _line(words: list[Word]) -> TextLine:
    box = (
        words[0].box[0],
        min(word.box[1] for word in words),
        max(word.box[2] for word in words),
        max(word.box[3] for word in words),
    )
    return TextLine(" ".join(word.text for word in words), box, max(word.size for word in words), tuple(words))
