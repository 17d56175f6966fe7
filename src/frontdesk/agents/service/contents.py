"""A session's files and values, as its tools use them and as the API shows them."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from frontdesk.agents.capabilities.contract import Entry
from frontdesk.agents.rules import paths
from frontdesk.agents.rules.contents import (
    MOST_VALUES,
    VALUE_BYTES,
    FileExists,
    FileNotFound,
    NoRoom,
    NotChangeable,
    check_room,
)
from frontdesk.agents.rules.refusals import Conflicting
from frontdesk.agents.store import contents as store
from frontdesk.agents.store.contents import Head
from frontdesk.basics.clock import Clock
from frontdesk.basics.ids import uuid7
from frontdesk.kernel import change as changes
from frontdesk.kernel.sessions import Session
from frontdesk.kernel.vault import Seal
from frontdesk.ports.db import Db, Write


class Changed(Conflicting):
    """The file is not what it was when it was read."""

    code: ClassVar[str] = "file_changed"

    def __init__(self) -> None:
        super().__init__("The file was changed meanwhile; read it again")


class SessionFiles:
    """`Files` of the capabilities, on the session's own rows."""

    def __init__(self, db: Db, clock: Clock, session: Session, seal: Seal) -> None:
        self._db, self._clock, self._session_id, self._seal = db, clock, session.id, seal
        self._created_at = session.created_at

    async def stat(self, path: str) -> Entry | None:
        path = paths.plain(path)
        head = await self.head(path)
        return None if head is None else _entry(head)

    async def head(self, path: str) -> Head | None:
        """What there is at a path; the root is always there."""
        if path == "/":
            return self._folder("/", self._created_at, self._session_id)
        found = await store.file(self._db, self._seal, self._session_id, path)
        return None if found is None else found[0]

    async def read(self, path: str) -> bytes | None:
        found = await store.file(self._db, self._seal, self._session_id, paths.plain(path))
        return None if found is None or found[0].is_directory else found[1]

    async def list(self, path: str, *, recursive: bool = False) -> tuple[Entry, ...]:
        return tuple(_entry(head) for head in await self.below(paths.plain(path), recursive=recursive))

    async def below(self, path: str, *, recursive: bool) -> tuple[Head, ...]:
        """What is in a folder, by path."""
        start = "/" if path == "/" else path + "/"
        inside = [
            head for head in await store.heads(self._db, self._seal, self._session_id) if head.path.startswith(start)
        ]
        return tuple(head for head in inside if recursive or "/" not in head.path[len(start) :])

    async def write(self, path: str, content: bytes, *, expected: bytes | None = None) -> Entry:
        return _entry(await self.put(paths.plain(path), content, expected=expected))

    async def put(
        self,
        path: str,
        content: bytes,
        *,
        expected: bytes | None = None,
        must_exist: bool | None = None,
        is_readonly: bool = False,
    ) -> Head:
        """Create or replace a file with the folders above it; `must_exist` allows only one of the two."""
        return await changes.again(lambda: self._put(path, content, expected, must_exist, is_readonly))

    async def _put(
        self, path: str, content: bytes, expected: bytes | None, must_exist: bool | None, is_readonly: bool
    ) -> Head:
        if path == "/":
            raise NotChangeable("The root is a folder")
        now = self._clock.now()
        found = await store.file(self._db, self._seal, self._session_id, path)
        if found is None and must_exist:
            raise FileNotFound
        if found is not None and must_exist is False:
            raise FileExists
        if expected is not None and (found is None or found[1] != expected):
            raise Changed
        everything = await store.heads(self._db, self._seal, self._session_id)
        others = sum(head.size_bytes for head in everything if head.path != path)
        if found is not None:
            head, _, kept = found
            if head.is_directory:
                raise NotChangeable("This is a folder")
            if head.is_readonly:
                raise NotChangeable("This file is read-only")
            check_room(len(everything), others + len(content), len(content))
            after = replace_head(head, len(content), now)
            await self._commit([store.replaced(self._seal, self._session_id, kept, after, content)])
            return after
        folders = self._missing_folders(path, everything, now)
        check_room(len(everything) + len(folders) + 1, others + len(content), len(content))
        made = Head(uuid7(), path, False, is_readonly, len(content), now, now)
        await self._add([*[(folder, b"") for folder in folders], (made, content)])
        return made

    async def make_folder(self, path: str) -> Head:
        """Create a folder. Raises `FileExists`."""

        async def turn() -> Head:
            now = self._clock.now()
            everything = await store.heads(self._db, self._seal, self._session_id)
            if path == "/" or any(head.path == path for head in everything):
                raise FileExists
            above = self._missing_folders(path, everything, now)
            check_room(len(everything) + len(above) + 1, 0, 0)
            made = self._folder(path, now, uuid7())
            await self._add([(folder, b"") for folder in (*above, made)])
            return made

        return await changes.again(turn)

    def _missing_folders(self, path: str, everything: Sequence[Head], now: datetime) -> Sequence[Head]:
        known = {head.path: head for head in everything}
        segments = path.split("/")[1:-1]
        above = ["/" + "/".join(segments[:n]) for n in range(1, len(segments) + 1)]
        if any(folder in known and not known[folder].is_directory for folder in above):
            raise NotChangeable("A file stands where a folder is needed")
        return [self._folder(folder, now, uuid7()) for folder in above if folder not in known]

    def _folder(self, path: str, now: datetime, folder_id: str) -> Head:
        return Head(folder_id, path, True, False, 0, now, now)

    async def _add(self, heads: Sequence[tuple[Head, bytes]]) -> None:
        await self._commit([store.added(self._seal, self._session_id, head, content) for head, content in heads])

    async def _commit(self, writes: Sequence[Write]) -> None:
        await self._db.commit([store.present(self._session_id), *writes])

    async def remove(self, path: str, *, recursive: bool = False) -> bool:
        path = paths.plain(path)
        below = await self.below(path, recursive=True)
        if path != "/" and await self.head(path) is None:
            return False
        if below and not recursive:
            raise NotChangeable("The folder has content; ask for recursive removal")
        gone = [head.path for head in below] + ([path] if path != "/" else [])
        if gone:
            await self._commit([store.removed(self._session_id, one) for one in gone])
        return True

    async def transfer(self, source: str, target: str, *, keeps_source: bool) -> Head:
        """Copy or move a file or a folder with all below it. Raises `FileNotFound`, `FileExists`, `NotChangeable`."""
        top = await self.head(source)
        if top is None:
            raise FileNotFound
        if await self.head(target) is not None:
            raise FileExists
        if source == "/" or target.startswith(source + "/"):
            raise NotChangeable("A folder cannot be put into itself")
        now = self._clock.now()
        everything = await store.heads(self._db, self._seal, self._session_id)
        moving = (top, *await self.below(source, recursive=True)) if top.is_directory else (top,)
        size = sum(head.size_bytes for head in everything) + sum(head.size_bytes for head in moving)
        check_room(len(everything) + len(moving), size if keeps_source else 0, 0)
        writes: list[Write] = [
            store.added(self._seal, self._session_id, folder, b"")
            for folder in self._missing_folders(target, everything, now)
        ]
        for head in moving:
            found = await store.file(self._db, self._seal, self._session_id, head.path)
            after = Head(
                uuid7() if keeps_source else head.id,
                target + head.path[len(source) :],
                head.is_directory,
                head.is_readonly,
                head.size_bytes,
                now if keeps_source else head.created_at,
                now,
            )
            writes.append(store.added(self._seal, self._session_id, after, b"" if found is None else found[1]))
            if not keeps_source:
                writes.append(store.removed(self._session_id, head.path))
        await self._commit(writes)
        moved = await self.head(target)
        if moved is None:
            raise FileNotFound
        return moved


