"""What a file may cost; imported by the parent too, so nothing heavy is imported here."""

from dataclasses import dataclass

from frontdesk.adapters.ocr_local_sniff import JPEG, PDF, PNG
from frontdesk.ports.ocr import RefusedFile


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may cost. Sizes in bytes."""

    max_bytes: int = 10 * 1024 * 1024
    min_image_bytes: int = 1024
    max_pixels: int = 50_000_000
    max_pages: int = 20
    allowed: tuple[str, ...] = (JPEG, PNG, PDF)


def empty() -> RefusedFile:
    return RefusedFile("empty", "This file is empty. Please choose the file again.")


def too_large(limits: Limits) -> RefusedFile:
    megabytes = limits.max_bytes / (1024 * 1024)
    return RefusedFile("too_large", f"This file is larger than {megabytes:g} MB. Please send a smaller one.")
