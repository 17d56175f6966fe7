"""Judging a file: type by bytes, limits before decoding, then a full decode. Runs in a child process."""

import struct
import warnings
import zlib
from io import BytesIO

import pi_heif
from PIL import Image, ImageOps

from frontdesk.adapters import ocr_local_pdf
from frontdesk.adapters.ocr_local_limits import Limits, empty, too_large
from frontdesk.adapters.ocr_local_sniff import (
    HEIC,
    JPEG,
    PDF,
    PNG,
    WEBP,
    end_of_image,
    kind_of,
    promised_pixels,
    refuse_other_formats,
)
from frontdesk.ports.ocr import Inspection, RefusedFile

FORMATS = {JPEG: ("JPEG", "MPO"), PNG: ("PNG",), WEBP: ("WEBP",), HEIC: ("HEIF",)}
# What Pillow and libheif are documented or seen to raise on broken input.
DECODE_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    zlib.error,
    IndexError,
    KeyError,
    TypeError,
    RuntimeError,
)

# Our own limit is checked on the header, before anything is decoded; Pillow's would only warn.
Image.MAX_IMAGE_PIXELS = None
pi_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)


def inspect(content: bytes, mime_type: str, limits: Limits) -> Inspection:
    """Accept the file or raise `RefusedFile`."""
    kind = judge_bytes(content, mime_type, limits)
    if kind == PDF:
        return ocr_local_pdf.inspect(content, limits.max_pages, limits.max_pixels)
    picture = decode(content, kind, limits)
    return Inspection(kind, 1, picture.width, picture.height)


def judge_bytes(content: bytes, mime_type: str, limits: Limits) -> str:
    """The type, by bytes and equal to the declared one, of a file that is one thing only."""
    if not content:
        raise empty()
    if len(content) > limits.max_bytes:
        raise too_large(limits)
    kind = kind_of(content)
    if kind is None or kind not in limits.allowed:
        names = ", ".join(name.rpartition("/")[2].upper() for name in limits.allowed)
        raise RefusedFile("wrong_type", f"This is none of the accepted kinds of file: {names}.")
    if kind != mime_type.partition(";")[0].strip().lower():
        raise RefusedFile("wrong_type", f"This file was announced as something else than what it is ({kind}).")
    if kind != PDF and len(content) < limits.min_image_bytes:
        raise RefusedFile("too_small", "This picture is too small to show a document. Please take a new one.")
    refuse_other_formats(content, kind)
    return kind


def decode(content: bytes, kind: str, limits: Limits) -> Image.Image:
    """The whole picture, turned as its EXIF says."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of odd metadata, which is no reason to refuse
        try:
            if kind == HEIC and promised_pixels(content) > limits.max_pixels:
                raise _too_many_pixels(limits.max_pixels)
            picture: Image.Image = Image.open(BytesIO(content), formats=FORMATS[kind])
            refuse_too_many_pixels(picture.width, picture.height, limits.max_pixels)
            if picture.format != "MPO" and getattr(picture, "n_frames", 1) > 1:
                raise RefusedFile("too_many_pages", "This file holds more than one picture. Please send a still one.")
            picture.load()
            return ImageOps.exif_transpose(picture)
        except DECODE_ERRORS as error:
            if kind == HEIC and "Memory allocation" in str(error):
                raise MemoryError from error
            if end_of_image(content, kind) is None:
                raise RefusedFile("truncated", "This file was cut off. Please send it again.") from error
            raise RefusedFile("unreadable", "This picture is damaged. Please take a new one.") from error


def refuse_too_many_pixels(width: int, height: int, limit: int) -> None:
    """A header can promise any size, and the decoder would believe it."""
    if width * height > limit:
        raise _too_many_pixels(limit)


def _too_many_pixels(limit: int) -> RefusedFile:
    millions = limit // 1_000_000
    return RefusedFile(
        "too_many_pixels", f"This picture has more than {millions} million pixels. Please send a smaller one."
    )
