"""A session's files as the API shows them."""

import fnmatch
from dataclasses import dataclass

import regex

from frontdesk.agents.rules.contents import FileNotFound, NotChangeable
from frontdesk.agents.rules.paths import plain
from frontdesk.agents.rules.refusals import Invalid
from frontdesk.agents.service.contents import SessionFiles
from frontdesk.agents.service.needs import Needs, owned
from frontdesk.agents.store.contents import Head as Head

_LINE_SECONDS = 0.1
_MOST_MATCHES = 1_000


@dataclass(frozen=True, slots=True)
class Match:
    """A line of a file that fits."""

    path: str
    line_number: int
    line: str


async def _files(needs: Needs, tenant_id: str, session_id: str) -> SessionFiles:
    read = await owned(needs, tenant_id, session_id)
    return SessionFiles(needs.db, needs.clock, read.session, read.seal)


async def look(
    needs: Needs, tenant_id: str, session_id: str, path: str, *, recursive: bool
) -> tuple[Head, bytes | tuple[Head, ...]]:
    """A file with its content, or a folder with what is in it. Raises `FileNotFound`."""
    files = await _files(needs, tenant_id, session_id)
    where = plain(path)
    head = await files.head(where)
    if head is None:
        raise FileNotFound
    if head.is_directory:
        return head, await files.below(where, recursive=recursive)
    return head, await files.read(where) or b""


async def stat(needs: Needs, tenant_id: str, session_id: str, path: str) -> Head:
    """What there is, without its content. Raises `FileNotFound`."""
    head = await (await _files(needs, tenant_id, session_id)).head(plain(path))
    if head is None:
        raise FileNotFound
    return head


async def create(
    needs: Needs, tenant_id: str, session_id: str, path: str, content: bytes | None, *, is_readonly: bool
) -> Head:
    """A new file, or a folder when there is no content. Raises `FileExists`."""
    files = await _files(needs, tenant_id, session_id)
    if content is None:
        return await files.make_folder(plain(path))
    return await files.put(plain(path), content, must_exist=False, is_readonly=is_readonly)


async def replace(needs: Needs, tenant_id: str, session_id: str, path: str, content: bytes) -> Head:
    """Other content for a file. Raises `FileNotFound`, `NotChangeable`."""
    files = await _files(needs, tenant_id, session_id)
    return await files.put(plain(path), content, must_exist=True)


async def remove(needs: Needs, tenant_id: str, session_id: str, path: str, *, recursive: bool) -> None:
    """Remove a file, or a folder. Raises `FileNotFound`, `NotChangeable`."""
    files = await _files(needs, tenant_id, session_id)
    if plain(path) == "/":
        raise NotChangeable("The root cannot be removed")
    if not await files.remove(path, recursive=recursive):
        raise FileNotFound


async def transfer(
    needs: Needs, tenant_id: str, session_id: str, source: str, target: str, *, keeps_source: bool
) -> Head:
    """Copy or move. Raises `FileNotFound`, `FileExists`, `NotChangeable`."""
    files = await _files(needs, tenant_id, session_id)
    return await files.transfer(plain(source), plain(target), keeps_source=keeps_source)


async def grep(
    needs: Needs, tenant_id: str, session_id: str, pattern: str, path_pattern: str | None
) -> dict[str, list[Match]]:
    """The lines that fit a regular expression, by file."""
    files = await _files(needs, tenant_id, session_id)
    try:
        wanted = regex.compile(pattern)
    except regex.error as error:
        raise Invalid("pattern is no regular expression") from error
    found: dict[str, list[Match]] = {}
    count = 0
    for head in await files.below("/", recursive=True):
        if head.is_directory or (path_pattern and not fnmatch.fnmatch(head.path, path_pattern)):
            continue
        content = await files.read(head.path) or b""
        if b"\0" in content[:8192]:
            continue
        for number, text in enumerate(content.decode(errors="replace").splitlines(), 1):
            if count < _MOST_MATCHES and _fits(wanted, text):
                count += 1
                found.setdefault(head.path, []).append(Match(head.path, number, text))
    return found


def _fits(wanted: "regex.Pattern[str]", text: str) -> bool:
    try:
        return wanted.search(text, timeout=_LINE_SECONDS) is not None
    except TimeoutError as error:
        raise Invalid("pattern takes too long on the session's files") from error
