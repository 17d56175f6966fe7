"""Pictures of pages as a reader sees them, with what is in the fields."""

from io import BytesIO

import pypdfium2

from frontdesk.forms.documents.opening import UnreadablePdf

MOST_PIXELS = 40_000_000


def picture(pdf: bytes, page: int, width: int) -> bytes:
    """A page (from 0) as PNG, `width` pixels wide. Raises `UnreadablePdf`, and `IndexError` for a page that is not
    there. PDFium serves one caller at a time: call it from one thread of a process only."""
    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise UnreadablePdf("pdf_corrupt", "the PDF is damaged or incomplete; send a whole copy") from error
    try:
        # Only pages loaded after this show what is in their fields.
        document.init_forms()
        if not 0 <= page < len(document):
            raise IndexError(f"the document has no page {page}")
        loaded = document[page]
        across, up = loaded.get_size()
        scale = width / max(across, 1.0)
        pixels = width * up * scale
        if pixels > MOST_PIXELS:
            scale *= (MOST_PIXELS / pixels) ** 0.5
        drawn = loaded.render(scale=scale, may_draw_forms=True).to_pil()
        kept = BytesIO()
        drawn.convert("RGB").save(kept, "PNG")
        return kept.getvalue()
    finally:
        document.close()
