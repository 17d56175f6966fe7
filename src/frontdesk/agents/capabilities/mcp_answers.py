"""The JSON-RPC answer in a body that is plain JSON, or a stream of events that holds it."""

import json
from collections.abc import Iterator
from typing import Any


def answer_to(content: bytes, content_type: str) -> dict[str, Any] | None:
    """The answer with `result` or `error`, or None when the body holds none."""
    if content_type.partition(";")[0].strip().lower() == "text/event-stream":
        return next((told for each in _events(content) if (told := _read(each)) is not None), None)
    return _read(content)


def has_answer(content: bytes) -> bool:
    """Whether a stream of events already holds the answer: some servers leave it open."""
    if b"\n\n" not in content and b"\r\n\r\n" not in content:
        return False
    return not content.lstrip().startswith(b"{") and any(_read(each) is not None for each in _events(content))


def _events(content: bytes) -> Iterator[bytes]:
    for block in content.replace(b"\r\n", b"\n").split(b"\n\n"):
        lines = [line[5:].removeprefix(b" ") for line in block.split(b"\n") if line.startswith(b"data:")]
        if lines:
            yield b"\n".join(lines)


def _read(text: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    is_answer = isinstance(told, dict) and "id" in told and ("result" in told or "error" in told)
    return told if is_answer else None
