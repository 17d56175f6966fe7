"""The lists that were brought in: what is loaded, entries by number, and the words by which they are found.

Rows of a list carry its generation. One that no line of `kyc_lists` names is not part of any list: it is being
written, or about to be removed, and is a line of `kyc_list_leftovers` for as long.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec

from frontdesk.kyc.model.screening import Listed, Loaded
from frontdesk.ports.db import Db, Row, Write

EVERYBODY = ""
"""The scope of a list that all tenants are screened against."""
AT_ONCE = 64
_COLUMNS = "scope, name, category, format, source_date, digest, entries, names, generation, imported_at"
_MANY = ", ".join(f"${number}" for number in range(2, AT_ONCE + 2))
SELECT_IN_SCOPE = f"SELECT {_COLUMNS} FROM kyc_lists WHERE scope = $1 ORDER BY scope, name"
SELECT_ALL = f"SELECT {_COLUMNS} FROM kyc_lists WHERE scope >= $1 ORDER BY scope, name"
SELECT_NAMED = f"SELECT {_COLUMNS} FROM kyc_lists WHERE name = $1 ORDER BY name, scope"
SELECT_ENTRIES = f"SELECT number, record FROM kyc_list_entries WHERE generation = $1 AND number IN ({_MANY})"
SELECT_WORDS = f"SELECT key, words FROM kyc_list_keys WHERE generation = $1 AND key IN ({_MANY})"
SELECT_PLACES = f"SELECT word, names FROM kyc_list_words WHERE generation = $1 AND word IN ({_MANY})"
INSERT_ENTRY = "INSERT INTO kyc_list_entries (generation, number, record) VALUES ($1, $2, $3)"
INSERT_KEY = "INSERT INTO kyc_list_keys (generation, key, part, words) VALUES ($1, $2, $3, $4)"
INSERT_WORD = "INSERT INTO kyc_list_words (generation, word, part, names) VALUES ($1, $2, $3, $4)"
INSERT_LIST = f"INSERT INTO kyc_lists ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
DELETE_LIST = "DELETE FROM kyc_lists WHERE scope = $1 AND name = $2 AND generation = $3"
INSERT_LEFTOVER = "INSERT INTO kyc_list_leftovers (generation, touched_at) VALUES ($1, $2)"
TOUCH_LEFTOVER = "UPDATE kyc_list_leftovers SET touched_at = $2 WHERE generation = $1"
DELETE_LEFTOVER = "DELETE FROM kyc_list_leftovers WHERE generation = $1"
SELECT_LEFTOVERS = "SELECT generation, touched_at FROM kyc_list_leftovers WHERE generation >= $1 ORDER BY generation"
BOUNDS = (
    "SELECT number FROM kyc_list_entries WHERE generation = $1 ORDER BY generation, number LIMIT 1 OFFSET $2",
    "SELECT key FROM kyc_list_keys WHERE generation = $1 ORDER BY generation, key, part LIMIT 1 OFFSET $2",
    "SELECT word FROM kyc_list_words WHERE generation = $1 ORDER BY generation, word, part LIMIT 1 OFFSET $2",
)
"""The key of a row so many places on: up to it the rows go first."""
DELETIONS = (
    "DELETE FROM kyc_list_entries WHERE generation = $1 AND number <= $2",
    "DELETE FROM kyc_list_keys WHERE generation = $1 AND key <= $2",
    "DELETE FROM kyc_list_words WHERE generation = $1 AND word <= $2",
)
LAST_DELETIONS = (
    "DELETE FROM kyc_list_entries WHERE generation = $1",
    "DELETE FROM kyc_list_keys WHERE generation = $1",
    "DELETE FROM kyc_list_words WHERE generation = $1",
)

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Listed)
Key = TypeVar("Key", str, int)


async def in_scope(db: Db, tenant_id: str) -> list[Loaded]:
    """The lists that a tenant's customers are screened against: everybody's, then its own."""
    rows = [*await db.all(SELECT_IN_SCOPE, EVERYBODY), *await db.all(SELECT_IN_SCOPE, tenant_id)]
    return [_loaded(row) for row in rows]


async def every(db: Db) -> list[Loaded]:
    """Every list, of whatever tenant."""
    return [_loaded(row) for row in await db.all(SELECT_ALL, EVERYBODY)]


async def named(db: Db, name: str) -> list[Loaded]:
    """The lists of that name, of whatever tenant."""
    return [_loaded(row) for row in await db.all(SELECT_NAMED, name)]


def _loaded(row: Row) -> Loaded:
    return Loaded(*row)


async def words_behind(db: Db, generation: str, keys: Sequence[str]) -> dict[str, list[str]]:
    """The listed words behind each of these keys."""
    found: dict[str, list[str]] = {}
    for batch in _batches(keys, ""):
        for key, words in await db.all(SELECT_WORDS, generation, *batch):
            found.setdefault(key, []).extend(words.split(" "))
    return found


async def places_of(db: Db, generation: str, words: Sequence[str]) -> dict[str, bytes]:
    """Where each of these words stands, packed."""
    found: dict[str, bytes] = {}
    for batch in _batches(words, ""):
        for word, names in await db.all(SELECT_PLACES, generation, *batch):
            found[word] = found.get(word, b"") + bytes(names)
    return found


async def entries(db: Db, generation: str, numbers: Sequence[int]) -> list[Listed]:
    """The entries of these numbers, in no order."""
    found = []
    for batch in _batches(numbers, -1):
        found += [_decoder.decode(row[1]) for row in await db.all(SELECT_ENTRIES, generation, *batch)]
    return found


def _batches(keys: Sequence[Key], nothing: Key) -> Iterable[Sequence[Key]]:
    for start in range(0, len(keys), AT_ONCE):
        batch = list(keys[start : start + AT_ONCE])
        yield batch + [nothing] * (AT_ONCE - len(batch))


def entry_inserted(generation: str, number: int, entry: Listed) -> Write:
    """Keep an entry."""
    return Write(INSERT_ENTRY, (generation, number, _encoder.encode(entry)))


def key_inserted(generation: str, part: int, key: str, words: str) -> Write:
    """Keep a key and the words behind it."""
    return Write(INSERT_KEY, (generation, key, part, words))


def word_inserted(generation: str, part: int, word: str, names: bytes) -> Write:
    """Keep where a word stands."""
    return Write(INSERT_WORD, (generation, word, part, names))


def begun(generation: str, now: int) -> Write:
    """Note that rows of this generation are being written, and are to go unless they become a list."""
    return Write(INSERT_LEFTOVER, (generation, now))


def touched(generation: str, now: int) -> Write:
    """Note that somebody is still writing. Raises `Conflict` in the commit when the rows were given up meanwhile."""
    return Write(TOUCH_LEFTOVER, (generation, now), expect=1)


def switched(before: Loaded | None, after: Loaded | None) -> list[Write]:
    """Put a finished generation in the place of the one before, which is left over from now on; either may be none."""
    writes = []
    if before is not None:
        writes.append(Write(DELETE_LIST, (before.scope, before.name, before.generation), expect=1))
        writes.append(Write(INSERT_LEFTOVER, (before.generation, 0)))
    if after is not None:
        row = (after.scope, after.name, after.category, after.format, after.source_date, after.digest, after.entries)
        writes.append(Write(DELETE_LEFTOVER, (after.generation,), expect=1))
        writes.append(Write(INSERT_LIST, (*row, after.names, after.generation, after.imported_at), expect=1))
    return writes


async def leftovers(db: Db, untouched_since: int) -> list[str]:
    """Generations that nobody has written to since, and no list is."""
    return [row[0] for row in await db.all(SELECT_LEFTOVERS, "") if row[1] <= untouched_since]


async def remove(db: Db, generation: str, at_once: int) -> None:
    """Delete a left-over generation, so many rows of a table at a time, so that others can write between."""
    for bound, deletion, last in zip(BOUNDS, DELETIONS, LAST_DELETIONS, strict=True):
        while (row := await db.one(bound, generation, at_once)) is not None:
            await db.commit([Write(deletion, (generation, row[0]))])
        await db.commit([Write(last, (generation,))])
    await db.commit([Write(DELETE_LEFTOVER, (generation,))])
