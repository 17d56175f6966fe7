"""Tools of MCP servers: the official server, and ones that keep less of the protocol or none of it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from mcp.server import MCPServer
from mcp.types import ToolAnnotations

from agents.capabilities.desk import NOW, context
from frontdesk.agents.capabilities.contract import Capability, ToolFailed
from frontdesk.agents.capabilities.fetching import SafeFetcher
from frontdesk.agents.capabilities.mcp import McpClient, Server, described, tool_name
from frontdesk.agents.capabilities.mcp_answers import answer_to, has_answer
from frontdesk.agents.capabilities.running import Outcome, run
from frontdesk.kernel.webhooks.destinations import Allowed
from servers.web import Asked, Page, Send, WebServer, answering, dripping, head, silence, web_server

UUID = "0194e5c2-1a7b-7c3e-9d40-b6f2a1885e03"
SCHEMA = {"type": "object", "properties": {"a": {"type": "number"}, "b": {"type": "number"}}, "required": ["a", "b"]}
LISTED = {"name": "add", "description": "Add.", "inputSchema": SCHEMA}


def client() -> McpClient:
    return McpClient(SafeFetcher(Allowed(("127.0.0.1",))))


def server(url: str, **more: Any) -> Server:
    return Server(UUID, "Sums & more", url, **more)


async def call(capability: Capability, name: str, **arguments: Any) -> Outcome:
    tool = {each.name: each for each in capability.tools({})}[name]
    return await run(tool, context(allowed=("127.0.0.1",)), arguments)


class Simple:
    """A server that speaks plain JSON-RPC; `answers` by method, each a value, or a function of the params."""

    def __init__(self, **answers: Any) -> None:
        self.answers: dict[str, Any] = {"tools/list": {"tools": [LISTED]}, **answers}
        self.calls: list[str] = []

    async def __call__(self, asked: Asked, send: Send) -> None:
        told = json.loads(asked.body)
        self.calls.append(told["method"])
        answer = self.answers.get(told["method"])
        if callable(answer):
            answer = answer(told.get("params"))
        if answer is None:
            body = {"error": {"code": -32601, "message": "Method not found"}}
        elif isinstance(answer, dict) and "error" in answer:
            body = answer
        else:
            body = {"result": answer}
        content = json.dumps({"jsonrpc": "2.0", "id": told.get("id"), **body}).encode()
        await send(head(200, "application/json") + content)


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    async with web_server() as served:
        yield served


@asynccontextmanager
async def official(*, json_response: bool, stateless: bool) -> AsyncIterator[str]:
    """The protocol's own server; its address."""
    made = MCPServer("sums")

    @made.tool(annotations=ToolAnnotations(read_only_hint=True))
    def add(a: float, b: float) -> str:
        """Add two numbers."""
        return str(a + b)

    @made.tool()
    def fail() -> str:
        """Fail."""
        raise ValueError("no sums today")

    app = made.streamable_http_app(json_response=json_response, stateless_http=stateless)
    listening = socket.create_server(("127.0.0.1", 0))
    running = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none"))
    task = asyncio.create_task(running.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
    finally:
        running.should_exit = True
        await task
        listening.close()


@pytest.mark.parametrize("json_response", [True, False], ids=["json", "events"])
@pytest.mark.parametrize("stateless", [True, False], ids=["stateless", "sessions"])
async def test_the_official_server_is_understood(json_response: bool, stateless: bool) -> None:
    async with official(json_response=json_response, stateless=stateless) as url:
        capability = await client().capability(server(url), NOW)
        tools = {tool.name: tool for tool in capability.tools({})}
        assert list(tools) == ["mcp_sums___more__add", "mcp_sums___more__fail"]
        assert tools["mcp_sums___more__add"].description == "Add two numbers."
        assert [tool.safe_to_repeat for tool in tools.values()] == [True, False]
        outcome = await call(capability, "mcp_sums___more__add", a=1, b=2)
        assert (outcome.status, outcome.value) == ("success", {"result": "3.0"})
        failed = await call(capability, "mcp_sums___more__fail")
        assert failed.status == "error"
        assert failed.error


class TestTheList:
    async def test_it_is_kept_for_a_day_and_until_the_server_is_changed(self, web: WebServer) -> None:
        simple = Simple()
        url = web.page("/mcp", simple)
        asking = client()
        for later in (timedelta(0), timedelta(hours=23)):
            await asking.capability(server(url), NOW + later)
        assert simple.calls.count("tools/list") == 1
        await asking.capability(server(url), NOW + timedelta(hours=25))
        await asking.capability(server(url, version=2), NOW)
        assert simple.calls.count("tools/list") == 3

    async def test_it_may_have_pages(self, web: WebServer) -> None:
        def listed(params: dict[str, Any]) -> dict[str, Any]:
            page = int(params.get("cursor", "0"))
            tools = [{**LISTED, "name": f"add{page}"}]
            return {"tools": tools, "nextCursor": str(page + 1)} if page < 2 else {"tools": tools}

        capability = await client().capability(server(web.page("/mcp", Simple(**{"tools/list": listed}))), NOW)
        assert [tool.name[-4:] for tool in capability.tools({})] == ["add0", "add1", "add2"]

    async def test_one_that_never_ends_is_cut(self, web: WebServer) -> None:
        def listed(params: dict[str, Any]) -> dict[str, Any]:
            return {"tools": [LISTED] * 50, "nextCursor": "again"}

        capability = await client().capability(server(web.page("/mcp", Simple(**{"tools/list": listed}))), NOW)
        assert len(capability.tools({})) == 200

    async def test_tools_that_no_model_can_be_offered_are_left_out(self, web: WebServer) -> None:
        odd: list[Any] = [
            LISTED,
            "text",
            None,
            {"name": 7, "inputSchema": SCHEMA},
            {"name": "", "inputSchema": SCHEMA},
            {"name": "no schema"},
            {"name": "list", "inputSchema": {"type": "array"}},
            {"name": "broken", "inputSchema": {"type": "object", "properties": 7}},
            {"name": "far away", "inputSchema": {"type": "object", "$ref": "http://127.0.0.1:9/x"}},
            {"name": "quiet", "inputSchema": SCHEMA, "description": 7, "annotations": "x"},
        ]
        page = Simple(**{"tools/list": {"tools": odd}})
        capability = await client().capability(server(web.page("/mcp", page)), NOW)
        assert [tool.name for tool in capability.tools({})] == ["mcp_sums___more__add", "mcp_sums___more__quiet"]

    @pytest.mark.parametrize(
        "page",
        [
            pytest.param(answering(b"<html>It works!</html>"), id="a page"),
            pytest.param(answering(b"{}", kind="application/json"), id="no answer"),
            pytest.param(answering(b"[1]", kind="application/json"), id="a list"),
            pytest.param(answering(b"\xff", status=500), id="bytes"),
            pytest.param(answering(b"", status=401), id="a wrong key"),
            pytest.param(answering(b"", status=302, location="http://10.0.0.1/"), id="a redirect"),
            pytest.param(answering(b"data: x\n\n", kind="text/event-stream"), id="events without an answer"),
            pytest.param(answering(b"[" * 100_000, kind="application/json"), id="depth"),
            pytest.param(Simple(**{"tools/list": {"tools": "none"}}), id="tools that are none"),
            pytest.param(Simple(**{"tools/list": 7}), id="a number"),
            pytest.param(Simple(**{"tools/list": None}), id="a method that is not known"),
        ],
    )
    async def test_a_server_that_does_not_list_its_tools_is_told_as_one(self, web: WebServer, page: Page) -> None:
        with pytest.raises(ToolFailed):
            await client().capability(server(web.page("/mcp", page)), NOW)

    async def test_a_server_inside_the_network_is_refused(self) -> None:
        with pytest.raises(ToolFailed, match="private"):
            await McpClient(SafeFetcher(Allowed(()))).capability(server("http://127.0.0.1/mcp"), NOW)

    async def test_a_server_that_is_gone_is_told_as_one(self) -> None:
        async with web_server() as gone:
            url = gone.url
        with pytest.raises(ToolFailed, match="reached"):
            await client().capability(server(url), NOW)


class TestACall:
    async def made(self, web: WebServer, result: Any) -> Outcome:
        page = Simple(**{"tools/call": result})
        capability = await client().capability(server(web.page("/mcp", page)), NOW)
        return await call(capability, "mcp_sums___more__add", a=1, b=2)

    @pytest.mark.parametrize(
        ("result", "value"),
        [
            ({"content": [{"type": "text", "text": "3"}]}, {"result": "3"}),
            (
                {"content": [{"type": "text", "text": "3"}, {"type": "image", "data": "AA"}]},
                {"content": [{"type": "text", "text": "3"}, {"type": "image", "data": "AA"}]},
            ),
            ({"content": []}, {"content": []}),
        ],
    )
    async def test_one_text_is_the_result_and_more_are_the_content(
        self, web: WebServer, result: Any, value: Any
    ) -> None:
        outcome = await self.made(web, result)
        assert (outcome.status, outcome.value) == ("success", value)

    @pytest.mark.parametrize(
        ("result", "error"),
        [
            ({"content": [{"type": "text", "text": "no sums"}], "isError": True}, "no sums"),
            ({"content": [], "isError": True}, "failed"),
            ({"error": {"code": 1, "message": "boom"}}, "boom"),
            ({"error": "boom"}, "refused"),
            ({"content": "text"}, "no content"),
            ([], "no content"),
        ],
    )
    async def test_an_error_is_a_failed_call(self, web: WebServer, result: Any, error: str) -> None:
        outcome = await self.made(web, result)
        assert outcome.status == "error"
        assert error in (outcome.error or "")

    async def test_the_key_and_headers_are_sent_and_shown_nowhere(self, web: WebServer) -> None:
        url = web.page("/mcp", Simple())
        asked = server(url, api_key="hidden-7", headers={"X-Team": "hidden-8"})
        await client().capability(asked, NOW)
        assert {(each.headers["authorization"], each.headers["x-team"]) for each in web.asked} == {
            ("Bearer hidden-7", "hidden-8")
        }
        assert "hidden" not in repr(asked)

    async def test_a_forgotten_session_is_begun_anew(self, web: WebServer) -> None:
        simple, sessions = Simple(**{"tools/call": {"content": [{"type": "text", "text": "3"}]}}), ["one", "two"]

        async def page(asked: Asked, send: Send) -> None:
            method = json.loads(asked.body)["method"]
            if method == "initialize":
                told = {"jsonrpc": "2.0", "id": 1, "result": {}}
                await send(head(200, "application/json", mcp_session_id=sessions.pop(0)) + json.dumps(told).encode())
            elif method == "tools/call" and asked.headers["mcp-session-id"] == "one":
                await send(head(404))
            else:
                await simple(asked, send)

        capability = await client().capability(server(web.page("/mcp", page)), NOW)
        outcome = await call(capability, "mcp_sums___more__add", a=1, b=2)
        assert outcome.value == {"result": "3"}
        assert sessions == []

    async def test_a_stream_that_is_left_open_is_left_when_the_answer_is_there(self, web: WebServer) -> None:
        event = b'event: message\ndata: {"jsonrpc":"2.0","id":1,\ndata: "result":{"tools":[]}}\n\n'
        note = b': hello\n\nevent: message\ndata: {"jsonrpc":"2.0","method":"notifications/progress"}\n\n'
        page = dripping(note, event, kind="text/event-stream")
        async with asyncio.timeout(10):
            capability = await client().capability(server(web.page("/mcp", page)), NOW)
        assert capability.tools({}) == ()

    async def test_a_server_that_hangs_is_given_up_with_the_tool(self, web: WebServer) -> None:
        hanging: list[Callable[[Asked, Send], Any]] = []
        simple = Simple()

        async def page(asked: Asked, send: Send) -> None:
            await (hanging[0] if hanging else simple)(asked, send)

        capability = await client().capability(server(web.page("/mcp", page)), NOW)
        hanging.append(silence)
        tool = replace(capability.tools({})[0], seconds=0.1)
        outcome = await run(tool, context(allowed=("127.0.0.1",)), {"a": 1, "b": 2})
        assert outcome.status == "timeout"


class TestNames:
    @pytest.mark.parametrize(
        ("named", "tool", "name"),
        [
            ("Sums", "add", "mcp_sums__add"),
            ("My server!", "a.b/c", "mcp_my_server___a_b_c"),
            ("é", "ü", "mcp_____"),
        ],
    )
    def test_a_name_is_one_that_every_model_takes(self, named: str, tool: str, name: str) -> None:
        assert tool_name(named, tool) == name

    def test_long_names_are_cut_and_stay_apart(self) -> None:
        names = {tool_name("s" * 80 + end, "t" * 80 + tail) for end in "ab" for tail in "cd"}
        assert len(names) == 4
        assert max(len(name) for name in names) <= 64
        assert all(name.startswith("mcp_" + "s" * 16 + "__") for name in names)

    def test_a_server_is_listed_as_a_capability(self) -> None:
        told = described(server("https://example.com/mcp"))
        assert (told.id, told.is_mcp, told.category, told.icon) == (f"mcp:{UUID}", True, "MCP Servers", "plug")
        assert told.tools({}) == ()


@given(st.binary(max_size=200), st.sampled_from(["application/json", "text/event-stream", "text/html", ""]))
def test_any_body_is_an_answer_or_none(content: bytes, kind: str) -> None:
    assert answer_to(content, kind) is None or "id" in (answer_to(content, kind) or {})
    assert has_answer(content) in (True, False)
