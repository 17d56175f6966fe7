"""A real web server on loopback that writes down what it is sent and answers as it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Received:
    """One request as it came over the wire."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`answers` are given in turn, the last one for ever. `pause` holds each back; `dribble` sends byte by byte."""

    port: int = 0
    answers: list[bytes] = field(default_factory=lambda: [answer(204)])
    received: list[Received] = field(default_factory=list)
    pause: float = 0
    dribble: float = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *fields = head.strip().split("\r\n")
            headers = {name.lower(): text.strip() for name, text in (each.split(":", 1) for each in fields)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.received.append(Received(line, headers, body))
            await asyncio.sleep(self.pause)
            content = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            for at in range(0, len(content), 1 if self.dribble else len(content)):
                writer.write(content[at : at + (1 if self.dribble else len(content))])
                await writer.drain()
                await asyncio.sleep(self.dribble)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            return
        finally:
            writer.close()


def answer(status: int, *fields: str) -> bytes:
    """A whole answer without a body."""
    return "\r\n".join([f"HTTP/1.1 {status} Whatever", "Content-Length: 0", *fields, "", ""]).encode()


@asynccontextmanager
async def receiving(context: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A receiver that listens while the context lasts."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=context)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        await server.wait_closed()