def replace_head(head: Head, size: int, now: datetime) -> Head:
    """The same file with other content."""
    return Head(head.id, head.path, head.is_directory, head.is_readonly, size, head.created_at, now)


def _entry(head: Head) -> Entry:
    return Entry(head.path, head.is_directory, head.size_bytes, head.created_at, head.updated_at, head.is_readonly)


class SessionValues:
    """`Values` of the capabilities: `kind` is `kv` or `secret`."""

    def __init__(self, db: Db, session: Session, seal: Seal, kind: str) -> None:
        self._db, self._session_id, self._seal, self._kind = db, session.id, seal, kind

    async def get(self, name: str) -> str | None:
        return await store.value(self._db, self._seal, self._session_id, self._kind, name)

    async def set(self, name: str, value: str) -> None:
        if len(value.encode()) > VALUE_BYTES:
            raise NoRoom(f"A value may have at most {VALUE_BYTES} bytes")
        if len(await self.names()) >= MOST_VALUES and await self.get(name) is None:
            raise NoRoom(f"A session may hold at most {MOST_VALUES} values")
        written = store.put(self._seal, self._session_id, self._kind, name, value)
        await self._db.commit([store.present(self._session_id), written])

    async def delete(self, name: str) -> bool:
        if await self.get(name) is None:
            return False
        await self._db.commit([store.forgotten(self._session_id, self._kind, name)])
        return True

    async def names(self) -> tuple[str, ...]:
        return tuple(await store.names(self._db, self._seal, self._session_id, self._kind))
