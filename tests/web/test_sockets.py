"""What only a real connection shows: chunked, oversized, slow and broken-off bodies."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

import httpx
import pytest

from frontdesk.web.floor import FloorSettings
from web.world import World

PATH = "/storage/u/signed"


async def exchange(port: int, request: bytes, *, pause: float = 0.0, more: bytes = b"") -> bytes:
    """Sends bytes as they are and reads until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await writer.drain()
    if pause:
        await asyncio.sleep(pause)
        writer.write(more)
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    await writer.wait_closed()
    return answer


def url(port: int, path: str) -> str:
    return f"http://127.0.0.1:{port}{path}"


async def line_of(world: World, status: int) -> dict[str, object]:
    """The log's line with this status, as soon as it is there."""
    for _ in range(200):
        for line in world.lines():
            if line.get("status") == status:
                return line
        await asyncio.sleep(0.02)
    raise AssertionError(f"no request ended with {status}: {world.lines()}")


class TestPutFile:
    async def test_a_chunked_body_arrives_whole_with_its_digest(self, port: int) -> None:
        content = [bytes([number]) * 70_000 for number in range(10)]

        async def pieces() -> AsyncIterator[bytes]:
            for piece in content:
                yield piece

        async with httpx.AsyncClient() as client:
            answer = await client.put(url(port, PATH), content=pieces())
        assert answer.status_code == 200
        assert answer.headers["etag"] == hashlib.sha256(b"".join(content)).hexdigest()
        assert answer.headers["x-size"] == "700000"

    async def test_an_oversized_chunked_body_is_413_and_the_connection_is_closed(self, port: int) -> None:
        sent = 0

        async def pieces() -> AsyncIterator[bytes]:
            nonlocal sent
            for _ in range(60):
                sent += 50_000
                yield b"x" * 50_000

        async with httpx.AsyncClient() as client:
            answer = await client.put(url(port, PATH), content=pieces())
        assert answer.status_code == 413
        assert answer.headers["connection"] == "close"
        assert answer.json()["error"]["code"] == "PAYLOAD_TOO_LARGE"

    async def test_a_declared_size_over_the_limit_is_refused_before_the_body(self, port: int) -> None:
        head = b"PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: 1000001\r\nExpect: 100-continue\r\n\r\n" % PATH.encode()
        started = time.perf_counter()
        answer = await exchange(port, head)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"100 Continue" not in answer
        assert time.perf_counter() - started < 5

    async def test_a_flood_after_the_refusal_is_cut_off(self, port: int) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000000\r\n\r\n" % PATH.encode())
        taken = 0
        with suppress(ConnectionError):
            while taken < 500:
                writer.write(b"x" * 1_000_000)
                await asyncio.wait_for(writer.drain(), 10)
                taken += 1
        assert taken < 100
        writer.close()

    async def test_a_client_that_leaves_in_the_middle_is_logged_and_nothing_else_happens(
        self, world: World, port: int
    ) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc" % PATH.encode())
        await writer.drain()
        await asyncio.sleep(0.1)
        writer.close()
        line = await line_of(world, 499)
        assert line["route"] == "/storage/u/{signed}"
        assert [each["event"] for each in world.lines()] == ["request"]

    async def test_the_connection_serves_on_after_a_small_unread_body(self, port: int) -> None:
        async with httpx.AsyncClient() as client:
            for _ in range(3):
                answer = await client.post(url(port, "/kyc/nothing"), content=b"x" * 5_000)
                assert answer.status_code == 404
                assert "connection" not in answer.headers


class TestSlowBody:
    @pytest.fixture
    def world(self) -> World:
        return World(settings=replace(FloorSettings(), body_for=0.3))

    async def test_a_body_that_stops_coming_is_408(self, port: int) -> None:
        head = b"POST /greetings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        begun = head + b"Content-Length: 150000\r\n\r\n{"
        assert (await exchange(port, begun)).startswith(b"HTTP/1.1 408 ")

    async def test_a_body_that_comes_slowly_but_steadily_is_taken(self, port: int) -> None:
        head = b"POST /greetings HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
        body = b'{"name":"Ida"}'
        request = head + b"Content-Length: %d\r\n\r\n" % len(body) + body[:5]
        assert (await exchange(port, request, pause=0.15, more=body[5:])).startswith(b"HTTP/1.1 201 ")


class TestAnswers:
    async def test_an_answer_that_breaks_off_is_seen_to_be_broken(self, world: World, port: int) -> None:
        async with httpx.AsyncClient() as client:
            with pytest.raises(httpx.RemoteProtocolError):
                await client.get(url(port, "/kyc/broken"))
        line = await line_of(world, 200)
        assert line["bytes"] == 5
        assert "answer_broken" in [each["event"] for each in world.lines()]
        assert b"personal value" not in world.log.getvalue()

    async def test_a_stream_ends_when_its_reader_leaves(self, world: World, port: int) -> None:
        async with httpx.AsyncClient() as client, client.stream("GET", url(port, "/kyc/endless")) as answer:
            assert answer.headers["cache-control"] == "no-store"
            assert await anext(answer.aiter_bytes()) == b": still here\n\n"
        line = await line_of(world, 200)
        assert line["route"] == "/kyc/endless"
        assert [each["event"] for each in world.lines()] == ["request"]

    async def test_head_works_over_the_wire(self, port: int) -> None:
        async with httpx.AsyncClient() as client:
            for _ in range(2):
                answer = await client.head(url(port, "/kyc/sessions"))
                assert (answer.status_code, answer.content) == (200, b"")
                assert int(answer.headers["content-length"]) > 10

    async def test_two_requests_at_once_on_one_connection_are_answered_in_order(self, port: int) -> None:
        request = b"GET /kyc/sessions HTTP/1.1\r\nHost: x\r\n\r\n"
        last = b"GET /kyc/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        answer = await exchange(port, request + last)
        assert answer.index(b"HTTP/1.1 200 ") < answer.index(b"HTTP/1.1 404 ")

    @pytest.mark.parametrize("path", [b"/%FF", b"/%00", b"/kyc/%2e%2e/x", b"//", b"/kyc/" + b"a/" * 3_000])
    async def test_a_strange_path_is_a_plain_404(self, port: int, path: bytes) -> None:
        answer = await exchange(port, b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path)
        assert answer.startswith(b"HTTP/1.1 404 ")

    @pytest.mark.parametrize("request_line", [b"GET /\xff HTTP/1.1", b"GET / HTTP/9.9", b"\x16\x03\x01"])
    async def test_what_is_no_http_is_refused_by_the_server(self, port: int, request_line: bytes) -> None:
        answer = await exchange(port, request_line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 404 "))

    async def test_a_wish_for_a_websocket_is_answered_as_plain_http(self, port: int) -> None:
        request = (
            b"GET /kyc/stream HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        assert (await exchange(port, request)).startswith(b"HTTP/1.1 200 ")
