"""A receiver of webhooks on this machine, as a tenant would run one: it verifies before it believes."""

import asyncio
import contextlib
import hmac
import json
import secrets
from types import TracebackType
from typing import Any, Self

from frontdesk.cli.demo.telling import Teller

_LARGEST = 1 << 20


class Receiver:
    """Listens on a free port of loopback, checks each signature and remembers what came."""

    def __init__(self, teller: Teller) -> None:
        self.secret = "whsec_" + secrets.token_hex(24)
        self.url = ""
        self._teller = teller
        self._came: set[tuple[str, str]] = set()
        self._news = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._receive, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/webhooks"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def wait_for(self, wanted: set[tuple[str, str]], seconds: float) -> set[tuple[str, str]]:
        """Wait until each of these (event, session id) has come with a right signature; returns what did not."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while wanted - self._came:
                    self._news.clear()
                    await self._news.wait()
        return wanted - self._came

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            heading = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[1:]
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in heading)}
            body = await reader.readexactly(min(int(headers.get("content-length", "0")), _LARGEST))
            is_signed = self._is_signed(headers, body)
            status = "204 No Content" if is_signed else "401 Unauthorized"
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
            self._note(json.loads(body), is_signed)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    def _is_signed(self, headers: dict[str, str], body: bytes) -> bool:
        """The signature covers the timestamp, a dot and the bytes of the body exactly as they came."""
        signed = headers.get("x-webhook-timestamp", "").encode() + b"." + body
        wanted = "sha256=" + hmac.new(self.secret.encode(), signed, "sha256").hexdigest()
        return hmac.compare_digest(wanted, headers.get("x-webhook-signature", ""))

    def _note(self, told: dict[str, Any], is_signed: bool) -> None:
        event_type, content = str(told.get("type")), told.get("data") or {}
        session_id = str(content.get("session_id"))
        self._teller.webhook(event_type, session_id, str(content.get("status")), is_signed=is_signed)
        if is_signed:
            self._came.add((event_type, session_id))
            self._news.set()
