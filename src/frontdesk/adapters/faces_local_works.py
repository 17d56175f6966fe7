"""What a child process does for the face port. OpenCV is loaded there: every other process would start slower."""

from dataclasses import dataclass

from frontdesk.adapters.ocr_local_limits import Limits
from frontdesk.ports.faces import Face


@dataclass(frozen=True, slots=True)
class Refused:
    """The file is to blame: what a `RefusedFile` says."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The models are to blame."""

    reason: str


def find(
    folder: str, content: bytes, mime_type: str, turned: float, limits: Limits
) -> tuple[Face, ...] | Refused | Broken:
    """See `faces_local_find.find`."""
    from frontdesk.adapters import faces_local_find

    return faces_local_find.find(folder, content, mime_type, turned, limits)
