"""The object port: files by key, and addresses through which a client sends or fetches one directly."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BlobHead:
    """What is known of a stored object without reading it. `size` in bytes."""

    size: int
    etag: str


class Blobs(Protocol):
    """Objects by key (`/` separates, no leading `/`). Errors: `Missing`, `Unavailable`."""

    async def put(self, key: str, content: bytes, content_type: str) -> str:
        """Store, replacing what was there, and return the etag. Readers see the old or the new, never a part."""
        ...

    async def get(self, key: str, limit: int) -> bytes:
        """At most the first `limit` bytes. Raises `Missing`."""
        ...

    async def head(self, key: str) -> BlobHead:
        """Raises `Missing`."""
        ...

    async def delete(self, key: str) -> None:
        """Remove; doing it again, or what never was, is no error."""
        ...

    async def keys(self, prefix: str) -> list[str]:
        """Every key under `prefix`, sorted."""
        ...

    def upload_url(self, key: str, content_type: str, seconds: int) -> str | None:
        """An address that takes one PUT of this object by itself, or None: then the server must take it."""
        ...

    def download_url(self, key: str, seconds: int) -> str | None:
        """An address that serves the object by itself for that long, or None: then the server must serve it."""
        ...

    async def check(self) -> None:
        """Write, read and remove a small object. Raises `Unavailable` with the reason."""
        ...
