"""Judging and drawing PDF files, in the child processes."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
from PIL import Image

from frontdesk.adapters.ocr_local_sniff import PDF
from frontdesk.ports.ocr import Inspection, RefusedFile

_ACTIONS = {"/JavaScript", "/Launch", "/ImportData", "/Rendition", "/Movie", "/Sound", "/RichMediaExecute"}
_ACTIVE_KEYS = ("/JS", "/XFA", "/RichMediaContent", "/3DD")
_MAX_NODES = 500_000
_ACTIVE = "This PDF contains scripts or other active content. Please print it to a new PDF and send that."


def inspect(content: bytes, max_pages: int, max_pixels: int) -> Inspection:
    """Accept the document or raise `RefusedFile`; every page is drawn once, small."""
    try:
        with pikepdf.open(BytesIO(content)) as document:
            _judge(document, max_pages, max_pixels)
    except pikepdf.PasswordError as error:
        raise _encrypted() from error
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, IndexError) as error:
        raise _damaged(content) from error
    try:
        pages = [picture for _, picture in draw(content, range(max_pages), dots_per_inch=36, max_pixels=max_pixels)]
    except pypdfium2.PdfiumError as error:
        raise _damaged(content) from error
    return Inspection(PDF, len(pages), *pages[0].size)


def count(content: bytes) -> int:
    """Number of pages of an accepted document."""
    document = pypdfium2.PdfDocument(content)
    try:
        return len(document)
    finally:
        document.close()


def draw(content: bytes, numbers: range, *, dots_per_inch: int, max_pixels: int) -> Iterator[tuple[int, Image.Image]]:
    """Number (from 1) and picture of those pages that exist. A page of absurd size is drawn at a smaller
    scale."""
    document = pypdfium2.PdfDocument(content)
    try:
        for index in numbers:
            if index >= len(document):
                return
            page = document[index]
            width, height = page.get_size()
            scale = dots_per_inch / 72
            pixels = max(1.0, width * height) * scale * scale
            if pixels > max_pixels:
                scale *= (max_pixels / pixels) ** 0.5
            picture = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
            page.close()
            yield index + 1, picture
    finally:
        document.close()


def _judge(document: pikepdf.Pdf, max_pages: int, max_pixels: int) -> None:
    if document.is_encrypted:
        raise _encrypted()
    if len(document.pages) > max_pages:
        raise RefusedFile("too_many_pages", f"This PDF has more than {max_pages} pages. Please send fewer.")
    if len(document.pages) == 0:
        raise RefusedFile("unreadable", "This PDF has no pages.")
    left = [_MAX_NODES]
    for thing in document.objects:
        _judge_object(thing, left, max_pixels)


def _judge_object(thing: Any, left: list[int], max_pixels: int) -> None:
    """Walk what lies directly in one object; what it refers to comes by itself in the list of all objects."""
    todo = [thing]
    while todo:
        left[0] -= 1
        if left[0] < 0:
            raise RefusedFile("unreadable", "This PDF has far too many parts. Please print it to a new PDF.")
        here = todo.pop()
        if isinstance(here, pikepdf.Array):
            todo += [here[i] for i in range(len(here)) if not _is_reference(here[i])]
        elif isinstance(here, pikepdf.Dictionary | pikepdf.Stream):
            _judge_dictionary(here, max_pixels)
            todo += [value for _, value in here.items() if not _is_reference(value)]


def _judge_dictionary(entries: Any, max_pixels: int) -> None:
    action = entries.get("/S")
    if any(key in entries for key in _ACTIVE_KEYS) or (isinstance(action, pikepdf.Name) and str(action) in _ACTIONS):
        raise RefusedFile("active_content", _ACTIVE)
    if "/EF" in entries or "/EmbeddedFiles" in entries or entries.get("/Type") == pikepdf.Name.EmbeddedFile:
        raise RefusedFile("embedded_files", "This PDF contains other files. Please print it to a new PDF.")
    if entries.get("/Subtype") == pikepdf.Name.Image:
        width, height = entries.get("/Width", 0), entries.get("/Height", 0)
        if int(width) * int(height) > max_pixels:
            raise RefusedFile("too_many_pixels", "This PDF contains a picture with far too many pixels.")


def _is_reference(value: Any) -> bool:
    return isinstance(value, pikepdf.Object) and value.is_indirect


def _encrypted() -> RefusedFile:
    return RefusedFile("encrypted", "This PDF is protected. Please send it without password and restrictions.")


def _damaged(content: bytes) -> RefusedFile:
    if b"%%EOF" not in content[-2048:]:
        return RefusedFile("truncated", "This file was cut off. Please send it again.")
    return RefusedFile("unreadable", "This PDF is damaged. Please make a new one.")
