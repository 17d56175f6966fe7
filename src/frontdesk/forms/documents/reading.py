"""Reading a form: bytes of a PDF in, its layout out. The same bytes give the same layout."""

import re
from collections.abc import Mapping, Sequence

import pypdfium2 as pdfium

from frontdesk.forms.documents import acroform, xfa
from frontdesk.forms.documents.acroform_widgets import frames_of, is_signed, text_of, widgets_of
from frontdesk.forms.documents.frame import Frame
from frontdesk.forms.documents.opening import MOST_PAGES, UnreadablePdf, open_pdf
from frontdesk.forms.documents.page_text import TextLine, lines_of, words_of
from frontdesk.forms.model.field import Layout

__all__ = ["MOST_PAGES", "TextLine", "UnreadablePdf", "read"]

SIGNED = "the document is signed; filling it breaks the signature, which is then removed"
OWNER_LOCKED = "the document's owner restricted what may be done with it; it is filled all the same"
XFA_DROPPED = "the document also carries an XFA form, which is removed when it is filled"


_NO_TITLE = re.compile(r"^(?:untitled|microsoft word|print|layout)\b.*$|\.\w{2,5}$|^[\w-]*\d{4,}[\w-]*$", re.IGNORECASE)


def read(pdf: bytes, texts: Mapping[int, Sequence[TextLine]] | None = None, *, most_pages: int = MOST_PAGES) -> Layout:
    """The layout of a form. Raises `UnreadablePdf`.

    `texts` are recognised lines of pages that are pictures: page from 0, boxes in points on the page as it is shown,
    origin upper left. `Layout.unread` names the pages that need them.
    """
    with open_pdf(pdf, most_pages) as document:
        frames = frames_of(document)
        widgets = widgets_of(document, frames)
        spoken = xfa.labels_of(document) if widgets else {}
        warnings = []
        if is_signed(document):
            warnings.append(SIGNED)
        if document.is_encrypted and not document.allow.modify_form:
            warnings.append(OWNER_LOCKED)
        if xfa.has_template(document):
            warnings.append(XFA_DROPPED)
        title = _title(text_of(document.docinfo.get("/Title")))
    printed = _printed(pdf, frames, {widget.page for widget in widgets})
    fields = acroform.fields_of(widgets, frames, spoken, printed)
    return Layout(
        source_kind="acroform",
        title=title,
        pages=tuple(frame.size for frame in frames),
        fields=fields,
        warnings=tuple(warnings),
    )


def _title(text: str) -> str | None:
    """The document's own title, unless it is the name of a file or of a program's nothing."""
    told = " ".join(text.split())
    return None if len(told) < 4 or _NO_TITLE.search(told) else told[:200]


def _printed(pdf: bytes, frames: Sequence[Frame], pages: set[int]) -> dict[int, tuple[TextLine, ...]]:
    document = pdfium.PdfDocument(pdf)
    try:
        return {number: lines_of(words_of(document[number], frames[number])) for number in sorted(pages)}
    finally:
        document.close()
