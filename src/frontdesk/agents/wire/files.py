"""Published bodies of session files."""

import base64

import msgspec

from frontdesk.agents.service.files import Head, Match
from frontdesk.basics.clock import iso_millis


class FileInfo(msgspec.Struct, frozen=True):
    """A file or folder without its content. Ids are plain UUIDs here."""

    id: str
    session_id: str
    path: str
    name: str
    is_directory: bool
    is_readonly: bool
    size_bytes: int
    created_at: str
    updated_at: str


class FileAnswer(FileInfo, frozen=True):
    """A file with its content; what is no text comes as base64."""

    content: str
    encoding: str


class FolderAnswer(msgspec.Struct, frozen=True):
    """What is in a folder."""

    data: list[FileInfo]


class GrepMatch(msgspec.Struct, frozen=True):
    """A line that fits."""

    path: str
    line_number: int
    line: str


class GrepFile(msgspec.Struct, frozen=True):
    """A file with its lines that fit."""

    path: str
    matches: list[GrepMatch]


class GrepAnswer(msgspec.Struct, frozen=True):
    """Every file with lines that fit."""

    data: list[GrepFile]


def told(session_id: str, head: Head) -> FileInfo:
    """A file or folder as published."""
    return FileInfo(*_fields(session_id, head))


def file(session_id: str, head: Head, content: bytes) -> FileAnswer:
    """A file with its content."""
    text, encoding = _written(content)
    return FileAnswer(*_fields(session_id, head), text, encoding)


def grep(found: dict[str, list[Match]]) -> GrepAnswer:
    """What a search has found."""
    return GrepAnswer(
        [
            GrepFile(path, [GrepMatch(one.path, one.line_number, one.line) for one in matches])
            for path, matches in found.items()
        ]
    )


def _fields(session_id: str, head: Head) -> tuple[str, str, str, str, bool, bool, int, str, str]:
    name = head.path.rpartition("/")[2]
    times = iso_millis(head.created_at), iso_millis(head.updated_at)
    return (
        head.id,
        session_id,
        head.path,
        name,
        head.is_directory,
        head.is_readonly,
        head.size_bytes,
        *times,
    )


def _written(content: bytes) -> tuple[str, str]:
    if b"\0" not in content[:8192]:
        try:
            return content.decode(), "text"
        except UnicodeDecodeError:
            pass
    return base64.b64encode(content).decode(), "base64"
