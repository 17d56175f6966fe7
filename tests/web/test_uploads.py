"""Bodies as they arrive."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from frontdesk.web.problems import ClientGone, TooLarge, TooSlow
from frontdesk.web.uploads import Digested, chunks_of


def receiving(*messages: dict[str, Any]) -> Callable[[], Awaitable[dict[str, Any]]]:
    left = list(messages)

    async def receive() -> dict[str, Any]:
        return left.pop(0)

    return receive


def piece(body: bytes, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_pieces_come_out_as_they_came_in() -> None:
    receive = receiving(piece(b"ab"), piece(b""), piece(b"c", more=False))
    assert [chunk async for chunk in chunks_of(receive, 3, 1.0)] == [b"ab", b"c"]


async def test_the_piece_that_crosses_the_limit_never_comes_out() -> None:
    chunks = chunks_of(receiving(piece(b"ab"), piece(b"cd")), 3, 1.0)
    assert await anext(chunks) == b"ab"
    with pytest.raises(TooLarge):
        await anext(chunks)


async def test_a_body_that_trickles_is_cut_off_in_the_end() -> None:
    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.04)
        return piece(b"x")

    chunks = chunks_of(receive, 1000, 0.1)
    assert await anext(chunks) == b"x"
    with pytest.raises(TooSlow):
        [chunk async for chunk in chunks]


async def test_a_client_that_leaves_is_told_apart_from_the_end() -> None:
    chunks = chunks_of(receiving(piece(b"ab"), {"type": "http.disconnect"}), 30, 1.0)
    assert await anext(chunks) == b"ab"
    with pytest.raises(ClientGone):
        await anext(chunks)


async def test_size_and_digest_grow_with_what_passed() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"ab"
        yield b"c"

    digested = Digested(pieces())
    assert await digested.read() == b"abc"
    assert (digested.size, digested.sha256) == (3, hashlib.sha256(b"abc").hexdigest())
