"""PDFs as passages: their text page by page, and the values of their form fields under the fields' names."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from frontdesk.forms.documents.sources_limits import MOST_PAGES, UnreadableSource
from frontdesk.forms.documents.sources_text import pieces
from frontdesk.ports.interpreter import Passage

_FEWEST_LETTERS = 12
"""A page with fewer is a picture."""
_DEEPEST_FIELD = 12


def read(content: bytes, name: str) -> tuple[list[Passage], tuple[int, ...]]:
    """The passages, and the pages (from 0) that are pictures. Raises `UnreadableSource`."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "assword" in str(error):
            raise UnreadableSource(
                "encrypted", f"{name} needs a password; send a copy that opens without one"
            ) from error
        raise UnreadableSource("corrupt", f"{name} is damaged or incomplete; send a whole copy") from error
    try:
        if len(document) > MOST_PAGES:
            reason = f"{name} has {len(document)} pages; at most {MOST_PAGES} can be read"
            raise UnreadableSource("too_large", reason)
        texts = [_text(document, number) for number in range(len(document))]
    except pypdfium2.PdfiumError as error:
        raise UnreadableSource("corrupt", f"{name} is damaged or incomplete; send a whole copy") from error
    finally:
        document.close()
    found = list(_fields(content, name))
    for number, text in enumerate(texts):
        found += pieces(text, name, number)
    unread = tuple(number for number, text in enumerate(texts) if sum(map(str.isalnum, text)) < _FEWEST_LETTERS)
    return found, unread


def _text(document: Any, number: int) -> str:
    page = document[number]
    text_page = page.get_textpage()
    try:
        return str(text_page.get_text_bounded()).replace("\r\n", "\n")
    finally:
        text_page.close()
        page.close()


def _fields(content: bytes, name: str) -> Iterator[Passage]:
    """What somebody filled in: a form that was filled before is the best source there is."""
    import pikepdf

    try:
        with pikepdf.open(BytesIO(content)) as document:
            for number, page in enumerate(document.pages):
                for widget in page.get("/Annots", []):
                    key, value = _label(widget), _value(widget)
                    if key and value and widget.get("/Subtype") == "/Widget":
                        yield Passage(value, name, key, number)
    except (pikepdf.PdfError, TypeError, ValueError, AttributeError, KeyError, RuntimeError):
        # The text was read already; a broken form within it takes nothing from that.
        return


def _label(widget: Any) -> str:
    return _inherited(widget, "/TU") or _inherited(widget, "/T")


def _value(widget: Any) -> str:
    value = _inherited(widget, "/V")
    return "" if value in ("/Off", "Off") else "yes" if value.startswith("/") else value.strip()


def _inherited(widget: Any, key: str) -> str:
    for _ in range(_DEEPEST_FIELD):
        if key in widget:
            return str(widget[key])
        if "/Parent" not in widget:
            return ""
        widget = widget["/Parent"]
    return ""
