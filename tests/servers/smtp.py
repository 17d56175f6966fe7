"""A real SMTP server on loopback that keeps what it is sent and answers as it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class Postbox:
    """`refused` are recipients that are turned away, with the code they are turned away with."""

    port: int = 0
    received: list[EmailMessage] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    logins: int = 0
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        task = asyncio.current_task()
        assert task is not None
        self.serving.add(task)
        try:
            await self.serve(reader, writer)
        finally:
            writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """What is said to what."""

        def say(line: str) -> None:
            writer.write(line.encode() + b"\r\n")

        say("220 box")
        while line := await reader.readline():
            word, _, rest = line.decode().strip().partition(" ")
            match word.upper():
                case "EHLO":
                    say("250-box")
                    say("250 AUTH PLAIN LOGIN")
                case "AUTH":
                    self.logins += 1
                    say("235 fine" if rest.endswith("AGFuYQByaWdodA==") else "535 no")
                case "RCPT":
                    address = rest.partition("<")[2].rstrip(">")
                    say(f"{self.refused[address]} not here" if address in self.refused else "250 fine")
                case "DATA":
                    say("354 go on")
                    content = b""
                    while (piece := await reader.readline()) != b".\r\n":
                        content += piece
                    self.received.append(message_from_bytes(content, policy=policy.default))  # type: ignore[arg-type]
                    say("250 taken")
                case "QUIT":
                    say("221 bye")
                    break
                case _:
                    say("250 fine")


@asynccontextmanager
async def postbox() -> AsyncIterator[Postbox]:
    """A server that listens while the context lasts."""
    box = Postbox()
    server = await asyncio.start_server(box.connected, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        await asyncio.gather(*box.serving)
        await server.wait_closed()
