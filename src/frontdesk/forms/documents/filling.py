"""Filling a form in: values become visible in every viewer, and stay fillable or become part of the page."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO

import pikepdf
from pikepdf import String

from frontdesk.forms.documents import fonts as font_files
from frontdesk.forms.documents.fillable import add_widgets
from frontdesk.forms.documents.filled import Filled, FillWarning
from frontdesk.forms.documents.filling_boxes import lies_in
from frontdesk.forms.documents.filling_cleaning import cleaned
from frontdesk.forms.documents.filling_widgets import attach, form_of, widgets
from frontdesk.forms.documents.filling_work import Work
from frontdesk.forms.documents.flattening import flatten as drawn_into_pages
from frontdesk.forms.documents.fonts import Fonts
from frontdesk.forms.documents.opening import UnreadablePdf, open_pdf
from frontdesk.forms.documents.shaping import Shaper
from frontdesk.forms.model.field import Field, Value

_DAMAGE = (pikepdf.PdfError, ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
__all__ = ["FillWarning", "Filled", "UnreadablePdf", "fill", "fillable"]


def fill(
    pdf: bytes,
    fields: tuple[Field, ...],
    values: Mapping[int, Value],
    *,
    flatten: bool = False,
    fonts: Fonts | None = None,
) -> Filled:
    """The document with `values` (by field number) in its fields. None blanks a field; fields that are not named
    stay as they are. Detected fields (those without a name) get a place first. The same input gives the same bytes.

    The result has no XFA, no usage rights and no dead signature; each loss that somebody may miss is told. Raises
    `UnreadablePdf`, and `ValueError` for a number that is no field's.
    """
    known = {field.number for field in fields}
    if strange := sorted(set(values) - known):
        raise ValueError(f"no field has the number {strange[0]}")
    with _opened(pdf) as document:
        work = _begun(document, fields, fonts)
        for each in fields:
            if each.number in values:
                work.write(each, values[each.number])
        work.finish()
        if flatten:
            drawn_into_pages(document)
        return Filled(_saved(document), tuple(work.warnings))


def fillable(pdf: bytes, fields: tuple[Field, ...]) -> bytes:
    """The document with a real field in every place: detected ones are named after their id and say their label; a
    form's own keep their names. Raises `UnreadablePdf`."""
    with _opened(pdf) as document:
        work = _begun(document, fields, None)
        for each in fields:
            for widget in work.places(each):
                if "/TU" not in widget.field and each.label:
                    widget.field.TU = String(each.label)
        work.finish()
        return _saved(document)


def _begun(document: pikepdf.Pdf, fields: tuple[Field, ...], fonts: Fonts | None) -> Work:
    warnings = list(cleaned(document))
    form = form_of(document)
    found = widgets(document)
    nameless = [widget for widget in found if not widget.name]
    detected = [each for each in fields if not each.name and not any(lies_in(document, each, w) for w in nameless)]
    if detected:
        taken = {widget.name for widget in found}
        add_widgets(document, form, [each for each in detected if each.id not in taken])
        found = widgets(document)
    attach(document, form)
    language = str(document.Root.get("/Lang", ""))
    work = Work(document, form, found, Shaper(fonts or font_files.installed(), language), warnings)
    for widget in found:
        work.by_name.setdefault(widget.name, []).append(widget)
    return work


def _saved(document: pikepdf.Pdf) -> bytes:
    kept = BytesIO()
    # The identifier is made of the content, so that equal input gives equal output.
    document.save(kept, deterministic_id=True, encryption=False)
    return kept.getvalue()


@contextmanager
def _opened(pdf: bytes) -> Iterator[pikepdf.Pdf]:
    """The document; what breaks while it is changed is told as its damage, for our own input was checked before."""
    with open_pdf(pdf) as document:
        try:
            yield document
        except _DAMAGE as error:
            raise UnreadablePdf("pdf_corrupt", "the PDF is damaged or incomplete; send a whole copy") from error
