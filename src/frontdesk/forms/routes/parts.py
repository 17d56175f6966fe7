"""Multipart bodies as they arrive: any part names, any number, under limits while streaming."""

from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from frontdesk.forms.rules import limits
from frontdesk.forms.rules.refusals import BadRequest, TooLarge
from frontdesk.web.endpoint import Call

_MOST_PARTS = 64
_MOST_HEADER_BYTES = 8_192
_EXPECTED = "send multipart/form-data"


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `file_name` is None for a plain form value."""

    name: str
    file_name: str | None
    mime_type: str
    content: bytes

    @property
    def text(self) -> str:
        """The content of a plain value."""
        return self.content.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Parts:
    """All parts of a body, in their order."""

    all: tuple[Part, ...]

    def of(self, name: str) -> tuple[Part, ...]:
        """Every part of this name."""
        return tuple(part for part in self.all if part.name == name)

    def value(self, name: str) -> str | None:
        """The first plain value of this name, or None."""
        return next((part.text for part in self.of(name) if part.file_name is None), None)

    def file(self, name: str) -> Part | None:
        """The first part of this name that holds something, a file before a plain value."""
        found = sorted(self.of(name), key=lambda part: (not part.content, part.file_name is None))
        return found[0] if found else None


@dataclass(slots=True)
class _Open:
    """The part that is arriving."""

    header: bytearray = field(default_factory=bytearray)
    value: bytearray = field(default_factory=bytearray)
    headers: list[tuple[str, str]] = field(default_factory=list)
    content: list[bytes] = field(default_factory=list)
    size: int = 0


class _Reader:
    """What the parser tells, piece by piece."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.ended = False
        self._open = _Open()

    def callbacks(self) -> Any:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_part_data": self._content,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def _begin(self) -> None:
        if len(self.parts) >= _MOST_PARTS:
            raise TooLarge(f"at most {_MOST_PARTS} parts are accepted")
        self._open = _Open()

    def _header_name(self, chunk: bytes, start: int, end: int) -> None:
        self._grow(self._open.header, chunk[start:end])

    def _header_value(self, chunk: bytes, start: int, end: int) -> None:
        self._grow(self._open.value, chunk[start:end])

    def _grow(self, buffer: bytearray, piece: bytes) -> None:
        buffer += piece
        if len(buffer) > _MOST_HEADER_BYTES:
            raise BadRequest("a part of the body has a header that is too long")

    def _header_end(self) -> None:
        part = self._open
        part.headers.append((part.header.decode("latin-1").lower(), _decoded(bytes(part.value))))
        part.header, part.value = bytearray(), bytearray()
        if len(part.headers) > 16:
            raise BadRequest("a part of the body has too many headers")

    def _content(self, chunk: bytes, start: int, end: int) -> None:
        part = self._open
        part.size += end - start
        if part.size > limits.PDF_BYTES:
            raise TooLarge(f"one file may have at most {limits.PDF_BYTES // (1024 * 1024)} MB")
        part.content.append(bytes(chunk[start:end]))

    def _end(self) -> None:
        part = self._open
        headers = dict(part.headers)
        said = Message()
        said["content-disposition"] = headers.get("content-disposition", "form-data")
        name = said.get_param("name", header="content-disposition")
        file_name = said.get_filename()
        content = b"".join(part.content)
        if isinstance(name, str):
            mime_type = headers.get("content-type", "application/octet-stream" if file_name else "text/plain")
            self.parts.append(Part(name, file_name, mime_type, content))

    def _finish(self) -> None:
        self.ended = True


def _decoded(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return "".join(letter for letter in text if letter.isprintable())


async def parts_of(call: Call) -> Parts:
    """The parts of a multipart body, also of one that has none. Raises `BadRequest`, `TooLarge`."""
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser, parse_options_header

    kind, options = parse_options_header(call.header("content-type") or "")
    boundary = options.get(b"boundary")
    if kind.lower() != b"multipart/form-data" or not boundary or len(boundary) > 250:
        raise BadRequest(_EXPECTED)
    reader = _Reader()
    try:
        parser = MultipartParser(boundary, reader.callbacks())
        empty = True
        async for chunk in call.stream():
            empty = False
            parser.write(chunk)
        parser.finalize()
    except FormParserError as error:
        raise BadRequest("the multipart body is malformed") from error
    if not reader.ended and not empty:
        raise BadRequest("the multipart body ends too early")
    return Parts(tuple(reader.parts))
