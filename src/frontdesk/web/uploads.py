"""Bodies as they arrive: a hard limit while streaming, a limit on waiting, and a running digest."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from time import perf_counter
from typing import Any

from frontdesk.web.problems import ClientGone, TooLarge, TooSlow

_SLOWEST = 1024
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


async def chunks_of(receive: Receive, limit: int, seconds: float) -> AsyncIterator[bytes]:
    """The body's pieces. `seconds` bounds the wait for each; a body that trickles must bring 1 KiB a second.

    Raises `TooLarge` before the piece that crosses `limit` is given out, `TooSlow`, and `ClientGone`.
    """
    taken = 0
    waited = 0.0
    more = True
    while more:
        asked_at = perf_counter()
        try:
            async with asyncio.timeout(min(seconds, max(0.0, seconds + taken / _SLOWEST - waited))):
                message = await receive()
        except TimeoutError as error:
            raise TooSlow from error
        if message["type"] == "http.disconnect":
            raise ClientGone
        waited += perf_counter() - asked_at
        chunk: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        taken += len(chunk)
        if taken > limit:
            raise TooLarge(limit)
        if chunk:
            yield chunk


class Digested:
    """Passes pieces on and remembers their size and SHA-256: `async for piece in digested`, then `sha256`."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces
        self._sha256 = hashlib.sha256()
        self.size = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._pieces:
            self.size += len(piece)
            self._sha256.update(piece)
            yield piece

    @property
    def sha256(self) -> str:
        """In hexadecimal, of what has passed so far."""
        return self._sha256.hexdigest()

    async def read(self) -> bytes:
        """Everything that is left, in one piece."""
        return b"".join([piece async for piece in self])
