"""Reading a paper: upright, lines, two readings of each, barcodes. Runs in the heavy child process."""

import re
from math import atan2, degrees
from typing import Any

import cv2
import numpy as np
import zxingcpp
from onnxruntime.capi.onnxruntime_pybind11_state import RuntimeException
from PIL import Image
from rapidocr import RapidOCR
from rapidocr.ch_ppocr_det import TextDetOutput

from frontdesk.adapters import ocr_local_pdf
from frontdesk.adapters.ocr_local_inspect import decode, judge_bytes
from frontdesk.adapters.ocr_local_limits import Limits
from frontdesk.adapters.ocr_local_lines import Text, first_reader, second_reader
from frontdesk.adapters.ocr_local_sniff import PDF
from frontdesk.ports.ocr import BandLine, Barcode, Line, Page

ENGINE = "PP-OCRv6+PP-OCRv5"
_LONGEST_SIDE = 3000
_DETECT_SIDE = 1600
_MAX_LINES = 250
_LEAST_SCORE = 0.4
_SURE_SCORE = 0.93
_SOME_TALL = 0.2
_LEVEL_WITHIN = 1.5
_ANOTHER_ANGLE = 1.0
_DOTS_PER_INCH = 200
_STRANGE = re.compile(r"[^A-Z0-9<]")


class PaperReader:
    """Both networks and the detector, loaded once."""

    def __init__(self, threads: int) -> None:
        self._detector = RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.max_side_len": _DETECT_SIDE,
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )
        self._first = first_reader(threads)
        self._second = second_reader(threads)

    def read(self, content: bytes, mime_type: str, limits: Limits, max_pages: int) -> tuple[int, list[Page]]:
        """Number of pages of the file, and the first of them read."""
        try:
            return self._read(content, judge_bytes(content, mime_type, limits), limits, max_pages)
        except RuntimeException as error:
            if "bad_alloc" in str(error):
                raise MemoryError from error
            raise
        except cv2.error as error:
            if error.code == cv2.Error.StsNoMem:
                raise MemoryError from error
            raise

    def _read(self, content: bytes, kind: str, limits: Limits, max_pages: int) -> tuple[int, list[Page]]:
        if kind == PDF:
            ocr_local_pdf.inspect(content, limits.max_pages, limits.max_pixels)
            drawn = ocr_local_pdf.draw(
                content,
                range(max_pages),
                dots_per_inch=_DOTS_PER_INCH,
                max_pixels=_LONGEST_SIDE * _LONGEST_SIDE,
            )
            pages = [self._read_page(number, as_array(picture)) for number, picture in drawn]
            return ocr_local_pdf.count(content), pages
        return 1, [self._read_page(1, as_array(decode(content, kind, limits)))]

    def _read_page(self, number: int, image: Any) -> Page:
        image, quads, turned = self._upright(image)
        page = self._read_lines(number, image, quads, turned)
        # A page may have text both ways, as when a card was laid sideways on a form: the zone decides then.
        share = _tall_share(quads) if len(quads) else 0.0
        if any(_is_tall(line.quad) for line in page.band) or (not page.band and share > _SOME_TALL):
            for quarter, degrees_ in ((cv2.ROTATE_90_COUNTERCLOCKWISE, 270), (cv2.ROTATE_90_CLOCKWISE, 90)):
                other = cv2.rotate(image, quarter)
                again = self._read_lines(number, other, self._detect(other), (turned + degrees_) % 360)
                if any(not _is_tall(line.quad) for line in again.band):
                    return again
        return page

    def _read_lines(self, number: int, image: Any, quads: Any, turned: float) -> Page:
        quads = quads[:_MAX_LINES]
        crops = [cut(image, quad) for quad in quads]
        first = self._first.read(crops)
        kept = [i for i, text in enumerate(first) if text.score >= _LEAST_SCORE and text.text.strip()]
        second = self._second.read([crops[i] for i in kept])
        lines = tuple(_line(first[i], other, quads[i]) for i, other in zip(kept, second, strict=True))
        height, width = image.shape[:2]
        band = tuple(
            BandLine(first[i].band, other.band, _flat(quads[i]))
            for i, other in zip(kept, second, strict=True)
            if looks_like_band(first[i].text) or looks_like_band(other.text)
        )
        return Page(number, width, height, turned, lines, band, barcodes(image))

    def _upright(self, image: Any) -> tuple[Any, Any, float]:
        """The image with its lines level and readable, the lines' corners, and how far it was turned
        clockwise."""
        turned = 0.0
        quads = self._detect(image)
        if len(quads) and _tall_share(quads) > 0.5:
            image, turned = cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE), 90.0
            quads = self._detect(image)
        if len(quads) and self._is_upside_down(image, quads):
            image, turned = cv2.rotate(image, cv2.ROTATE_180), turned + 180.0
            quads = self._detect(image)
        slope = _slope(quads)
        if abs(slope) > _LEVEL_WITHIN:
            image, turned = turn(image, slope), turned - slope
            quads = self._detect(image)
        return image, quads, round(turned % 360, 1)

    def _detect(self, image: Any) -> Any:
        found = self._detector(image, use_det=True, use_cls=False, use_rec=False)
        if not isinstance(found, TextDetOutput) or found.boxes is None:
            return np.zeros((0, 4, 2), dtype=np.float32)
        return np.asarray(found.boxes, dtype=np.float32)

    def _is_upside_down(self, image: Any, quads: Any) -> bool:
        """The reader itself is surer of text that stands on its feet; the longest lines decide."""
        longest = sorted(quads, key=lambda quad: -float(np.linalg.norm(quad[1] - quad[0])))[:6]
        crops = [cut(image, quad) for quad in longest]
        as_is = self._first.read(crops)
        if sum(text.score for text in as_is) > _SURE_SCORE * len(as_is):
            return False
        flipped = self._first.read([cv2.rotate(crop, cv2.ROTATE_180) for crop in crops])
        return sum(_weight(text) for text in flipped) > sum(_weight(text) for text in as_is)


