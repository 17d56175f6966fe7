"""The client of the sandbox bank, when what answers is no such bank."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from frontdesk.adapters.bank_sandbox import LARGEST, RETRY_AFTER, SandboxBank
from frontdesk.basics.errors import Missing
from frontdesk.ports.bank import BankDown, BankFault, BankForbidden, BankThrottled, BankUnauthorized, ConsentEnded


@asynccontextmanager
async def answering(*parts: bytes, then_waits: bool = False) -> AsyncIterator[str]:
    """A server that says these bytes to everybody, and then hangs up or says nothing more."""
    over = asyncio.Event()

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            for part in parts:
                writer.write(part)
                await writer.drain()
            if then_waits:
                await over.wait()
        writer.close()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        over.set()
        server.close()
        await server.wait_closed()


def answer(status: str, body: bytes = b"{}", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        (answer("200 OK", b"not json"), BankDown),
        (answer("200 OK", b'{"accounts": []}'), BankDown),
        (answer("200 OK", b'[{"id": 5}]'), BankDown),
        (answer("200 OK", b"\xff\xfe"), BankDown),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n[", BankDown),
        (b"220 mail.example ESMTP\r\n", BankDown),
        (b"", BankDown),
        (answer("302 Found", b"", "Location: http://127.0.0.1:9/"), BankForbidden),
        (answer("400 Bad Request"), BankForbidden),
        (answer("401 Unauthorized"), BankUnauthorized),
        (answer("403 Forbidden", b"<html>"), BankForbidden),
        (answer("403 Forbidden", b'{"code": 5}'), BankForbidden),
        (answer("403 Forbidden", b'{"code": "consent_expired"}'), ConsentEnded),
        (answer("404 Not Found"), Missing),
        (answer("500 Internal Server Error"), BankDown),
        (answer("503 Service Unavailable", b"busy"), BankDown),
    ],
    ids=lambda value: value[:40] if isinstance(value, bytes) else value.__name__,
)
async def test_every_answer_is_an_error_of_the_port(told: bytes, fault: type[BankFault]) -> None:
    async with answering(told) as url:
        with pytest.raises(fault):
            await SandboxBank(url).accounts("grant")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("", RETRY_AFTER), ("Wed, 21 Oct 2031 07:28:00 GMT", RETRY_AFTER), ("-5", RETRY_AFTER)],
)
async def test_how_long_to_wait_is_read_or_supposed(header: str, seconds: int) -> None:
    async with answering(answer("429 Too Many Requests", b"", f"Retry-After: {header}")) as url:
        with pytest.raises(BankThrottled) as caught:
            await SandboxBank(url).accounts("grant")
    assert caught.value.retry_after == seconds


async def test_an_answer_without_an_end_is_not_read_to_it() -> None:
    endless = [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", *[b" " * 65_536] * (LARGEST // 65_536 + 2)]
    async with answering(*endless, then_waits=True) as url:
        with pytest.raises(BankDown, match="more than"):
            await SandboxBank(url).accounts("grant")


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n["])
async def test_a_bank_that_stops_talking_is_not_waited_for(said: bytes) -> None:
    async with answering(said, then_waits=True) as url:
        with pytest.raises(BankDown, match="in time"):
            await SandboxBank(url, seconds=0.2).accounts("grant")


async def test_what_a_bank_says_of_a_person_stays_out_of_the_error() -> None:
    for status in ("400 Bad Request", "403 Forbidden", "404 Not Found", "500 Internal Server Error"):
        async with answering(answer(status, b'{"code": "x", "message": "Ana Pop, RO49AAAA1B31007593840000"}')) as url:
            with pytest.raises((BankFault, Missing)) as caught:
                await SandboxBank(url).accounts("grant-of-ana")
        assert "Ana" not in str(caught.value)
        assert "grant-of-ana" not in repr(caught.value.__cause__)
