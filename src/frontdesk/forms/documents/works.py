"""What is run in the sandbox: the documents' functions by name, with their refusals as the rest of the kind has them.

Nothing heavy is imported until a work is done, and that happens in the child.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from frontdesk.forms.documents import sources
from frontdesk.forms.documents.sources import Read
from frontdesk.forms.documents.sources_limits import UnreadableSource
from frontdesk.forms.model.field import Field, Layout, PageSize, Value
from frontdesk.forms.rules import refusals
from frontdesk.forms.rules.refusals import Refusal
from frontdesk.ports.ocr import Page

_REFUSALS: dict[str, type[Refusal]] = {
    "unsupported_file": refusals.UnsupportedFile,
    "pdf_encrypted": refusals.PdfEncrypted,
    "pdf_corrupt": refusals.PdfCorrupt,
    "too_many_pages": refusals.TooManyPages,
}


@dataclass(frozen=True, slots=True)
class FilledPdf:
    """A filled PDF, and what had to be done to make the values fit."""

    pdf: bytes
    warnings: tuple[str, ...]


def look(pdf: bytes) -> int:
    """The number of pages; 0 for a form that opens but that no reader here can draw."""
    from frontdesk.forms.documents.opening import UnreadablePdf, open_pdf

    try:
        with open_pdf(pdf) as document:
            return len(document.pages)
    except UnreadablePdf as error:
        if error.code == "unsupported_file":
            return 0  # told by the detection, which says what can be done
        raise _refusal(error) from error


def read(pdf: bytes, recognised: Mapping[int, tuple[Page, PageSize]] | None = None) -> Layout:
    """The layout of a form; for the pages that are pictures what was recognised on each, and its size."""
    from frontdesk.forms.documents import reading
    from frontdesk.forms.documents.recognised import lines_on

    texts = {number: lines_on(page, size) for number, (page, size) in (recognised or {}).items()}
    try:
        return reading.read(pdf, texts or None)
    except reading.UnreadablePdf as error:
        raise _refusal(error) from error


def fingerprint(pdf: bytes) -> bytes:
    """By what the same blank is known again, however it was saved."""
    from frontdesk.forms.documents import fingerprint
    from frontdesk.forms.documents.opening import UnreadablePdf

    try:
        return fingerprint.fingerprint(pdf)
    except UnreadablePdf as error:
        raise _refusal(error) from error


def with_values(pdf: bytes, layout: Layout) -> Layout:
    """The layout of the same blank with the values that this document holds."""
    from frontdesk.forms.documents import fingerprint
    from frontdesk.forms.documents.opening import UnreadablePdf

    try:
        return fingerprint.with_values(pdf, layout)
    except UnreadablePdf as error:
        raise _refusal(error) from error


def fill(pdf: bytes, fields: tuple[Field, ...], values: Mapping[int, Value], flatten: bool) -> FilledPdf:
    """The PDF with its values drawn."""
    from frontdesk.forms.documents import filling
    from frontdesk.forms.documents.opening import UnreadablePdf

    try:
        filled = filling.fill(pdf, fields, values, flatten=flatten)
    except UnreadablePdf as error:
        raise _refusal(error) from error
    return FilledPdf(filled.pdf, tuple(warning.text for warning in filled.warnings))


def overflowing(pdf: bytes, layout: Layout) -> tuple[int, ...]:
    """The numbers of the fields whose text is longer than its place, as it would be drawn there."""
    from frontdesk.forms.documents import filling
    from frontdesk.forms.documents.opening import UnreadablePdf

    texts = [field for field in layout.fields if field.kind == "text" and isinstance(field.value, str)]
    try:
        filled = filling.fill(pdf, tuple(texts), {field.number: field.value for field in texts})
    except UnreadablePdf as error:
        raise _refusal(error) from error
    return tuple({warning.field for warning in filled.warnings if warning.code == "cut" and warning.field is not None})


def fillable(pdf: bytes, fields: tuple[Field, ...]) -> bytes:
    """The PDF with real form fields."""
    from frontdesk.forms.documents import filling
    from frontdesk.forms.documents.opening import UnreadablePdf

    try:
        return filling.fillable(pdf, fields)
    except UnreadablePdf as error:
        raise _refusal(error) from error


def picture(pdf: bytes, page: int, width: int) -> bytes:
    """A page as PNG."""
    from frontdesk.forms.documents import pictures
    from frontdesk.forms.documents.opening import UnreadablePdf

    try:
        return pictures.picture(pdf, page, width)
    except UnreadablePdf as error:
        raise _refusal(error) from error


def said(content: bytes, name: str, mime_type: str) -> Read:
    """What supporting material says. Raises `UnsupportedFile` with a sentence about the file."""
    try:
        return sources.read(content, name, mime_type)
    except UnreadableSource as error:
        raise refusals.UnsupportedFile(str(error)) from error


def _refusal(error: Any) -> Refusal:
    return _REFUSALS.get(error.code, refusals.PdfCorrupt)(error.message)
