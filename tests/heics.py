"""Pictures in HEIC, and what can be wrong with them: the fixtures, and copies with a few bytes changed."""

import struct
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "fixtures" / "heic"
HEIC = "image/heic"


def passport() -> bytes:
    """The specimen passport of Utopia, kept lying with a note that it stands: 793 x 536 pixels upright."""
    return (FOLDER / "100_pass-uto.heic").read_bytes()


def two_pictures() -> bytes:
    """One file with two pictures."""
    return (FOLDER / "two-pictures.heic").read_bytes()


def large() -> bytes:
    """49 million white pixels that need next to nothing as a file."""
    return (FOLDER / "blank-7000.heic").read_bytes()


def promising(width: int, height: int) -> bytes:
    """The passport, with another size in its properties."""
    whole = passport()
    at = whole.index(b"ispe") + 8
    return whole[:at] + struct.pack(">II", width, height) + whole[at + 8 :]


def branded(major: bytes, *others: bytes) -> bytes:
    """The passport, saying that it is of other brands."""
    whole = passport()
    rest = whole[int.from_bytes(whole[:4], "big") :]
    brands = major + bytes(4) + b"".join(others)
    return struct.pack(">I", 8 + len(brands)) + b"ftyp" + brands + rest


def with_boxes_behind(*names: bytes) -> bytes:
    """The passport with further boxes, as telephones append films and notes of their own."""
    return passport() + b"".join(struct.pack(">I", 12) + name + b"more" for name in names)
