"""The one door for PDF bytes: what cannot be read is refused here, with a code and a sentence for the sender."""

from io import BytesIO

import pikepdf

MOST_PAGES = 100
DAMAGED = "the PDF is damaged or incomplete; send a whole copy"
# A PDF may begin with a few bytes of something else; readers look this far for its mark.
_MARK_WITHIN = 1024


class UnreadablePdf(Exception):
    """This file will never become a form. `code` is published; `message` is one sentence fit for the sender.

    Codes: `unsupported_file`, `pdf_encrypted`, `pdf_corrupt`, `too_many_pages`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def open_pdf(pdf: bytes, most_pages: int = MOST_PAGES) -> pikepdf.Pdf:
    """The document, mended where that is possible. Raises `UnreadablePdf`; the caller closes what it was given.

    A file that only its owner's password protects opens: it can be read by anybody, and filling a form in is what it
    was handed out for. A file that needs a password to be opened does not.
    """
    if b"%PDF-" not in pdf[:_MARK_WITHIN]:
        raise UnreadablePdf("unsupported_file", "this is not a PDF file; send the form as a PDF")
    try:
        document = pikepdf.open(BytesIO(pdf))
    except pikepdf.PasswordError as error:
        raise UnreadablePdf("pdf_encrypted", "the PDF needs a password; send a copy that opens without one") from error
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise UnreadablePdf("pdf_corrupt", DAMAGED) from error
    try:
        _inspect(document, most_pages)
    except UnreadablePdf:
        document.close()
        raise
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError, AttributeError, KeyError) as error:
        document.close()
        raise UnreadablePdf("pdf_corrupt", DAMAGED) from error
    return document


def _inspect(document: pikepdf.Pdf, most_pages: int) -> None:
    count = len(document.pages)
    if count == 0:
        raise UnreadablePdf("pdf_corrupt", "the PDF has no pages; send a whole copy")
    if count > most_pages:
        raise UnreadablePdf("too_many_pages", f"the PDF has {count} pages; at most {most_pages} can be read")
    if bool(document.Root.get("/NeedsRendering")) and not any(page.get("/Annots") for page in document.pages):
        raise UnreadablePdf(
            "unsupported_file",
            "this is a dynamic XFA form, whose pages only its own program can draw; print it to a PDF and send that",
        )
