"""Documents without a form of their own: each page made into what the detector sees, and its fields found."""

from collections.abc import Callable, Mapping, Sequence

import pypdfium2 as pdfium

from frontdesk.forms.documents import scanned
from frontdesk.forms.documents.acroform import PrintedPage
from frontdesk.forms.documents.flat import detect
from frontdesk.forms.documents.flat_fields import Found, fields_of_page, numbered
from frontdesk.forms.documents.flat_lines import marks_of
from frontdesk.forms.documents.flat_page import FlatPage, flat_page
from frontdesk.forms.documents.frame import Box, Frame
from frontdesk.forms.documents.page_picture import line_art
from frontdesk.forms.documents.page_text import TextLine, Word, lines_of, upright, words_of
from frontdesk.forms.documents.ranking import Trees, forests
from frontdesk.forms.model.field import Field, SourceKind

# A page with fewer words beside a picture that covers it was scanned and not recognised.
_FEW_WORDS = 12


def fields_of(
    document: pdfium.PdfDocument,
    frames: Sequence[Frame],
    texts: Mapping[int, Sequence[TextLine]],
    trees: Mapping[str, Trees] | None = None,
) -> tuple[tuple[Field, ...], SourceKind, tuple[int, ...]]:
    """The fields of a flat or scanned document, which of the two it is, and the pages whose text nobody knows.

    `trees` are other forests than the ones that are shipped: for judging what has not seen a form.
    """
    pages: list[FlatPage] = []
    ways: list[Callable[[Box], Box] | None] = []
    unread = []
    read = [
        frame if scanned.is_picture(document[frame.page], frame) else upright(document[frame.page], frame)
        for frame in frames
    ]
    for frame, given in zip(read, frames, strict=True):
        page, way, silent = page_of(document, frame, texts.get(frame.page, ()), given.rotation)
        pages.append(page)
        ways.append(way)
        if silent:
            unread.append(frame.page)
    found: list[Found] = []
    for page, frame, way, detections in zip(pages, read, ways, detect(pages, trees or forests()), strict=True):
        found += fields_of_page(page, frame, detections, way, labelled=frame.page not in unread)
    pictures = sum(way is not None for way in ways)
    source: SourceKind = "scanned" if 2 * pictures > len(ways) else "flat"
    return numbered(found), source, tuple(unread)


def page_of(
    document: pdfium.PdfDocument, frame: Frame, texts: Sequence[TextLine], shown: int = 0
) -> tuple[FlatPage, Callable[[Box], Box] | None, bool]:
    """A page as the detector sees it; the way back to the sheet if it was a picture; whether its text is unknown.

    The frame is one in which the text is upright; the page is `shown` turned by so many degrees.
    """
    held = document[frame.page]
    words = words_of(held, frame)
    size = (frame.width, frame.height)
    if not scanned.is_picture(held, frame):
        marks = marks_of(*line_art(held, (frame.rotation - shown) % 360))
        return flat_page(frame.page, size, words, lines_of(words, marks.down), marks), None, False
    level = scanned.levelled(held, frame)
    known: tuple[Word, ...] = ()
    if len(words) >= _FEW_WORDS:
        known = tuple(Word(word.text, level.from_sheet(word.box), word.size) for word in words)
    elif texts:
        known = scanned.words_from(texts, level)
    pieces = lines_of(known or level.blobs, level.marks.down)
    page = flat_page(frame.page, size, level.blobs, pieces, level.marks)
    return page, level.to_sheet, not known


def printed_page(document: pdfium.PdfDocument, frame: Frame, shown: int) -> PrintedPage:
    """What is printed around the widgets of a page, in a frame in which its text is upright."""
    held = document[frame.page]
    words = words_of(held, frame)
    marks = marks_of(*line_art(held, (frame.rotation - shown) % 360))
    return PrintedPage(lines_of(words, marks.down), marks.down, marks.across)
