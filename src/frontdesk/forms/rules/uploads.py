"""What is asked of a PDF and of the words beside it before any work begins."""

import re
from pathlib import PurePosixPath

from frontdesk.forms.rules import limits
from frontdesk.forms.rules.refusals import BadRequest, NotFound, TooLarge, TooManyPages, UnsupportedFile

_NAME_OF_CLIENTS = "form.pdf"
"""What one of the published clients calls every file; it says nothing about the form."""
_HEAD = 1024


def check_bytes(content: bytes) -> None:
    """Refuse by size and by the first bytes, without opening the file."""
    if not content:
        raise BadRequest("file is empty; send a PDF")
    if len(content) > limits.PDF_BYTES:
        raise TooLarge(f"the PDF may have at most {limits.PDF_BYTES // (1024 * 1024)} MB")
    if b"%PDF-" not in content[:_HEAD]:
        raise UnsupportedFile("file is not a PDF")


def check_pages(count: int) -> None:
    """Refuse a file without pages or with too many."""
    if count < 1:
        raise UnsupportedFile("the PDF has no pages")
    if count > limits.PAGES:
        raise TooManyPages(f"the PDF has {count} pages; at most {limits.PAGES} are accepted")


def check_library(slug: str | None) -> None:
    """There is no library of forms here."""
    if slug:
        raise NotFound(f"no library form named {slug[:80]}")


def retention_of(text: str | None) -> str | None:
    """`ephemeral`, or None for the account's default: kept until deleted."""
    wanted = (text or "").strip()
    if wanted not in ("", "ephemeral", "account_default"):
        raise BadRequest("retention must be ephemeral or account_default")
    return "ephemeral" if wanted == "ephemeral" else None


def title_of(printed: str | None, file_name: str | None) -> str | None:
    """The form's own title, else its file name without extension, unless that is the clients' constant."""
    if printed and printed.strip():
        return printed.strip()[:200]
    if not file_name or file_name.lower() == _NAME_OF_CLIENTS:
        return None
    return PurePosixPath(file_name.replace("\\", "/")).stem.strip()[:200] or None


def file_name_of(title: str | None, fallback: str) -> str:
    """A name to download a PDF under."""
    stem = re.sub(r"[^\w.\- ]+", " ", title or "").strip(" .")
    return f"{re.sub(r' +', ' ', stem)[:80] or fallback}.pdf"
