"""Bodies as they arrive: a hard limit while streaming, a limit on waiting, and a running digest."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, MutableMapping
from time import perf_counter
from typing import Any

from frontdesk.web.problems import ClientGone, TooLarge, TooSlow

_SLOWEST = 1024
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


async def whole(receive: Receive, limit: int, seconds: float) -> bytes:
    """The body in one piece. Raises as `chunks_of`."""
    # Nearly every body that is read whole has arrived with its head: nothing is waited for, so no clock is needed.
    waiting = receive().__await__()
    try:
        awaited = next(waiting)
    except StopIteration as arrived:
        message = arrived.value
    else:
        message = await _bounded(_Resumed(waiting, awaited), seconds)
    first = _piece(message)
    if len(first) > limit:
        raise TooLarge(limit)
    if not message.get("more_body", False):
        return first
    return b"".join([first, *[piece async for piece in chunks_of(receive, limit, seconds, len(first))]])


async def chunks_of(receive: Receive, limit: int, seconds: float, taken: int = 0) -> AsyncIterator[bytes]:
    """The body's pieces, after `taken` bytes of it. `seconds` bounds the wait for each; it must bring 1 KiB a second.

    Raises `TooLarge` before the piece that crosses `limit` is given out, `TooSlow`, and `ClientGone`.
    """
    waited = 0.0
    more = True
    while more:
        asked_at = perf_counter()
        message = await _bounded(receive(), min(seconds, max(0.0, seconds + taken / _SLOWEST - waited)))
        chunk = _piece(message)
        waited += perf_counter() - asked_at
        more = message.get("more_body", False)
        taken += len(chunk)
        if taken > limit:
            raise TooLarge(limit)
        if chunk:
            yield chunk


class _Resumed:
    """An awaitable that was begun by hand: `awaited` is what it waits for."""

    def __init__(self, waiting: Generator[Any, Any, Message], awaited: Any) -> None:
        self._waiting = waiting
        self._awaited = awaited

    def __await__(self) -> Generator[Any, Any, Message]:
        try:
            yield self._awaited
        except BaseException as error:
            self._waiting.throw(error)
            raise
        return (yield from self._waiting)


async def _bounded(message: Awaitable[Message], seconds: float) -> Message:
    try:
        async with asyncio.timeout(seconds):
            return await message
    except TimeoutError as error:
        raise TooSlow from error


def _piece(message: Message) -> bytes:
    if message["type"] == "http.disconnect":
        raise ClientGone
    piece: bytes = message.get("body", b"")
    return piece


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
