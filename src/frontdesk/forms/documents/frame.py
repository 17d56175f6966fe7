"""The frame of a page: from the PDF's own coordinates to the page as it is shown, and back."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pikepdf
from numpy.typing import NDArray

from frontdesk.forms.model.field import PageSize, Rect

Boxes = NDArray[np.float64]
"""Rows of x0, y0, x1, y1."""
Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in points on the page as it is shown: crop box and turn applied, origin upper left, y down."""
_LETTER = (0.0, 0.0, 612.0, 792.0)
# What no printer takes and no reader shows: such a box is a damaged one.
_LARGEST = 14_400.0


@dataclass(frozen=True, slots=True)
class Frame:
    """One page's boxes in the PDF's own coordinates, and its turn clockwise in degrees."""

    page: int
    media: Box
    crop: Box
    rotation: int

    @property
    def size(self) -> PageSize:
        """The size of the media box."""
        return PageSize(round(self.media[2] - self.media[0], 3), round(self.media[3] - self.media[1], 3), self.rotation)

    @property
    def width(self) -> float:
        """Of the page as it is shown, in points."""
        return self.crop[3] - self.crop[1] if self.rotation % 180 else self.crop[2] - self.crop[0]

    @property
    def height(self) -> float:
        """Of the page as it is shown, in points."""
        return self.crop[2] - self.crop[0] if self.rotation % 180 else self.crop[3] - self.crop[1]

    def shown(self, boxes: Boxes) -> Boxes:
        """Boxes in the PDF's coordinates, as they lie on the page that is shown."""
        x0, y0, x1, y1 = self.crop
        a, b = boxes[:, [0, 2]], boxes[:, [1, 3]]
        across, down = {
            0: (a - x0, y1 - b),
            90: (b - y0, a - x0),
            180: (x1 - a, b - y0),
            270: (y1 - b, x1 - a),
        }[self.rotation]
        return np.stack([across.min(1), down.min(1), across.max(1), down.max(1)], axis=1)

    def show(self, box: Box) -> Box:
        """One box, as it lies on the page that is shown."""
        x0, y0, x1, y1 = (float(value) for value in self.shown(np.array([box], dtype=np.float64))[0])
        return x0, y0, x1, y1

    def rect(self, box: Box) -> Rect:
        """A box of the page that is shown as the record has it: origin at the lower left of the media box."""
        x0, y0, x1, y1 = self.crop
        a, b, c, d = box
        left, low, right, high = {
            0: (x0 + a, y1 - d, x0 + c, y1 - b),
            90: (x0 + b, y0 + a, x0 + d, y0 + c),
            180: (x1 - c, y0 + b, x1 - a, y0 + d),
            270: (x1 - d, y1 - c, x1 - b, y1 - a),
        }[self.rotation]
        across, up = self.media[:2]
        return Rect(self.page, *(round(value, 2) for value in (left - across, low - up, right - left, high - low)))

    def box(self, rect: Rect) -> Box:
        """The other way round: a record's place as a box of the page that is shown."""
        x, y = rect.x + self.media[0], rect.y + self.media[1]
        return self.show((x, y, x + rect.w, y + rect.h))


def frame_of(page: pikepdf.Page, number: int) -> Frame:
    """The frame of a page; a box or a turn that makes no sense counts as not given."""
    media = _sound(page.obj, "/MediaBox") or _LETTER
    crop = _sound(page.obj, "/CropBox") or media
    cut = (max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3]))
    if cut[2] - cut[0] < 1 or cut[3] - cut[1] < 1:
        cut = media
    try:
        rotation = int(inherited(page.obj, "/Rotate", 0)) % 360
    except (TypeError, ValueError):
        rotation = 0
    return Frame(number, media, cut, rotation if rotation % 90 == 0 else 0)


def inherited(thing: object, key: str, otherwise: Any = None) -> Any:
    """A value of a page or a field, looked for upwards through its parents."""
    for _ in range(32):
        if not isinstance(thing, pikepdf.Dictionary):
            return otherwise
        if (value := thing.get(key)) is not None:
            return value
        thing = thing.get("/Parent")
    return otherwise


def numbers(value: object, count: int) -> tuple[float, ...] | None:
    """An array of that many finite numbers, or None."""
    if not isinstance(value, pikepdf.Array) or len(value) != count:
        return None
    try:
        found = tuple(float(each) for each in value)
    except (TypeError, ValueError):
        return None
    return found if all(abs(each) < 1e7 for each in found) else None


def _sound(page: pikepdf.Object, key: str) -> Box | None:
    found = numbers(inherited(page, key), 4)
    if found is None:
        return None
    x0, x1 = sorted((found[0], found[2]))
    y0, y1 = sorted((found[1], found[3]))
    return (x0, y0, x1, y1) if 1 <= x1 - x0 <= _LARGEST and 1 <= y1 - y0 <= _LARGEST else None
