"""The picture of a page without its text: what is left are the lines, boxes and tints that make fields."""

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""Rows of grey pixels, 255 is white."""
SCALE = 3.0
"""Pixels in a point. Hairlines of a quarter of a point still darken a pixel enough."""
_DEEPEST = 6
# Pages larger than a sheet of A2 are drawn smaller, so that no page costs more than a few pages do.
_MOST_PIXELS = 16_000_000


def line_art(page: pdfium.PdfPage, turn: int = 0) -> tuple[Picture, float]:
    """The page without text and pictures, and how many pixels a point is wide.

    It is drawn as it is shown, turned clockwise by so many degrees more.
    """
    _hide(page.raw, 0)
    return drawn(page, turn=turn)


def drawn(page: pdfium.PdfPage, scale: float = SCALE, turn: int = 0) -> tuple[Picture, float]:
    """The same with all that is on it."""
    width, height = page.get_size()
    scale = min(scale, (_MOST_PIXELS / max(width * height, 1.0)) ** 0.5)
    bitmap = page.render(scale=scale, rotation=turn, grayscale=True, draw_annots=False)
    try:
        return np.array(bitmap.to_numpy(), dtype=np.uint8).reshape(bitmap.height, bitmap.width), scale
    finally:
        bitmap.close()


def _hide(holder: object, depth: int) -> None:
    """Switch off text and pictures, also within form objects."""
    counting, getting = (
        (raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject)
        if depth == 0
        else (raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject)
    )
    for index in range(counting(holder)):
        thing = getting(holder, index)
        kind = raw.FPDFPageObj_GetType(thing)
        if kind in (raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_IMAGE):
            raw.FPDFPageObj_SetIsActive(thing, False)
        elif kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
            _hide(thing, depth + 1)
