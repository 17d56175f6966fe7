"""A name that leads somewhere else when it is looked up again: what was judged is where a tool goes."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from frontdesk.agents.capabilities.contract import ToolFailed
from frontdesk.agents.capabilities.fetching import SafeFetcher
from frontdesk.kernel.webhooks.destinations import Allowed
from servers.web import WebServer, answering, redirecting, web_server

JUDGED, INSIDE = "127.0.0.1", "127.0.0.2"
"""The first is allowed here and stands for a public address."""
NAME = "moves.example"


class Rebinding(asyncio.SelectorEventLoop):
    """A loop whose resolver names the judged address once, and then for ever one inside the network."""

    looked_up = 0

    async def getaddrinfo(self, host: Any, port: Any, **more: Any) -> Any:
        if host != NAME:
            return await super().getaddrinfo(host, port, **more)
        self.looked_up += 1
        address = JUDGED if self.looked_up == 1 else INSIDE
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))]


def rebound(story: Callable[[Rebinding, WebServer, SafeFetcher, str], Awaitable[None]]) -> None:
    """Run a story in such a loop, with a server at the judged address."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Rebinding)
        async with web_server() as web:
            port = web.url.rsplit(":", 1)[1]
            await story(loop, web, SafeFetcher(Allowed((JUDGED,))), f"http://{NAME}:{port}")

    with asyncio.Runner(loop_factory=Rebinding) as runner:
        runner.run(run())


def test_a_name_is_looked_up_once_and_the_tool_goes_to_what_was_judged() -> None:
    async def story(loop: Rebinding, web: WebServer, fetcher: SafeFetcher, url: str) -> None:
        web.page("/open", answering(b"for everybody"))
        found = await fetcher.fetch("GET", url + "/open")
        assert (found.status, found.content) == (200, b"for everybody")
        assert loop.looked_up == 1
        assert web.asked[0].headers["host"].startswith(NAME)

    rebound(story)


def test_a_redirect_to_the_same_name_is_judged_anew() -> None:
    async def story(loop: Rebinding, web: WebServer, fetcher: SafeFetcher, url: str) -> None:
        web.page("/out", redirecting(url + "/secrets"))
        with pytest.raises(ToolFailed, match="private"):
            await fetcher.fetch("GET", url + "/out")
        assert loop.looked_up == 2
        assert len(web.asked) == 1, "nothing was sent to where the name leads now"

    rebound(story)
