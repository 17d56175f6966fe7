"""Whole turns with a model over a real connection: tools, secrets, cuts, errors, cancel, MCP servers."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from frontdesk.adapters.llm_pydantic import PydanticLlm
from frontdesk.adapters.llm_routed import RoutedLlm
from frontdesk.agents.capabilities.fetching import SafeFetcher
from frontdesk.agents.capabilities.mcp import McpClient
from frontdesk.agents.capabilities.table import CAPABILITIES
from frontdesk.agents.model.agent import Definition, Ref
from frontdesk.agents.model.catalogue import MCP_SERVER, McpServer
from frontdesk.agents.model.message import TextPart
from frontdesk.agents.rules.limits import Bounds, Limits
from frontdesk.agents.service import agents, catalogue, keeping, messages, reading, sessions
from frontdesk.agents.service.contents import SessionValues
from frontdesk.agents.service.messages import Said
from frontdesk.agents.service.needs import Needs, owned
from frontdesk.agents.service.reading import Filter
from frontdesk.agents.service.sessions import Wish
from frontdesk.agents.store.events import Entry
from frontdesk.basics.clock import SystemClock
from frontdesk.kernel import tenants
from frontdesk.kernel.vault import Vault
from frontdesk.kernel.webhooks.destinations import Allowed
from frontdesk.ports.db import Db
from frontdesk.ports.llm import Target
from frontdesk.ports.wakeup import Wakeup
from servers.openai import OpenAiServer, chunk, cut, failing, openai_server, sending, silent
from servers.web import WebServer, web_server

KEY = "key-of-tests-0123456789"


@dataclass
class Talk:
    """One session of one agent, and the server that plays its model."""

    needs: Needs
    tenant_id: str
    session_id: str
    model: OpenAiServer

    async def send(self, text: str) -> None:
        await messages.send(self.needs, self.tenant_id, self.session_id, Said((TextPart(text),)), None)

    async def events(self) -> list[Entry]:
        return await reading.events(self.needs, self.tenant_id, self.session_id, Filter())

    async def until(self, kind: str, after: int = 0) -> list[Entry]:
        """All events, once there is one of this type with a greater number."""
        async with asyncio.timeout(30):
            while True:
                found = await self.events()
                if any(event.type == kind and event.number > after for event in found):
                    return found
                await asyncio.sleep(0.01)

    async def said(self, text: str) -> list[Entry]:
        """The events of the turn that answers a message."""
        before = await self.events()
        await self.send(text)
        return (await self.until("session.idled", before[-1].number))[len(before) :]


def kinds(events: list[Entry]) -> list[str]:
    return [event.type for event in events]


def of(events: list[Entry], kind: str) -> list[Any]:
    return [event.content for event in events if event.type == kind]


def answer(events: list[Entry]) -> str:
    return str(of(events, "output.message.completed")[-1]["message"]["content"][0]["text"])


@pytest.fixture
async def model() -> AsyncIterator[OpenAiServer]:
    async with openai_server() as served:
        yield served


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    async with web_server() as served:
        yield served


@pytest.fixture
async def talk(db: Db, vault: Vault, wakeup: Wakeup, model: OpenAiServer) -> AsyncIterator[Talk]:
    clock, fetcher = SystemClock(), SafeFetcher(Allowed(("127.0.0.1",)))
    llm = RoutedLlm(PydanticLlm(trusted=frozenset({model.url}), pause_seconds=0.001))
    target = Target("openai", "small", model.url, KEY)
    limits = Limits(Bounds(iterations=6))
    needs = Needs(db, wakeup, vault, clock, llm, CAPABILITIES, fetcher, McpClient(fetcher), target, limits)
    keeping.ready(needs)
    made, writes = tenants.create(vault, "Acme", clock.now())
    await db.commit(writes)
    refs = tuple(Ref(name) for name in ("test_math", "session_storage", "session_file_system", "web_fetch"))
    definition = Definition("helper", "Be brief.", capabilities=refs)
    agent = (await agents.put(needs, made.tenant_id, None, definition)).agent
    async with keeping.working(needs):
        opened = await sessions.create(needs, made.tenant_id, Wish(agent.id), None)
        session_id = "session_" + opened.session.id.replace("-", "")
        yield Talk(needs, made.tenant_id, session_id, model)
    await llm.stop()


async def test_a_turn_with_tools_goes_over_the_wire_and_into_the_log(talk: Talk) -> None:
    events = await talk.said('#tool add {"a": 1, "b": 2}\n#tool divide {"a": 1, "b": 0}\n\n#tool nothing {}\nWell?')
    completed = {(each["tool_name"], each["status"]) for each in of(events, "tool.completed")}
    assert completed == {("add", "success"), ("divide", "error"), ("nothing", "error")}
    assert kinds(events)[-2:] == ["turn.completed", "session.idled"]
    assert of(events, "turn.completed")[0]["iterations"] == 3
    assert '"result": 3' in answer(events)
    assert "zero" in answer(events)
    first, second, third = talk.model.requests
    assert {"add", "read_file", "kv_store", "web_fetch"} <= {tool["function"]["name"] for tool in first["tools"]}
    assert first["messages"][0]["content"].endswith("<system-prompt>\nBe brief.\n</system-prompt>")
    assert [message["role"] for message in second["messages"]] == ["system", "user", "assistant", "tool", "tool"]
    assert [message["role"] for message in third["messages"]][-2:] == ["assistant", "tool"]


async def test_the_next_turn_knows_what_was_said_and_done(talk: Talk) -> None:
    await talk.said('#tool write_file {"path": "/a.txt", "content": "kept"}')
    events = await talk.said('#tool read_file {"path": "/workspace/a.txt"}')
    assert "kept" in answer(events)
    roles = [message["role"] for message in talk.model.requests[-1]["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "user", "assistant", "tool"]


async def test_a_secret_reaches_the_model_and_no_event_but_its_own_words(talk: Talk) -> None:
    read = await owned(talk.needs, talk.tenant_id, talk.session_id)
    await SessionValues(talk.needs.db, read.session, read.seal, "secret").set("pin", "hunter2")
    talk.model.replies = []
    events = await talk.said('#tool secret_store {"operation": "get", "name": "pin"}')
    assert "hunter2" in json.dumps(talk.model.requests[-1])
    spoken = ("output.message.delta", "output.message.completed", "reason.completed", "llm.generation")
    for event in events:
        if event.type not in spoken:
            assert "hunter2" not in json.dumps(event.content)
    for generation in of(events, "llm.generation"):
        assert "hunter2" not in json.dumps(generation["messages"])
    assert "***" in json.dumps(of(events, "tool.completed"))


async def test_a_secret_that_is_set_is_masked_where_the_model_asks_for_it(talk: Talk) -> None:
    written = {"operation": "set", "name": "pin", "value": "hunter2"}
    begin = {"index": 0, "id": "c1", "type": "function"}
    call = {**begin, "function": {"name": "secret_store", "arguments": json.dumps(written)}}
    talk.model.replies = [sending(chunk({"tool_calls": [call]}), chunk({}, "tool_calls"), b"data: [DONE]\n\n")]
    events = await talk.said("Keep my pin.")
    assert of(events, "tool.completed")[0]["success"] is True
    assert "hunter2" not in json.dumps([event.content for event in events])


async def test_an_answer_that_is_cut_begins_anew(talk: Talk) -> None:
    talk.model.replies = [cut("Well, ", "I think ")]
    events = await talk.said("Hello")
    assert len(of(events, "output.message.started")) >= 1
    assert answer(events).endswith("You said: Hello")
    assert of(events, "llm.generation")[0]["metadata"]["retry"]["attempts"] == 1
    deltas = of(events, "output.message.delta")
    assert deltas[-1]["accumulated"] == answer(events)


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(failing(401, "invalid_api_key", f"Incorrect API key: {KEY}"), id="a wrong key"),
        pytest.param(failing(400, "context_length_exceeded"), id="too long"),
        pytest.param(sending(b"<html>", kind="text/html"), id="a page"),
        pytest.param(sending(b"data: [1, 2]\n\n"), id="nonsense"),
    ],
)
async def test_a_model_that_fails_for_good_ends_the_turn_and_leaves_the_session_usable(talk: Talk, reply: Any) -> None:
    talk.model.replies = [reply] * 4
    events = await talk.said("Hello")
    failed = of(events, "turn.failed")[0]
    assert failed["error_code"] == "llm_error"
    assert kinds(events)[-1] == "session.idled"
    assert KEY not in json.dumps([event.content for event in events])
    talk.model.replies = []
    assert answer(await talk.said("Again")).endswith("You said: Again")


async def test_a_model_that_writes_no_json_is_told_so_and_goes_on(talk: Talk) -> None:
    events = await talk.said("#tool add {a: 1\nWell?")
    completed = of(events, "tool.completed")[0]
    assert (completed["success"], "JSON" in completed["error"]) == (False, True)
    assert kinds(events)[-2:] == ["turn.completed", "session.idled"]


async def test_a_model_that_asks_for_tools_for_ever_is_stopped(talk: Talk) -> None:
    steps = "\n\n".join('#tool add {"a": 1, "b": 2}' for _ in range(10))
    events = await talk.said(steps)
    assert of(events, "turn.failed")[0]["error_code"] == "max_iterations"
    assert len(of(events, "tool.completed")) == 6


async def test_cancelling_hangs_up_on_the_model(talk: Talk) -> None:
    talk.model.replies = [silent("One ", "two ")]
    await talk.send("Count")
    await talk.until("output.message.delta")
    assert await messages.cancel(talk.needs, talk.tenant_id, talk.session_id)
    async with asyncio.timeout(5):
        await talk.model.left.wait()
    events = await talk.events()
    assert kinds(events)[-4:] == ["turn.cancelled", "input.message", "output.message.completed", "session.idled"]
    assert answer(await talk.said("Go on")).endswith("You said: Go on")


async def test_a_tool_may_not_go_where_it_must_not(talk: Talk) -> None:
    events = await talk.said('#tool web_fetch {"url": "http://169.254.169.254/latest/meta-data/"}')
    assert "private" in of(events, "tool.completed")[0]["error"]
    assert kinds(events)[-1] == "session.idled"


async def test_the_tools_of_a_server_are_used_and_one_that_is_away_drops_out(talk: Talk, web: WebServer) -> None:
    listed = {"tools": [{"name": "ring", "description": "Ring.", "inputSchema": {"type": "object"}}]}
    results = {"tools/list": listed, "tools/call": {"content": [{"type": "text", "text": "It rang."}]}}

    async def page(asked: Any, send: Any) -> None:
        told = json.loads(asked.body)
        body = {"jsonrpc": "2.0", "id": told.get("id"), "result": results.get(told["method"], {})}
        content = json.dumps(body).encode()
        await send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n" + content)

    bell = McpServer("bell", web.page("/mcp", page))
    gone = McpServer("gone", "http://127.0.0.1:9/mcp")
    refs = [
        Ref("mcp:" + (await catalogue.add(talk.needs, talk.tenant_id, MCP_SERVER, each)).id) for each in (bell, gone)
    ]
    await sessions.change(talk.needs, talk.tenant_id, talk.session_id, {"capabilities": tuple(refs)})
    events = await talk.said("#tool mcp_bell__ring {}")
    assert of(events, "tool.completed")[0]["success"] is True
    assert "It rang." in answer(events)
    names = {tool["function"]["name"] for tool in talk.model.requests[0]["tools"]}
    assert "mcp_bell__ring" in names
    assert not any("gone" in name for name in names)


async def test_what_the_sessions_files_say_is_part_of_the_prompt_from_the_next_call_on(talk: Talk) -> None:
    refs = (Ref("agent_instructions"), Ref("skills"))
    await sessions.change(talk.needs, talk.tenant_id, talk.session_id, {"capabilities": refs})
    skill = {"path": "/.agents/skills/refunds/SKILL.md", "content": "Ask the desk first."}
    told = {"path": "/AGENTS.md", "content": "Speak plainly."}
    written = "\n".join(f"#tool write_file {json.dumps(each)}" for each in (told, skill))
    events = await talk.said(written + '\n\n#tool list_skills {}\n#tool activate_skill {"name": "refunds"}\nWell?')
    first, second, _ = (request["messages"][0]["content"] for request in talk.model.requests)
    added = '<capability id="agent_instructions">\n<agent-instructions source="AGENTS.md">\nSpeak plainly.\n'
    assert (added in first, added in second) == (False, True)
    assert [one["success"] for one in of(events, "tool.completed")] == [True] * 4
    assert "Ask the desk first." in answer(events)
