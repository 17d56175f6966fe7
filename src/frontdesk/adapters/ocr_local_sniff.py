"""What a file is by its bytes, and whether it is something else as well (a polyglot)."""

import re
import struct
from collections.abc import Iterator

from frontdesk.ports.ocr import RefusedFile

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
WEBP, HEIC = "image/webp", "image/heic"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MARKUP = re.compile(rb"<(?:!doctype\s+html|html|script|svg|iframe|body|\?php)[\s>]", re.IGNORECASE)
_END_OF_ZIP = b"PK\x05\x06"
_ARCHIVES = (b"PK\x03\x04", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x7fELF", b"MZ\x90\x00")
_BARE_MARKERS = {0x01, *range(0xD0, 0xD8)}
_STILL = (b"heic", b"heix")
"""Brands of a single picture in HEVC. Sequences (`hevc`, `msf1`) and other codecs (`avif`) are not taken."""
_BOX_NAME = re.compile(rb"[A-Za-z0-9]{4}")


def kind_of(content: bytes) -> str | None:
    """The MIME type that the first bytes prove, or None."""
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(PNG_SIGNATURE):
        return PNG
    # Readers accept a PDF header anywhere in the first KiB; that freedom is what polyglots live on, so it is
    # not given.
    if content.startswith(b"%PDF-"):
        return PDF
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if content[4:8] == b"ftyp" and _is_still(content):
        return HEIC
    return None


def refuse_other_formats(content: bytes, kind: str) -> None:
    """Raise `polyglot` when the same bytes also open as an archive, a page or another document."""
    if _ends_as_zip(content):
        raise _polyglot("an archive")
    if kind == PDF:
        if _MARKUP.search(content, 0, 1024):
            raise _polyglot("a web page")
        return
    if b"%PDF-" in content[:1024]:
        raise _polyglot("a PDF document")
    if _MARKUP.search(content):
        raise _polyglot("a web page")
    end = end_of_image(content, kind)
    tail = content[end:] if end is not None else b""
    if b"%PDF-" in tail:
        raise _polyglot("a PDF document")
    if any(mark in tail for mark in _ARCHIVES):
        raise _polyglot("an archive or a program")
    if kind == PNG and tail.strip(b"\0\r\n\t "):
        raise _polyglot("something behind the picture")


def end_of_image(content: bytes, kind: str) -> int | None:
    """Where the picture's own structure ends, or None when it never does: then it was cut off."""
    if kind == PNG:
        return _end_of_png(content)
    if kind == JPEG:
        return _end_of_jpeg(content)
    if kind == HEIC:
        return _end_of_heic(content)
    size = int.from_bytes(content[4:8], "little") + 8
    return size if size <= len(content) else None


def _end_of_png(content: bytes) -> int | None:
    at = len(PNG_SIGNATURE)
    while at + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        name = content[at + 4 : at + 8]
        at += 12 + length
        if name == b"IEND":
            return at if at <= len(content) else None
    return None


def _end_of_jpeg(content: bytes) -> int | None:
    """Phones append further pictures or a film behind the first one, so bytes after the end are no fault."""
    at = 2
    while at + 4 <= len(content):
        if content[at] != 0xFF:
            # Entropy-coded bytes: the next marker is an FF that is not followed by 00 (stuffing).
            at = content.find(b"\xff", at)
            if at < 0:
                return None
            continue
        marker = content[at + 1]
        if marker == 0xD9:
            return at + 2
        if marker == 0xFF:
            at += 1
        elif marker == 0x00 or marker in _BARE_MARKERS:
            at += 2
        else:
            at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return at + 2 if content[at : at + 2] == b"\xff\xd9" else None


def promised_pixels(content: bytes) -> int:
    """The most pixels that any size in a HEIC's properties names, in pixels; 0 when none does.

    The decoder believes the coded picture instead, and finds out late that the two differ.
    """
    meta = next((content[at:end] for name, at, end in _boxes(content) if name == b"meta"), b"")
    sizes = (struct.unpack_from(">II", meta, found.end() + 4) for found in re.finditer(rb"ispe", meta[:-12]))
    return max((width * height for width, height in sizes), default=0)


def _is_still(content: bytes) -> bool:
    brands = content[8 : min(int.from_bytes(content[:4], "big"), 256)]
    major, others = brands[:4], [brands[at : at + 4] for at in range(8, len(brands), 4)]
    return major in _STILL or (major == b"mif1" and any(brand in _STILL for brand in others))


def _end_of_heic(content: bytes) -> int | None:
    """Behind the last whole box. Cut off is what ends within one, or before the picture came."""
    at, seen = 0, set()
    for name, _, end in _boxes(content):
        if end > len(content):
            return None
        at = end
        seen.add(name)
    return at if {b"meta", b"mdat"} <= seen else None


def _boxes(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, beginning and end of each box at the top; the last one may end behind the file."""
    at = 0
    while at + 8 <= len(content) and _BOX_NAME.fullmatch(content, at + 4, at + 8):
        size = int.from_bytes(content[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(content[at + 8 : at + 16], "big")
        elif size == 0:
            size = len(content) - at
        if size < 8:
            return
        yield content[at + 4 : at + 8], at, at + size
        at += size


def _ends_as_zip(content: bytes) -> bool:
    """An archive is found from its end: a record whose comment reaches exactly to the last byte."""
    at = content.rfind(_END_OF_ZIP, max(0, len(content) - 65_557))
    if at < 0 or at + 22 > len(content):
        return False
    (comment,) = struct.unpack_from("<H", content, at + 20)
    return bool(at + 22 + comment <= len(content))


def _polyglot(what: str) -> RefusedFile:
    return RefusedFile("polyglot", f"This file is a picture or document and {what} at once. Please send a plain one.")
