"""Supporting material as passages: text, JSON, CSV, spreadsheets, Word files, PDFs; pictures wait for recognised text.

Meant to run in a child process: decoders of strangers' files may hang or grow. Nothing heavy is imported before a file
of its kind is read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from frontdesk.forms.documents import sources_office, sources_pdf, sources_text
from frontdesk.forms.documents.sources_limits import LARGEST, MOST_LETTERS, UnreadableSource
from frontdesk.ports.interpreter import Passage

PNG, JPEG, WEBP, TIFF, GIF = "image/png", "image/jpeg", "image/webp", "image/tiff", "image/gif"
_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF8", GIF),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
)
_READABLE_PICTURES = (PNG, JPEG)


@dataclass(frozen=True, slots=True)
class Read:
    """What a file says. `unread` are the pages, from 0, that are pictures: `recognised` makes passages of their text.

    `picture_type` is the media type of a file that is one picture, None for every other file.
    """

    passages: tuple[Passage, ...]
    unread: tuple[int, ...] = ()
    picture_type: str | None = None


def read(content: bytes, name: str, mime_type: str = "") -> Read:
    """Everything that a file says. The bytes tell what it is; name and media type where bytes cannot.

    Raises `UnreadableSource` for files that will never be read.
    """
    if not content.strip():
        raise UnreadableSource("empty", f"{name} is empty; send the file again")
    if len(content) > LARGEST:
        raise UnreadableSource("too_large", f"{name} is larger than {LARGEST // (1024 * 1024)} MB; send a smaller file")
    picture = next((kind for mark, kind in _PICTURES if content.startswith(mark)), None)
    if picture is not None or (content[:4] == b"RIFF" and content[8:12] == b"WEBP"):
        if picture not in _READABLE_PICTURES:
            raise UnreadableSource("unsupported_file", f"{name} is a picture of another kind; send it as JPEG or PNG")
        return Read((), (0,), picture)
    if b"%PDF-" in content[:1024]:
        found, unread = sources_pdf.read(content, name)
        return Read(_limited(found), unread)
    if content.startswith(b"PK\x03\x04"):
        return Read(_limited(sources_office.read(content, name)))
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableSource("unsupported_file", f"{name} is of an old or protected kind; save it as .docx or .xlsx")
    return Read(_limited(sources_text.read(content, name, mime_type)))


def passages(content: bytes, name: str, mime_type: str = "") -> tuple[Passage, ...]:
    """The passages of a file that is no picture. Raises `UnreadableSource`."""
    return read(content, name, mime_type).passages


def recognised(name: str, pages: Iterable[tuple[int, Sequence[str]]]) -> tuple[Passage, ...]:
    """Passages of pages whose text was recognised: the page's number from 0, and its lines from the top."""
    return _limited([Passage("\n".join(lines), name, None, page) for page, lines in pages if any(lines)])


def _limited(found: Iterable[Passage]) -> tuple[Passage, ...]:
    """No more text than a form could ever need."""
    kept: list[Passage] = []
    letters = 0
    for passage in found:
        letters += len(passage.text) + len(passage.key or "")
        if letters > MOST_LETTERS:
            break
        kept.append(passage)
    return tuple(kept)
