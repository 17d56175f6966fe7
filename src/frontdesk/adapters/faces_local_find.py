"""Finding and describing faces, in the child process of the sandbox."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy
import pypdfium2
from PIL import Image

from frontdesk.adapters import ocr_local_pdf
from frontdesk.adapters.faces_local_models import COMPARER, FINDER, Model
from frontdesk.adapters.faces_local_works import Broken, Refused
from frontdesk.adapters.ocr_local_inspect import decode, judge_bytes
from frontdesk.adapters.ocr_local_limits import Limits
from frontdesk.adapters.ocr_local_sniff import PDF
from frontdesk.ports.faces import Face
from frontdesk.ports.ocr import RefusedFile

LEAST_SCORE = 0.7
MOST_FACES = 16
_OVERLAP, _CANDIDATES = 0.3, 5000
_SIDES = (640, 1280)
"""Longest side, in pixels, at which faces are looked for: large ones first, and small ones when there was none."""
_KEPT_SIDE = 2000
"""Longest side, in pixels, of the picture that a face is cut out of."""
_DOTS_PER_INCH = 200
_QUARTERS = (Image.Transpose.ROTATE_270, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_90)
"""By one, two and three quarters clockwise; Pillow counts the other way round."""


def find(
    folder: str, content: bytes, mime_type: str, turned: float, limits: Limits
) -> tuple[Face, ...] | Refused | Broken:
    """The faces in a file of a stranger, after it was turned clockwise by the quarter turn nearest to `turned`."""
    try:
        finder, comparer = _finder(folder), _comparer(folder)
    except _NotPublished as error:
        return Broken(str(error))
    try:
        picture = _turned(_picture(content, mime_type, limits), turned)
    except RefusedFile as refusal:
        return Refused(refusal.code, refusal.reason)
    try:
        return _faces(picture, finder, comparer)
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise MemoryError from error
        raise


class _NotPublished(Exception):
    """A model's file is missing, or not the published one."""


@cache
def _finder(folder: str) -> Any:
    # One thread for each child: two people at once share the processors better than one face spread over them.
    cv2.setNumThreads(1)
    return cv2.FaceDetectorYN.create(_checked(folder, FINDER), "", (320, 320), LEAST_SCORE, _OVERLAP, _CANDIDATES)


@cache
def _comparer(folder: str) -> Any:
    return cv2.FaceRecognizerSF.create(_checked(folder, COMPARER), "")


def _checked(folder: str, model: Model) -> str:
    path = Path(folder) / model.name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _NotPublished(f"{model.name} cannot be read in {folder}") from error
    if hashlib.sha256(content).hexdigest() != model.sha256:
        raise _NotPublished(f"{model.name} in {folder} is not the published file")
    return str(path)


def _picture(content: bytes, mime_type: str, limits: Limits) -> Image.Image:
    kind = judge_bytes(content, mime_type, limits)
    if kind != PDF:
        return decode(content, kind, limits).convert("RGB")
    ocr_local_pdf.inspect(content, limits.max_pages, limits.max_pixels)
    try:
        pages = ocr_local_pdf.draw(content, range(1), dots_per_inch=_DOTS_PER_INCH, max_pixels=_KEPT_SIDE * _KEPT_SIDE)
        return next(pages)[1]
    except (pypdfium2.PdfiumError, StopIteration) as error:
        raise RefusedFile("unreadable", "This PDF is damaged. Please make a new one.") from error


def _turned(picture: Image.Image, degrees: float) -> Image.Image:
    quarter = round(degrees / 90) % 4
    return picture if quarter == 0 else picture.transpose(_QUARTERS[quarter - 1])


def _faces(picture: Image.Image, finder: Any, comparer: Any) -> tuple[Face, ...]:
    kept = _shrunk(picture, _KEPT_SIDE)
    pixels = numpy.ascontiguousarray(numpy.asarray(kept)[:, :, ::-1])
    rows = _rows(kept, finder)
    back = picture.width / kept.width
    return tuple(_face(row, comparer.feature(comparer.alignCrop(pixels, row)), back) for row in rows[:MOST_FACES])


def _rows(picture: Image.Image, finder: Any) -> list[Any]:
    """The finder's lines, in pixels of `picture`, the largest face first."""
    longest = max(picture.size)
    for side in _SIDES:
        seen = _shrunk(picture, side)
        finder.setInputSize(seen.size)
        _, found = finder.detect(numpy.ascontiguousarray(numpy.asarray(seen)[:, :, ::-1]))
        if found is not None:
            found[:, :14] *= picture.width / seen.width
            return sorted(found, key=lambda row: float(row[2] * row[3]), reverse=True)
        if side >= longest:
            break
    return []


def _shrunk(picture: Image.Image, side: int) -> Image.Image:
    longest = max(picture.size)
    if longest <= side:
        return picture
    size = (max(1, picture.width * side // longest), max(1, picture.height * side // longest))
    return picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)


def _face(row: Any, feature: Any, back: float) -> Face:
    length = float(numpy.linalg.norm(feature)) or 1.0
    numbers = [float(value) * back for value in row[:14]]
    return Face(
        box=(numbers[0], numbers[1], numbers[2], numbers[3]),
        score=float(row[14]),
        landmarks=tuple(numbers[4:14]),
        embedding=tuple(float(value) / length for value in feature.reshape(-1)),
    )
