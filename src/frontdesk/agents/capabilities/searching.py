"""Regular expressions over the session's files, bounded in time: a pattern can be made to run for ever."""

import asyncio
import time
from fnmatch import fnmatchcase
from typing import Any

import regex

from frontdesk.agents.capabilities.contract import Files, ToolFailed

SECONDS = 2.0
MOST_MATCHES = 500
MOST_BYTES = 16 * 1024 * 1024
_LONGEST_LINE = 500


async def grep(files: Files, pattern: str, path_pattern: str = "") -> dict[str, Any]:
    """`{"matches": [{"path", "line_number", "line"}], "truncated"}`, ordered by path. Raises `ToolFailed`."""
    try:
        compiled = regex.compile(pattern)
    except (regex.error, OverflowError, RecursionError) as error:
        raise ToolFailed("The pattern is no regular expression") from error
    deadline = time.monotonic() + SECONDS
    matches: list[dict[str, Any]] = []
    read = 0
    for entry in await files.list("/", recursive=True):
        if entry.is_directory or not _is_meant(entry.path, path_pattern):
            continue
        if read + entry.size_bytes > MOST_BYTES:
            return {"matches": matches, "truncated": True}
        content = await files.read(entry.path)
        read += entry.size_bytes
        if content is None or b"\0" in content[:8192]:
            continue
        lines = content.decode(errors="replace").splitlines()
        # In a thread: a bad pattern costs its seconds there, and the loop goes on.
        matches += await asyncio.to_thread(_found, compiled, entry.path, lines, deadline, MOST_MATCHES - len(matches))
        if len(matches) >= MOST_MATCHES:
            return {"matches": matches, "truncated": True}
    return {"matches": matches, "truncated": False}


def _found(
    compiled: "regex.Pattern[str]", path: str, lines: list[str], deadline: float, most: int
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number, line in enumerate(lines, 1):
        left = deadline - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            # `concurrent` gives the interpreter back to the loop while it matches.
            matched = compiled.search(line, timeout=left, concurrent=True)
        except TimeoutError as error:
            raise ToolFailed("The search took too long: use a simpler pattern or fewer files") from error
        if matched is not None:
            found.append({"path": path, "line_number": number, "line": line[:_LONGEST_LINE]})
            if len(found) >= most:
                break
    return found


def _is_meant(path: str, path_pattern: str) -> bool:
    if not path_pattern:
        return True
    return fnmatchcase(path, path_pattern) or fnmatchcase(path.rsplit("/", 1)[-1], path_pattern)
