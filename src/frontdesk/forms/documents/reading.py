"""Reading a form: bytes of a PDF in, its layout out. The same bytes give the same layout."""

import re
from collections.abc import Mapping, Sequence

import pikepdf
import pypdfium2 as pdfium

from frontdesk.forms.documents import acroform, xfa
from frontdesk.forms.documents.acroform_widgets import Widget, frames_of, is_signed, text_of, widgets_of
from frontdesk.forms.documents.frame import Frame
from frontdesk.forms.documents.opening import DAMAGED, MOST_PAGES, UnreadablePdf, open_pdf
from frontdesk.forms.documents.page_text import TextLine, lines_of, upright, words_of
from frontdesk.forms.model.field import Field, Layout, SourceKind

__all__ = ["MOST_PAGES", "TextLine", "UnreadablePdf", "read"]

SIGNED = "the document is signed; filling it breaks the signature, which is then removed"
OWNER_LOCKED = "the document's owner restricted what may be done with it; it is filled all the same"
XFA_DROPPED = "the document also carries an XFA form, which is removed when it is filled"
UNREAD = "some pages are pictures without text; their fields are labelled by their places"
_NO_TITLE = re.compile(
    r"^(?:untitled|microsoft word|print|layout)\b|\.\w{2,5}$|^[\w-]*\d{4,}[\w-]*$|^form$", re.IGNORECASE
)


def read(pdf: bytes, texts: Mapping[int, Sequence[TextLine]] | None = None, *, most_pages: int = MOST_PAGES) -> Layout:
    """The layout of a form. Raises `UnreadablePdf`.

    `texts` are recognised lines of pages that are pictures: page from 0, boxes in points on the page as it is shown,
    origin upper left. `Layout.unread` names the pages that need them.
    """
    try:
        return _read(pdf, texts or {}, most_pages)
    except (pikepdf.PdfError, pdfium.PdfiumError) as error:
        # Damage may show only where the damaged part is looked at.
        raise UnreadablePdf("pdf_corrupt", DAMAGED) from error


def _read(pdf: bytes, texts: Mapping[int, Sequence[TextLine]], most_pages: int) -> Layout:
    with open_pdf(pdf, most_pages) as document:
        frames = frames_of(document)
        read_as = _read_frames(pdf, frames)
        widgets = widgets_of(document, read_as)
        spoken = xfa.labels_of(document) if widgets else {}
        warnings = []
        if is_signed(document):
            warnings.append(SIGNED)
        if document.is_encrypted and not document.allow.modify_form:
            warnings.append(OWNER_LOCKED)
        template = xfa.has_template(document)
        if template:
            warnings.append(XFA_DROPPED)
        title = _title(text_of(document.docinfo.get("/Title")))
    opened = pdfium.PdfDocument(pdf)
    try:
        source: SourceKind = "xfa" if template else "acroform"
        fields = _fillable(opened, read_as, frames, widgets, spoken)
        unread: tuple[int, ...] = ()
        if not fields:
            fields, source, unread = _flat(opened, frames, texts)
        title = title or _largest_print(opened, frames)
    finally:
        opened.close()
    if unread:
        warnings.append(UNREAD)
    return Layout(source, title, tuple(frame.size for frame in frames), fields, tuple(warnings), unread)


def _read_frames(pdf: bytes, frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """The frames in which the pages are read: those that are shown turned may be printed upright."""
    if not any(frame.rotation for frame in frames):
        return frames
    opened = pdfium.PdfDocument(pdf)
    try:
        return tuple(upright(opened[frame.page], frame) if frame.rotation else frame for frame in frames)
    finally:
        opened.close()


def _fillable(
    document: pdfium.PdfDocument,
    frames: Sequence[Frame],
    shown: Sequence[Frame],
    widgets: Sequence[Widget],
    spoken: Mapping[str, str],
) -> tuple[Field, ...]:
    if not any(widget.live for widget in widgets):
        return ()
    pages = acroform.unlabelled_pages(widgets, spoken)
    if not pages:
        return acroform.fields_of(widgets, frames, spoken, {})
    from frontdesk.forms.documents.flat_pages import printed_page  # loads OpenCV, which most fillable forms do not need

    printed = {number: printed_page(document, frames[number], shown[number].rotation) for number in sorted(pages)}
    return acroform.fields_of(widgets, frames, spoken, printed)


def _flat(
    document: pdfium.PdfDocument, frames: Sequence[Frame], texts: Mapping[int, Sequence[TextLine]]
) -> tuple[tuple[Field, ...], SourceKind, tuple[int, ...]]:
    from frontdesk.forms.documents.flat_pages import fields_of

    return fields_of(document, frames, texts)


def _title(text: str) -> str | None:
    """The document's own title, unless it is the name of a file or of a program's nothing."""
    told = " ".join(text.split())
    return None if len(told) < 4 or _NO_TITLE.search(told) else told[:200]


def _largest_print(document: pdfium.PdfDocument, frames: Sequence[Frame]) -> str | None:
    """The largest text in the upper half of page one, if it is larger than the rest."""
    frame = frames[0]
    lines = [line for line in lines_of(words_of(document[0], frame)) if len(line.text) > 3 and line.size < 40]
    upper = [line for line in lines if line.box[3] < frame.height / 2 and re.search(r"[^\W\d_]{3}", line.text)]
    if not upper:
        return None
    size = max(line.size for line in upper)
    first = next(line for line in upper if line.size > 0.97 * size)
    parts = [line for line in upper if line.size > 0.97 * size and 0 <= line.box[1] - first.box[1] < 2.6 * size]
    return " ".join(line.text for line in parts)[:200]
