"""Text, JSON and CSV as passages."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from frontdesk.forms.documents.sources_limits import DEEPEST, MOST_COLUMNS, MOST_NODES, MOST_ROWS, UnreadableSource
from frontdesk.forms.documents.sources_tables import rows_as_passages
from frontdesk.ports.interpreter import Passage

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS = ",;\t|"
_PIECE = 8_000
"""Letters of running text in one passage."""


def read(content: bytes, name: str, mime_type: str) -> list[Passage]:
    """Passages of a file that is text. Raises `UnreadableSource`."""
    text = decoded(content, name)
    suffix = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if suffix == "json" or "json" in mime_type or text.lstrip()[:1] in ("{", "["):
        told = _json(text)
        if told is not None:
            return list(flat(told[0], name))
        if suffix == "json" or "json" in mime_type:
            raise UnreadableSource("corrupt", f"{name} is no JSON that can be read; send it as text if it is text")
    if suffix in ("csv", "tsv") or "csv" in mime_type or "tab-separated" in mime_type:
        return rows_as_passages(_rows(text), name)
    if not suffix and _looks_like_rows(text):
        return rows_as_passages(_rows(text), name)
    return list(pieces(text, name))


def decoded(content: bytes, name: str) -> str:
    """The text of some bytes. Raises `UnreadableSource` for bytes that are no text."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _as(content, encoding, name)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = _as(content, "cp1252", name)
    if "\0" in text or sum(letter < " " and letter not in "\n\r\t\f" for letter in text[:4096]) > 40:
        raise UnreadableSource("unsupported_file", f"{name} cannot be read; send text, a PDF or a picture")
    return text


def _as(content: bytes, encoding: str, name: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableSource("unsupported_file", f"{name} is no text that can be read; save it as UTF-8") from error


def pieces(text: str, name: str, page: int | None = None) -> Iterator[Passage]:
    """Running text in pieces that end with a line."""
    lines: list[str] = []
    size = 0
    for line in text.splitlines():
        for start in range(0, max(1, len(line)), _PIECE):
            part = line[start : start + _PIECE]
            if lines and size + len(part) > _PIECE:
                yield Passage("\n".join(lines), name, None, page)
                lines, size = [], 0
            lines.append(part)
            size += len(part) + 1
    if any(line.strip() for line in lines):
        yield Passage("\n".join(lines), name, None, page)


def _json(text: str) -> tuple[Any] | None:
    try:
        return (json.loads(text),)
    except (ValueError, RecursionError):
        return None


def flat(told: Any, name: str) -> Iterator[Passage]:
    """Every value of a JSON document under its path: `owner.address.city`, `children.2.name` (counted from 1)."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), told)]
    seen = 0
    while waiting:
        path, value = waiting.pop()
        seen += 1
        if seen > MOST_NODES or len(path) > DEEPEST:
            raise UnreadableSource("too_large", f"{name} holds too many values or levels; send what the form needs")
        if isinstance(value, dict):
            waiting.extend(((*path, str(key)[:200]), each) for key, each in reversed(value.items()))
        elif isinstance(value, list):
            alone = len(value) == 1
            parts = [(path if alone else (*path, str(number)), each) for number, each in enumerate(value, 1)]
            waiting.extend(reversed(parts))
        elif value is not None and str(value).strip():
            said = ("yes" if value else "no") if isinstance(value, bool) else str(value)
            yield Passage(said, name, ".".join(path) or None)


def _rows(text: str) -> list[list[str]]:
    sample = "\n".join(text.splitlines()[:20])
    delimiter = max(_DELIMITERS, key=lambda each: (sample.count(each), -_DELIMITERS.index(each)))
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text), delimiter=delimiter):
            rows.append([cell.strip() for cell in row[:MOST_COLUMNS]])
            if len(rows) >= MOST_ROWS:
                break
    except csv.Error as error:
        raise UnreadableSource("corrupt", "the table cannot be read; save it as CSV with UTF-8 again") from error
    return rows


def _looks_like_rows(text: str) -> bool:
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    if len(lines) < 2:
        return False
    for delimiter in ",;\t":
        counts = {line.count(delimiter) for line in lines}
        if len(counts) == 1 and counts.pop() >= 1 and not any(line.rstrip().endswith(".") for line in lines):
            return True
    return False