def cut(image: Any, quad: Any) -> Any:
    """The picture of one line, its corners pulled straight."""
    width = max(np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[3]))
    height = max(np.linalg.norm(quad[3] - quad[0]), np.linalg.norm(quad[2] - quad[1]))
    size = max(1, round(float(width))), max(1, round(float(height)))
    target = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), target)
    crop = cv2.warpPerspective(image, matrix, size, borderMode=cv2.BORDER_REPLICATE, flags=cv2.INTER_CUBIC)
    return cv2.rotate(crop, cv2.ROTATE_90_COUNTERCLOCKWISE) if size[1] >= 1.5 * size[0] else crop


def looks_like_band(text: str) -> bool:
    """A line of a zone, or a piece of one; readers may see a letter or sign that does not belong there."""
    squeezed = text.replace(" ", "").upper()
    strange, fillers = len(_STRANGE.findall(squeezed)), squeezed.count("<")
    if not 5 <= len(squeezed) <= 50 or strange > len(squeezed) * 0.1:
        return False
    digits = sum(letter.isdigit() for letter in squeezed)
    return (
        (len(squeezed) >= 20 and fillers >= 2) or (len(squeezed) >= 28 and digits >= 6) or fillers > 0.6 * len(squeezed)
    )


def _is_tall(quad: tuple[float, ...]) -> bool:
    return max(quad[5], quad[7]) - min(quad[1], quad[3]) > max(quad[2], quad[4]) - min(quad[0], quad[6])


def _line(first: Text, second: Text, quad: Any) -> Line:
    return Line(first.text.strip(), first.score, second.text.strip(), second.score, _flat(quad))


def _flat(quad: Any) -> tuple[float, ...]:
    return tuple(round(float(value), 1) for value in quad.reshape(-1))


def _weight(text: Text) -> float:
    return text.score * len(text.text)


def as_array(picture: Any) -> Any:
    """Blue, green, red, at most 3000 pixels long: enough for a band that is a third of a photo's width."""
    if "A" in picture.getbands() or "transparency" in picture.info:
        # What is see-through is paper, not the black that lies under it.
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture.convert("RGBA"))
    picture = picture.convert("RGB")
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    return np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])


def _tall_share(quads: Any) -> float:
    """How much of the text stands on its side, by length."""
    sides = (
        np.linalg.norm(quads[:, 1] - quads[:, 0], axis=1),
        np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1),
    )
    wide, tall = sides
    return float(tall[tall > 1.5 * wide].sum() / max(1.0, np.maximum(wide, tall).sum()))


def _slope(quads: Any) -> float:
    """Median slope of the longer lines in degrees, positive when they fall to the right."""
    if not len(quads):
        return 0.0
    edges = quads[:, 1] - quads[:, 0]
    lengths = np.linalg.norm(edges, axis=1)
    long = edges[lengths >= np.percentile(lengths, 60)]
    return float(np.median([degrees(atan2(float(y), float(x))) for x, y in long]))


def turn(image: Any, slope: float) -> Any:
    """Turn by `slope` degrees counter-clockwise on a sheet that is large enough to lose no corner."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), slope, 1.0)
    cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
    new_width, new_height = int(height * sine + width * cosine), int(height * cosine + width * sine)
    matrix[0, 2] += (new_width - width) / 2
    matrix[1, 2] += (new_height - height) / 2
    return cv2.warpAffine(
        image, matrix, (new_width, new_height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )


def barcodes(image: Any) -> tuple[Barcode, ...]:
    """On the upright page only: PDF417 is found when it lies level. At single angles, narrow and not the same on every
    processor, its scan lines fall between the rows of bars: another degree shows them."""
    return _barcodes_as_it_lies(image) or _barcodes_as_it_lies(turn(image, _ANOTHER_ANGLE))


def _barcodes_as_it_lies(image: Any) -> tuple[Barcode, ...]:
    # Plain: else line feeds and separators come spelled out in angle brackets.
    return tuple(
        Barcode(found.format.name.lower().replace("_", ""), found.text[:8192])
        for found in zxingcpp.read_barcodes(image, text_mode=zxingcpp.TextMode.Plain)
        if found.valid and found.text
    )
