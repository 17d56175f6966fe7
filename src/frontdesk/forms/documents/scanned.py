"""Pages that are pictures: made level and clean, with lines and print apart, they are read as flat ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from numpy.typing import NDArray

from frontdesk.forms.documents.flat_lines import Marks, marks_of
from frontdesk.forms.documents.frame import Box, Boxes, Frame
from frontdesk.forms.documents.page_picture import Picture, drawn
from frontdesk.forms.documents.page_text import TextLine, Word

SCALE = 2.5
_STEEPEST = 4.0
"""Degrees that a sheet may lie askew."""
_COVERED, _FEW_WORDS = 0.55, 12
_INK = 34
_LONG = 22.0
_Turn = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Level:
    """A scanned page made level: its marks and blobs of print, in points, and the way back to the sheet as it lay."""

    marks: Marks
    blobs: tuple[Word, ...]
    back: _Turn
    forth: _Turn

    def to_sheet(self, box: Box) -> Box:
        """A box of the level page on the page as it is shown: its middle moves, its size stays."""
        return _moved(box, self.back)

    def from_sheet(self, box: Box) -> Box:
        """The other way round."""
        return _moved(box, self.forth)


def _moved(box: Box, turn: _Turn) -> Box:
    x, y = turn @ np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2, 1.0])
    wide, high = (box[2] - box[0]) / 2, (box[3] - box[1]) / 2
    return float(x - wide), float(y - high), float(x + wide), float(y + high)


def is_picture(page: pdfium.PdfPage, frame: Frame) -> bool:
    """Whether pictures cover most of a page."""
    covered = 0.0
    for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = thing.get_bounds()
        covered += max(right - left, 0) * max(top - bottom, 0)
    return covered > _COVERED * frame.width * frame.height


def levelled(page: pdfium.PdfPage, frame: Frame) -> Level:
    """The page made level."""
    picture, scale = drawn(page, SCALE)
    clean = _cleaned(picture, scale)
    angle = _askew(clean)
    high, wide = clean.shape
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), angle, 1.0)
    if abs(angle) > 0.04:
        turned = cv2.warpAffine(clean, turn, (wide, high), flags=cv2.INTER_LINEAR, borderValue=(255,))
        clean = np.asarray(turned, np.uint8)
    plain, blobs, open_boxes = _parted(clean, scale)
    marks = marks_of(plain, scale)
    if len(open_boxes):
        shapes, fullness = np.concatenate([marks.shapes, open_boxes]), np.ones(len(open_boxes))
        marks = replace(marks, shapes=shapes, fullness=np.concatenate([marks.fullness, fullness]))
    points = turn.astype(np.float64).copy()
    points[:, 2] /= scale
    return Level(marks, blobs, np.asarray(cv2.invertAffineTransform(points), np.float64), points)


def _cleaned(picture: Picture, scale: float) -> Picture:
    """Dark ink on white: paper, shadows and speckles gone."""
    soft = cv2.GaussianBlur(picture, (0, 0), 0.25 * scale)
    paper = cv2.medianBlur(cv2.resize(soft, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA), 15)
    ground = cv2.resize(paper, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_LINEAR)
    depth = np.clip(cv2.subtract(ground, soft).astype(np.float32) * (255.0 / np.maximum(ground, 60)), 0, 255)
    inked = (depth > _INK).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(inked, connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] < (0.8 * scale) ** 2
    small[0] = False
    inked[small[labels]] = 0
    return np.where(inked > 0, 0, 255).astype(np.uint8)


def _askew(clean: Picture) -> float:
    """By how many degrees a picture must be turned to be level: where its rows differ most."""
    small = (cv2.resize(clean, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) < 200).astype(np.float32)
    ys, xs = np.nonzero(small)
    if len(ys) < 500:
        return 0.0
    if len(ys) > 60_000:
        keep = np.linspace(0, len(ys) - 1, 60_000).astype(np.intp)
        ys, xs = ys[keep], xs[keep]

    def sharpness(angle: float) -> float:
        rows = ys * np.cos(np.radians(angle)) - (xs - small.shape[1] / 2) * np.sin(np.radians(angle))
        counts = np.bincount(np.round(rows - rows.min()).astype(np.intp)).astype(np.float64)
        return float((counts**2).sum())

    best = 0.0
    for step, reach in ((0.4, _STEEPEST), (0.1, 0.4), (0.03, 0.09)):
        angles = best + np.arange(-reach, reach + step / 2, step)
        best = float(angles[int(np.argmax([sharpness(float(angle)) for angle in angles]))])
    return best


def _parted(clean: Picture, scale: float) -> tuple[Picture, tuple[Word, ...], Boxes]:
    """The picture without its print, the print as words, and small squares of which only two sides are dark."""
    ink = (clean < 128).astype(np.uint8)
    long = round(_LONG * scale)
    across = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, long), np.uint8))
    down = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((long, 1), np.uint8))
    lines = np.maximum(np.asarray(across, np.uint8), np.asarray(down, np.uint8))
    rest = ink * (1 - np.asarray(cv2.dilate(lines, np.ones((3, 3), np.uint8)), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(rest, connectivity=8)
    squares, half_open = _squares(np.asarray(labels, np.int32), np.asarray(stats[:count], np.float64) / scale, scale)
    rest[np.isin(labels, squares)] = 0
    joined = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((3, round(2.2 * scale) | 1), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    _, _, wide, high, _ = (stats[:count] / scale).T
    # A stroke that stands alone parts cells; a letter has neighbours.
    print_like = ~((wide < 2.6) & (high >= 6.0)) & (high < 40)
    print_like[0] = False
    plain = clean.copy()
    plain[cv2.dilate((print_like[labels] & (rest > 0)).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0] = 255
    plain[lines > 0] = 0
    found = []
    for left, top, width, height in (stats[:count, :4][print_like] / scale).tolist():
        if height >= 2.2 and width >= 1.2:
            size = max(height * 1.25, 7.0)
            box = (left, top - 1, left + width, top + height + 1)
            found.append(Word("x" * max(1, round(width / (0.5 * size))), box, size))
    return plain, tuple(sorted(found, key=lambda word: (word.box[1], word.box[0]))), half_open


def _squares(labels: NDArray[np.int32], stats: NDArray[np.float64], scale: float) -> tuple[list[int], Boxes]:
    """Components that are outlines of small squares; and the places of those whose outline is not closed."""
    left, top, wide, high, area = stats.T
    thin = area / scale < 0.5 * wide * high  # an area in pixels was divided as if it were a length
    fits = (wide > 7) & (high > 7) & (wide < 21) & (high < 21) & (np.abs(wide / np.maximum(high, 1) - 1) < 0.25) & thin
    numbers, half_open = [], []
    for number in np.flatnonzero(fits).tolist():
        if number == 0:
            continue
        x0, y0 = round(left[number] * scale), round(top[number] * scale)
        part = labels[y0 : y0 + round(high[number] * scale), x0 : x0 + round(wide[number] * scale)] == number
        edge = max(2, round(1.2 * scale))
        sides = (part[:edge].any(0), part[-edge:].any(0), part[:, :edge].any(1), part[:, -edge:].any(1))
        full = sum(float(side.mean()) > 0.85 for side in sides)
        inner = part[part.shape[0] // 4 : -part.shape[0] // 4, part.shape[1] // 4 : -part.shape[1] // 4]
        near = (np.abs(top + high / 2 - top[number] - high[number] / 2) < 5) & (high > 3)
        gap = np.maximum(left - left[number] - wide[number], left[number] - left - wide)
        if full < 2 or inner.mean() > 0.08 or (near & (gap < 2.2) & (gap > -2)).any():
            continue
        numbers.append(number)
        if full < 4:
            half_open.append((left[number], top[number], left[number] + wide[number], top[number] + high[number]))
    return numbers, np.array(half_open, dtype=np.float64).reshape(-1, 4)


def words_from(texts: Sequence[TextLine], level: Level) -> tuple[Word, ...]:
    """Recognised lines as words on the level page, each as wide as its letters are many."""
    found = []
    for line in texts:
        x0, y0, x1, y1 = level.from_sheet(line.box)
        total = max(len(line.text), 1)
        start = 0
        for part in line.text.split(" "):
            if part:
                left = x0 + (x1 - x0) * start / total
                right = x0 + (x1 - x0) * (start + len(part)) / total
                found.append(Word(part, (left, y0, right, y1), y1 - y0))
            start += len(part) + 1
    return tuple(found)
