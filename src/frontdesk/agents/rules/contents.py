"""What may be done to a session's files, and how much room there is."""

from typing import ClassVar

from frontdesk.agents.rules.refusals import Conflicting, Invalid, NotFound

MOST_FILES = 1_000
FILE_BYTES = 4 * 1024 * 1024
SESSION_BYTES = 64 * 1024 * 1024
MOST_VALUES = 1_000
VALUE_BYTES = 256 * 1024


class FileNotFound(NotFound):
    """There is no file or folder of this path."""

    code: ClassVar[str] = "file_not_found"

    def __init__(self) -> None:
        super().__init__("There is nothing at this path")


class FileExists(Conflicting):
    """The path is taken."""

    code: ClassVar[str] = "file_exists"

    def __init__(self) -> None:
        super().__init__("There is something at this path already")


class NoRoom(Invalid):
    """More than a session may hold."""

    code: ClassVar[str] = "no_room"


class NotChangeable(Invalid):
    """Read-only, a folder where a file is meant, or a folder with content."""

    code: ClassVar[str] = "not_changeable"


def check_room(count: int, total_bytes: int, size_bytes: int) -> None:
    """Raises `NoRoom`; `count` and `total_bytes` are what there would be."""
    if size_bytes > FILE_BYTES:
        raise NoRoom(f"A file may have at most {FILE_BYTES} bytes")
    if count > MOST_FILES:
        raise NoRoom(f"A session may hold at most {MOST_FILES} files and folders")
    if total_bytes > SESSION_BYTES:
        raise NoRoom(f"The files of a session may have at most {SESSION_BYTES} bytes together")
