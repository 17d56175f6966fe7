"""The reading port: is this file a sound paper, and what is printed on it?"""

from dataclasses import dataclass
from typing import Protocol

from frontdesk.basics.errors import Rejected

_BYTES = ("wrong_type", "empty", "too_small", "too_large", "truncated", "unreadable", "polyglot")
_LIMITS = ("too_many_pixels", "too_many_pages", "time_limit", "memory_limit")
REFUSALS = frozenset((*_BYTES, *_LIMITS, "encrypted", "active_content", "embedded_files"))


class RefusedFile(Rejected):
    """This file will never be accepted. `code` is one of `REFUSALS`; the text is fit for the customer."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Inspection:
    """A file that was decoded to its last byte. `width` and `height` are those of page 1, upright."""

    mime_type: str
    pages: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line, read by two readers that know nothing of each other.

    `quad` is x, y of the corners, clockwise from the upper left, on the upright page. `second` is empty when
    the second reader did not look. Scores (0 to 1) are the readers' own opinion and prove nothing.
    """

    text: str
    score: float
    second: str
    second_score: float
    quad: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class BandLine:
    """One line that may belong to a machine-readable zone, read by both readers with only A-Z, 0-9 and <."""

    first: str
    second: str
    quad: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Barcode:
    """A barcode that was decoded, its error correction having agreed. `kind` is `pdf417`, `qrcode`, ..."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page after it was turned upright; `turned` is by how many degrees clockwise that was."""

    number: int
    width: int
    height: int
    turned: float
    lines: tuple[Line, ...]
    band: tuple[BandLine, ...]
    barcodes: tuple[Barcode, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of the first pages. `page_count` tells how many the file has."""

    engine: str
    page_count: int
    pages: tuple[Page, ...]
    seconds: float
    peak_bytes: int


class Ocr(Protocol):
    """Reads JPEG, PNG and PDF. Errors: `RefusedFile`; `Unavailable` when the reader itself failed.

    The bytes decide what a file is; `mime_type` is what the sender declared and must be the same. Work is
    done under limits of time, memory, pixels and pages, where a crash costs this one call and nothing else.
    """

    async def start(self) -> None:
        """Get ready to be asked; costly parts may wait for the first call."""
        ...

    async def stop(self) -> None:
        """End whatever is under way (those calls raise `Unavailable`). Stopping twice is no error."""
        ...

    async def inspect(self, content: bytes, mime_type: str) -> Inspection:
        """Decode the whole file and look for what has no business in a paper. Reads no text."""
        ...

    async def read(self, content: bytes, mime_type: str) -> Reading:
        """Find the text, the machine-readable zone and the barcodes. Refuses what `inspect` refuses."""
        ...

    async def check(self) -> None:
        """Read a small sample from end to end. Raises `Unavailable` with the reason."""
        ...
