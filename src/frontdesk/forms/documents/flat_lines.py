"""Lines, edges of tints and small closed shapes in the picture of a page: the marks that paper gives its fields."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from frontdesk.forms.documents.frame import Boxes
from frontdesk.forms.documents.page_picture import Picture

Mask = NDArray[np.uint8]
# In points. What is thicker is a bar; what is shorter a dot or a serif.
_THICKEST, _SHORTEST_ACROSS, _SHORTEST_DOWN = 4.5, 5.0, 3.5
_DASH_GAP = 2.4
_SHAPE_LEAST, _SHAPE_MOST = 3.5, 24.0
# Steps of grey that part ink from paper, and a tint from what is around it.
_INK, _TINT = 26, 9


@dataclass(frozen=True, slots=True)
class Marks:
    """What was found, in points on the page as it is shown.

    `across` are horizontal lines as rows of x0, y, x1, thickness; `down` vertical ones as x, y0, y1, thickness. Edges
    of tints have the thickness 0. `shapes` are the insides of small closed shapes as boxes, and `roundness` how much of
    its box each one covers. `tint` is the page without lines, a quarter of a pixel in a point.
    """

    across: Boxes
    down: Boxes
    shapes: Boxes
    fullness: NDArray[np.float64]
    tint: Picture
    tint_scale: float

    def shade(self, box: tuple[float, float, float, float]) -> float:
        """How dark the page is within a box: 0 white, 1 black."""
        x0, y0, x1, y1 = (round(value * self.tint_scale) for value in box)
        part = self.tint[max(y0, 0) : max(y1, y0 + 1, 1), max(x0, 0) : max(x1, x0 + 1, 1)]
        return 1.0 - float(part.mean()) / 255.0 if part.size else 0.0


def marks_of(picture: Picture, scale: float) -> Marks:
    """The marks of a picture without text, `scale` pixels to a point."""
    thick = _odd(_THICKEST * scale)
    plain = np.asarray(cv2.morphologyEx(picture, cv2.MORPH_CLOSE, np.ones((thick, thick), np.uint8)), np.uint8)
    upright = cv2.morphologyEx(picture, cv2.MORPH_CLOSE, np.ones((thick, 1), np.uint8))
    level = cv2.morphologyEx(picture, cv2.MORPH_CLOSE, np.ones((1, thick), np.uint8))
    lying = (cv2.subtract(upright, picture) > _INK).astype(np.uint8)
    standing = (cv2.subtract(level, picture) > _INK).astype(np.uint8)
    ink = (cv2.subtract(plain, picture) > _INK).astype(np.uint8)
    across = _lines(lying, round(_SHORTEST_ACROSS * scale), round(_DASH_GAP * scale), scale)
    down = _lines(standing.T, round(_SHORTEST_DOWN * scale), round(_DASH_GAP * scale), scale)[:, [1, 0, 2, 3]]
    edges_across = _edges(plain, lying, scale)
    edges_down = _edges(plain.T, standing.T, scale)[:, [1, 0, 2, 3]]
    shapes, fullness = _shapes(ink, scale)
    tint_scale = scale / 4
    tint = cv2.resize(plain, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_NEAREST)
    return Marks(
        np.concatenate([across, edges_across]),
        np.concatenate([down, edges_down]),
        shapes,
        fullness,
        tint.astype(np.uint8),
        tint_scale,
    )


def _odd(value: float) -> int:
    return max(3, round(value) | 1)


def _lines(mask: Mask, shortest: int, gap: int, scale: float) -> Boxes:
    """Long runs of a mask as rows of start, middle, end, thickness. Small gaps, as of dashes, are bridged."""
    bridged = cv2.morphologyEx(np.ascontiguousarray(mask), cv2.MORPH_CLOSE, np.ones((1, gap | 1), np.uint8))
    kept = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, np.ones((1, shortest), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(kept, connectivity=8)
    if count < 2:
        return np.zeros((0, 4))
    rows = stats[1:].astype(np.float64)
    left, top, width, height, area = rows.T
    found = np.stack([left, top + height / 2, left + width, area / np.maximum(width, 1)], axis=1) / scale
    slim: Boxes = found[height <= _THICKEST * scale * 1.6]
    return slim


def _edges(plain: Picture, lines: Mask, scale: float) -> Boxes:
    """Where a tint begins or ends without a line: rows as of lines, without thickness."""
    plain = np.ascontiguousarray(plain).astype(np.int16)
    step = np.zeros(plain.shape, np.uint8)
    step[1:-1] = np.abs(plain[2:] - plain[:-2]) > _TINT
    if not step.any():
        return np.zeros((0, 4))
    near = np.asarray(cv2.dilate(np.ascontiguousarray(lines), np.ones((_odd(3 * scale), 1), np.uint8)), np.uint8)
    found = _lines(step * (1 - near), round(8 * scale), 1, scale)
    found[:, 3] = 0.0
    return found


def _shapes(ink: Mask, scale: float) -> tuple[Boxes, NDArray[np.float64]]:
    """The insides of closed shapes of about the size of a box to tick or of one letter."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(1 - ink, connectivity=4)
    rows = stats[1:count].astype(np.float64)
    left, top, width, height, area = rows.T
    least, most = _SHAPE_LEAST * scale, _SHAPE_MOST * scale
    full = area / (width * height)
    fits = (np.minimum(width, height) >= least) & (np.maximum(width, height) <= most) & (full > 0.6)
    boxes = np.stack([left, top, left + width, top + height], axis=1) / scale
    return boxes[fits], full[fits]
