"""A web server on loopback that answers with whatever bytes a test wants, at whatever pace."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Send = Callable[[bytes], Awaitable[None]]
Page = Callable[["Asked", Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class WebServer:
    """`pages` by path; `asked` is every request so far. One connection, one request."""

    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    def page(self, path: str, page: Page | bytes) -> str:
        """Put a page at a path; its whole address."""
        self.pages[path] = answering(page) if isinstance(page, bytes) else page
        return self.url + path

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Begin to answer."""
        task = asyncio.create_task(self._serve(reader, writer))
        self.serving.add(task)
        task.add_done_callback(self.serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def send(content: bytes) -> None:
            writer.write(content)
            await writer.drain()

        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                first, *lines = [line for line in head.split("\r\n") if line]
                method, path, _ = first.split(" ")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                asked = Asked(method, path, headers, body)
                self.asked.append(asked)
                await self.pages.get(path, answering(b"nothing here", status=404))(asked, send)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


@asynccontextmanager
async def web_server() -> AsyncIterator[WebServer]:
    """The server for as long as the context lasts."""
    served = WebServer()
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0)
    served.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield served
    finally:
        server.close()
        for task in list(served.serving):
            task.cancel()
        await asyncio.gather(*served.serving, return_exceptions=True)
        await server.wait_closed()


def head(status: int = 200, kind: str = "text/html; charset=utf-8", **headers: str) -> bytes:
    """The first lines of an answer that ends with its connection."""
    named = {"content-type": kind, "connection": "close", **headers}
    lines = [f"HTTP/1.1 {status} X", *(f"{name.replace('_', '-')}: {value}" for name, value in named.items() if value)]
    return "\r\n".join([*lines, "", ""]).encode()


def answering(content: bytes, status: int = 200, kind: str = "text/html; charset=utf-8", **headers: str) -> Page:
    """A page that gives these bytes."""

    async def page(asked: Asked, send: Send) -> None:
        await send(head(status, kind, **headers) + (b"" if asked.method == "HEAD" else content))

    return page


def redirecting(target: str, status: int = 302) -> Page:
    """A page that sends elsewhere."""
    return answering(b"", status, location=target)


def dripping(*pieces: bytes, then_waits: bool = True, kind: str = "text/html; charset=utf-8", **headers: str) -> Page:
    """A page that gives these pieces, and then nothing more without ending."""

    async def page(asked: Asked, send: Send) -> None:
        for piece in (head(200, kind, **headers), *pieces):
            await send(piece)
        if then_waits:
            await asyncio.Event().wait()

    return page


async def silence(asked: Asked, send: Send) -> None:
    """A page that never answers."""
    await asyncio.Event().wait()
