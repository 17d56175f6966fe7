"""Whether a store of objects works: it takes one, gives it back, and lets it go."""

import secrets

from frontdesk.basics.errors import Missing, Rejected, Unavailable
from frontdesk.ports.blobs import Blobs


async def take_and_give(blobs: Blobs, name: str) -> None:
    """Raises `Unavailable`, which calls the store by `name`."""
    key = f"check-{secrets.token_hex(8)}"
    try:
        await blobs.put(key, b"check", "text/plain")
        content = await blobs.get(key, 100)
        await blobs.delete(key)
    except (Missing, Rejected) as error:
        raise Unavailable(f"{name} does not take an object and give it back") from error
    if content != b"check":
        raise Unavailable(f"{name} gives back something else than was stored")
