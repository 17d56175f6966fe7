"""What the reader has done in its sandboxes: inspecting, which is light, and reading, which loads the networks once."""

import resource
import sys
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

from frontdesk.adapters.ocr_local_limits import Limits
from frontdesk.ports.ocr import Inspection, Reading, RefusedFile


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that was refused; told as a value, because only refusals of kinds are passed on as they are."""

    code: str
    reason: str


def inspect(content: bytes, mime_type: str, limits: Limits) -> Inspection | Refused:
    """Decode the whole file."""
    from frontdesk.adapters import ocr_local_inspect

    try:
        return ocr_local_inspect.inspect(content, mime_type, limits)
    except RefusedFile as refusal:
        return Refused(refusal.code, refusal.reason)


def read(content: bytes, mime_type: str, limits: Limits, most_pages: int, threads: int) -> Reading | Refused:
    """Read its first pages."""
    from frontdesk.adapters.ocr_local_read import ENGINE

    reader = _reader(threads)
    began = time.monotonic()
    try:
        count, pages = reader.read(content, mime_type, limits, most_pages)
    except RefusedFile as refusal:
        return Refused(refusal.code, refusal.reason)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Reading(ENGINE, count, tuple(pages), round(time.monotonic() - began, 3), peak)


@cache
def _reader(threads: int) -> Any:
    from frontdesk.adapters.ocr_local_read import PaperReader

    try:
        return PaperReader(threads)
    except OSError as error:
        raise ImportError(f"the networks cannot be loaded: {error}") from error
