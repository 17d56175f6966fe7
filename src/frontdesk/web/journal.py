"""The log: JSON lines on a stream, by structlog, one for every request."""

import sys
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, BinaryIO, Protocol

import msgspec
import structlog


class Journal(Protocol):
    """What the floor writes to; a structlog logger is one."""

    def info(self, event: str, **fields: Any) -> Any: ...

    def warning(self, event: str, **fields: Any) -> Any: ...

    def error(self, event: str, **fields: Any) -> Any: ...


_encode = msgspec.json.Encoder(enc_hook=str).encode


def _stamp(logger: Any, method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    fields["level"] = method
    fields["at"] = datetime.now(UTC).isoformat(timespec="milliseconds")
    return fields


def _render(logger: Any, method: str, fields: MutableMapping[str, Any]) -> bytes:
    return _encode(fields)


def json_journal(stream: BinaryIO | None = None) -> Journal:
    """A logger that writes JSON lines to `stream`, standard error if none is given."""
    target = sys.stderr.buffer if stream is None else stream
    journal: Journal = structlog.wrap_logger(
        structlog.BytesLogger(target),
        processors=[_stamp, _render],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        cache_logger_on_first_use=True,
    )
    return journal


def frames_of(error: BaseException) -> list[str]:
    """Where an error came from, with its chain: places and class names. Messages may quote personal values."""
    lines: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(lines) < 60:
        lines.append(type(seen).__qualname__)
        lines.extend(
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(seen.__traceback__)[-15:]
        )
        seen = seen.__cause__ or seen.__context__
    return lines
