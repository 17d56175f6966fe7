"""The object port: files by key, and addresses through which a client sends or fetches one directly."""

import re
from dataclasses import dataclass
from typing import Protocol

from frontdesk.basics.errors import Rejected

_KEY = re.compile(r"(?!.{901})[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,199})*")


@dataclass(frozen=True, slots=True)
class BlobHead:
    """What is known of a stored object without reading it. `size` in bytes."""

    size: int
    etag: str


class Blobs(Protocol):
    """Objects by key. Errors: `Missing`, `Unavailable`; `Rejected` for a key that breaks the rule below.

    A key is 1 to 900 characters: parts of ASCII letters, digits, `_`, `-` and (not first) `.`, divided by `/`.
    No key continues another: where `a` is stored, `a/b` is not. So every store can hold it as it is written.
    """

    async def put(self, key: str, content: bytes, content_type: str) -> str:
        """Store durably, replacing what was there, and return the etag. Readers see the old or the new, never a part.

        A store that serves objects by itself serves them as `content_type`; others forget it.
        """
        ...

    async def get(self, key: str, limit: int) -> bytes:
        """At most the first `limit` bytes. Raises `Missing`."""
        ...

    async def head(self, key: str) -> BlobHead:
        """The etag is the one that `put` returned, until the object is stored again. Raises `Missing`."""
        ...

    async def delete(self, key: str) -> None:
        """Remove; doing it again, or what never was, is no error."""
        ...

    async def keys(self, prefix: str) -> list[str]:
        """Every key below `prefix`, sorted. A prefix is whole parts (`a` is no prefix of `ab/c`); "" is all."""
        ...

    def upload_url(self, key: str, content_type: str, seconds: int) -> str | None:
        """An address that takes PUTs of this object for that long, or None: then the server must take it.

        It need not bind size or type: look at the object's `head` and bytes before trusting it.
        """
        ...

    def download_url(self, key: str, seconds: int) -> str | None:
        """An address that serves the object by itself for that long, or None: then the server must serve it."""
        ...

    async def check(self) -> None:
        """Write, read and remove a small object. Raises `Unavailable` with the reason."""
        ...


def check_key(key: str) -> None:
    """Raises `Rejected` unless `key` keeps the rule of `Blobs`."""
    if _KEY.fullmatch(key) is None:
        raise Rejected("An object's key must be parts of letters, digits, '_', '-' and '.', divided by '/'")
