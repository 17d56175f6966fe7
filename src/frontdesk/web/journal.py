"""The log: JSON lines on a stream. Events go through structlog; request lines, being many, are gathered."""

import asyncio
import sys
import time
import traceback
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any, BinaryIO, Protocol

import msgspec
import structlog

_FLUSH_SECONDS = 0.05
_FLUSH_BYTES = 16_384


class RequestLine(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What is written of one request. `route` is the path's template, `token` stands for an access token."""

    request_id: str
    method: str
    route: str
    status: int
    ms: float
    bytes: int
    surface: str
    token: str | None = None


class Journal(Protocol):
    """What the floor writes to."""

    def request(self, line: RequestLine) -> None:
        """One request was answered. May be written a moment later."""
        ...

    def info(self, event: str, **fields: Any) -> None: ...

    def warning(self, event: str, **fields: Any) -> None: ...

    def error(self, event: str, **fields: Any) -> None: ...


_MILLIS = [b'%03dZ",' % number for number in range(1000)]
_encode = msgspec.json.Encoder(enc_hook=str).encode


def _stamp(logger: Any, method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    fields["level"] = method
    fields["at"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return fields


def _render(logger: Any, method: str, fields: MutableMapping[str, Any]) -> bytes:
    return _encode(fields)


class JsonJournal:
    """Writes to `stream`, standard error if none is given; `level` is the least that is written.

    Request lines are gathered for at most a twentieth of a second: a write for each costs more than the line.
    Every other event goes out at once, behind those that were gathered before it.
    """

    def __init__(self, stream: BinaryIO | None = None, level: str = "info") -> None:
        self._stream: BinaryIO = sys.stderr.buffer if stream is None else stream
        self._lines: list[bytes] = []
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._second = 0
        self._stamped = b""
        self._logger = structlog.wrap_logger(
            structlog.BytesLogger(self._stream),
            processors=[_stamp, _render],
            wrapper_class=structlog.make_filtering_bound_logger(level),
        )

    def request(self, line: RequestLine) -> None:
        """See `Journal`. Must be called in the event loop."""
        now = time.time()
        second = int(now)
        if second != self._second:
            self._second = second
            text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
            self._stamped = b'{"event":"request","level":"info","at":"%s.' % text.encode()
        written = b"".join((self._stamped, _MILLIS[int((now - second) * 1000)], _encode(line)[1:], b"\n"))
        self._lines.append(written)
        self._size += len(written)
        if self._size >= _FLUSH_BYTES:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        """Write what was gathered."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._lines:
            lines, self._lines, self._size = self._lines, [], 0
            self._stream.write(b"".join(lines))
            self._stream.flush()

    def info(self, event: str, **fields: Any) -> None:
        self._write(self._logger.info, event, fields)

    def warning(self, event: str, **fields: Any) -> None:
        self._write(self._logger.warning, event, fields)

    def error(self, event: str, **fields: Any) -> None:
        self._write(self._logger.error, event, fields)

    def _write(self, log: Callable[..., Any], event: str, fields: dict[str, Any]) -> None:
        self.flush()
        log(event, **fields)


def frames_of(error: BaseException) -> list[str]:
    """Where an error came from, with its chain: places and class names. Messages may quote values."""
    lines: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(lines) < 60:
        lines.append(type(seen).__qualname__)
        frames = traceback.extract_tb(seen.__traceback__)[-15:]
        lines.extend(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
        seen = seen.__cause__ or seen.__context__
    return lines
