"""What tools and clients keep in a session: files and named values, sealed with its key, found by a digest of their
name."""

import hashlib
from datetime import datetime

import msgspec

from frontdesk.kernel.vault import Seal
from frontdesk.ports.db import Db, Write

INSERT_FILE = "INSERT INTO agents_files (session_id, place, head, content) VALUES ($1, $2, $3, $4)"
UPDATE_FILE = "UPDATE agents_files SET head = $3, content = $4 WHERE session_id = $1 AND place = $2 AND head = $5"
DELETE_FILE = "DELETE FROM agents_files WHERE session_id = $1 AND place = $2"
SELECT_FILE = "SELECT f.head, f.content FROM agents_files f WHERE f.session_id = $1 AND f.place = $2"
SELECT_HEADS = "SELECT f.head FROM agents_files f WHERE f.session_id = $1"
PUT_VALUE = """
INSERT INTO agents_values (session_id, kind, place, sealed) VALUES ($1, $2, $3, $4)
ON CONFLICT (session_id, kind, place) DO UPDATE SET sealed = excluded.sealed
"""
DELETE_VALUE = "DELETE FROM agents_values WHERE session_id = $1 AND kind = $2 AND place = $3"
SELECT_VALUE = "SELECT v.sealed FROM agents_values v WHERE v.session_id = $1 AND v.kind = $2 AND v.place = $3"
SELECT_VALUES = "SELECT v.sealed FROM agents_values v WHERE v.session_id = $1 AND v.kind = $2"


PRESENT = "UPDATE agents_sessions SET agent_id = agent_id WHERE session_id = $1"


def present(session_id: str) -> Write:
    """Let a change fail when the session was erased meanwhile: nothing may be kept of it afterwards."""
    return Write(PRESENT, (session_id,), expect=1)


class Head(msgspec.Struct, frozen=True):
    """A file or folder without its content. `id` is a plain UUID; `size_bytes` of the content."""

    id: str
    path: str
    is_directory: bool
    is_readonly: bool
    size_bytes: int
    created_at: datetime
    updated_at: datetime


def _place(session_id: str, name: str) -> str:
    return hashlib.sha256(f"{session_id}\n{name}".encode()).hexdigest()


async def heads(db: Db, seal: Seal, session_id: str) -> list[Head]:
    """Every file and folder of the session, by path."""
    found = [_head(seal, session_id, bytes(row[0])) for row in await db.all(SELECT_HEADS, session_id)]
    return sorted(found, key=lambda head: head.path)


async def file(db: Db, seal: Seal, session_id: str, path: str) -> tuple[Head, bytes, bytes] | None:
    """A file's head, its content, and the head as it is kept, by which a change is guarded."""
    row = await db.one(SELECT_FILE, session_id, _place(session_id, path))
    if row is None:
        return None
    kept = bytes(row[0])
    return _head(seal, session_id, kept), seal.unseal(bytes(row[1]), f"content {session_id} {path}"), kept


def added(seal: Seal, session_id: str, head: Head, content: bytes) -> Write:
    """Keep a new file or folder; conflicts when there is one of this path."""
    return Write(INSERT_FILE, (session_id, _place(session_id, head.path), *_sealed(seal, session_id, head, content)))


def replaced(seal: Seal, session_id: str, kept: bytes, head: Head, content: bytes) -> Write:
    """Replace a file, if nobody did so since its head was read."""
    place = _place(session_id, head.path)
    return Write(UPDATE_FILE, (session_id, place, *_sealed(seal, session_id, head, content), kept), expect=1)


def removed(session_id: str, path: str) -> Write:
    """Remove a file or folder."""
    return Write(DELETE_FILE, (session_id, _place(session_id, path)))


def _sealed(seal: Seal, session_id: str, head: Head, content: bytes) -> tuple[bytes, bytes]:
    sealed = seal.seal(msgspec.msgpack.encode(head), f"file {session_id}")
    return sealed, seal.seal(content, f"content {session_id} {head.path}")


def _head(seal: Seal, session_id: str, sealed: bytes) -> Head:
    return msgspec.msgpack.decode(seal.unseal(sealed, f"file {session_id}"), type=Head)


async def value(db: Db, seal: Seal, session_id: str, kind: str, name: str) -> str | None:
    """A named value."""
    row = await db.one(SELECT_VALUE, session_id, kind, _place(session_id, name))
    return None if row is None else _pair(seal, session_id, bytes(row[0]))[1]


async def names(db: Db, seal: Seal, session_id: str, kind: str) -> list[str]:
    """The names of all values of a kind, in order."""
    rows = await db.all(SELECT_VALUES, session_id, kind)
    return sorted(_pair(seal, session_id, bytes(row[0]))[0] for row in rows)


def put(seal: Seal, session_id: str, kind: str, name: str, text: str) -> Write:
    """Keep a value, in place of the one of this name."""
    sealed = seal.seal(msgspec.msgpack.encode((name, text)), f"value {session_id}")
    return Write(PUT_VALUE, (session_id, kind, _place(session_id, name), sealed))


def forgotten(session_id: str, kind: str, name: str) -> Write:
    """Forget a value."""
    return Write(DELETE_VALUE, (session_id, kind, _place(session_id, name)))


def _pair(seal: Seal, session_id: str, sealed: bytes) -> tuple[str, str]:
    return msgspec.msgpack.decode(seal.unseal(sealed, f"value {session_id}"), type=tuple[str, str])
