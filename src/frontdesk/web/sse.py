"""Server-sent events: a stream that is written as fast as its client reads, and ends when the client or server goes."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from starlette.responses import Response

from frontdesk.web.endpoint import Receive, Scope, Send

HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
}


class EventStream(Response):
    """Sends what `frames` yields. The next frames are asked for only when these are on their way: a slow client holds
    up nobody, and what waits for it is one yield and the buffer of its socket."""

    def __init__(self, frames: AsyncGenerator[bytes, None]) -> None:
        super().__init__(headers=HEADERS)
        self._frames = frames
        # A stream has no length.
        self.raw_headers = [pair for pair in self.raw_headers if pair[0] != b"content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.create_task(self._send_all(send, is_head=scope["method"] == "HEAD"), name="event stream")
        leaving = asyncio.create_task(_until_gone(receive), name="event stream watch")
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, leaving):
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await leaving
            with contextlib.suppress(asyncio.CancelledError):
                await sending

    async def _send_all(self, send: Send, *, is_head: bool) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with contextlib.aclosing(self._frames) as frames:
            if not is_head:
                async for frame in frames:
                    await send({"type": "http.response.body", "body": frame, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
