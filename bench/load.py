"""A load generator: so many connections, each sending its next request as soon as the last one is answered."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import uvloop


@dataclass(slots=True)
class Tally:
    """What came back. `bodies` are kept only when asked for."""

    answered: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)
    seconds: float = 0.0
    busy: float = 0.0
    """Seconds of processor time that sending and reading took here."""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], tally: Tally, done: asyncio.Future[None], *, keep: bool) -> None:
        self._requests, self._tally, self._done, self._keep = requests, tally, done, keep
        self._pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            if not self._done.done():
                self._done.set_result(None)
            return
        self._transport.write(request)  # type: ignore[attr-defined]

    def data_received(self, received: bytes) -> None:
        self._pending += received
        head = self._pending.find(b"\r\n\r\n")
        if head < 0:
            return
        lowered = self._pending[:head].lower()
        at = lowered.find(b"content-length:")
        length = int(lowered[at + 15 : lowered.find(b"\r\n", at) if lowered.find(b"\r\n", at) > 0 else head])
        if len(self._pending) < head + 4 + length:
            return
        status = int(self._pending[9:12])
        self._tally.answered += 1
        self._tally.statuses[status] = self._tally.statuses.get(status, 0) + 1
        if self._keep:
            self._tally.bodies.append(self._pending[head + 4 :])
        self._pending = b""
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(error or ConnectionResetError("the server closed the connection"))


def run(port: int, requests: Iterator[bytes], *, connections: int = 64, keep: bool = False) -> Tally:
    """Send every request of `requests` over so many connections."""

    async def all_of_them() -> Tally:
        loop, tally = asyncio.get_running_loop(), Tally()
        ends: list[asyncio.Future[None]] = [loop.create_future() for _ in range(connections)]
        began, busy = time.perf_counter(), time.process_time()
        for end in ends:
            await loop.create_connection(
                lambda end=end: _Connection(requests, tally, end, keep=keep), "127.0.0.1", port
            )
        await asyncio.gather(*ends)
        tally.seconds, tally.busy = time.perf_counter() - began, time.process_time() - busy
        return tally

    return uvloop.run(all_of_them())


def request(method: str, path: str, *, key: str = "", body: bytes = b"") -> bytes:
    """The bytes of one HTTP request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if key:
        lines.append(f"Authorization: Bearer {key}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body
