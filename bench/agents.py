"""Agents: turns a second, a turn as a ratio to pydantic-ai alone, events appended, streams held and how soon they hear.

The model is scripted on both sides: in the process, and behind one and the same HTTP server, where our turns go through
pydantic-ai's client, too. Our turns are kept with full durability on SQLite, those of pydantic-ai nowhere.
"""

import argparse
import asyncio
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table
from server import prepare, started

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent.parent / "tests"))
GIB = 1024**3
TOOL = '#tool add {"a": 1, "b": 2}\nHello'
console = Console()


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=300, help="turns of each measurement")
    parser.add_argument("--streams", type=int, default=5000, help="idle streams to hold")
    parser.add_argument("--followed", type=int, default=500, help="streams whose delay is measured")
    return parser.parse_args()


# A turn beside pydantic-ai alone


def in_process(*, with_tool: bool) -> Any:
    """pydantic-ai's own scripted model, streamed."""
    from pydantic_ai.messages import ModelMessage, ToolReturnPart
    from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel

    async def script(messages: list[ModelMessage], _: AgentInfo) -> AsyncIterator[Any]:
        returned = any(isinstance(part, ToolReturnPart) for message in messages for part in message.parts)
        if with_tool and not returned:
            yield {0: DeltaToolCall(name="add", json_args='{"a": 1, "b": 2}', tool_call_id="1")}
            return
        for word in ("You ", "said: ", "Hello"):
            yield word

    return FunctionModel(stream_function=script)


def over_http(url: str) -> Any:
    """pydantic-ai's client of an OpenAI-compatible server."""
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    return OpenAIChatModel("small", provider=OpenAIProvider(base_url=url, api_key="none"))


async def pydantic_ai_alone(model: Any, turns: int, text: str) -> list[float]:
    """Milliseconds of each run of an agent with one tool."""
    from pydantic_ai import Agent

    agent = Agent(model, system_prompt="Be brief.")

    @agent.tool_plain
    def add(a: float, b: float) -> float:
        return a + b

    spent = []
    for _ in range(turns):
        began = time.perf_counter()
        async with agent.run_stream(text) as run:
            await run.get_output()
        spent.append((time.perf_counter() - began) * 1000)
    return spent


@asynccontextmanager
async def desk(folder: Path, **more: Any) -> AsyncIterator[Any]:
    """Everything wired on SQLite in this process, with a tenant and an agent."""
    from frontdesk import wiring, worker
    from frontdesk.agents.model.agent import Definition, Ref
    from frontdesk.agents.service import agents
    from frontdesk.config import Settings
    from frontdesk.kernel import tenants
    from frontdesk.migrations import migrate

    settings = Settings(data=folder, secret_key="k" * 40, **more)
    await asyncio.to_thread(migrate, wiring.database_url(settings))
    house = wiring.build(settings)
    async with wiring.opened(house), worker.working(house, lambda *_: None):
        new, writes = tenants.create(house.vault, "Bench", house.clock.now())
        await house.db.commit(writes)
        whole = await agents.put(
            house.agents, new.tenant_id, None, Definition("A", "Be brief.", capabilities=(Ref("test_math"),))
        )
        yield house.agents, new.tenant_id, whole.agent.id


async def one_turn(needs: Any, tenant_id: str, session_id: str, text: str) -> None:
    from frontdesk.agents.model.message import TextPart
    from frontdesk.agents.service import messages
    from frontdesk.agents.service.messages import Said
    from frontdesk.agents.service.needs import session_uuid

    await messages.send(needs, tenant_id, session_id, Said((TextPart(text),)), None)
    found = needs.tasks._running.get(session_uuid(session_id))
    if found is not None:
        await found[1]


async def opened(needs: Any, tenant_id: str, agent_id: str) -> str:
    from frontdesk.agents.model import ids
    from frontdesk.agents.service import sessions
    from frontdesk.agents.service.sessions import Wish

    read = await sessions.create(needs, tenant_id, Wish(agent_id), None)
    return ids.published("session", read.session.id)


async def ours(place: Any, turns: int, text: str) -> list[float]:
    """Milliseconds of each turn, from the message to the end, each in a new session."""
    needs, tenant_id, agent_id = place
    spent = []
    for _ in range(turns):
        session_id = await opened(needs, tenant_id, agent_id)
        began = time.perf_counter()
        await one_turn(needs, tenant_id, session_id, text)
        spent.append((time.perf_counter() - began) * 1000)
    return spent


async def many_at_once(place: Any, turns: int) -> float:
    """Turns a second when 32 speak at once, ten turns in each session: what is asked of a model grows with them."""
    needs, tenant_id, agent_id = place

    async def speak() -> None:
        session_id = ""
        for number in range(turns // 32):
            if number % 10 == 0:
                session_id = await opened(needs, tenant_id, agent_id)
            await one_turn(needs, tenant_id, session_id, "Hello")

    began = time.perf_counter()
    await asyncio.gather(*(speak() for _ in range(32)))
    return turns // 32 * 32 / (time.perf_counter() - began)


async def appended(place: Any, events: int) -> float:
    """Events a second: one event a change, as deltas are, in 32 sessions at once."""
    from frontdesk.agents.model.session import Happened, Outcome
    from frontdesk.agents.service.needs import keep, now_for, owned

    needs, tenant_id, agent_id = place
    sessions = [await opened(needs, tenant_id, agent_id) for _ in range(32)]
    facts = {"turn_id": "turn_" + "0" * 32, "delta": "word " * 4, "accumulated": "word " * 100}

    async def write(session_id: str) -> None:
        for _ in range(events // 32):
            read = await owned(needs, tenant_id, session_id)
            happened = (Happened("output.message.delta", facts),)
            await keep(needs, read, Outcome(read.conversation, None, happened), now_for(needs, read))

    began = time.perf_counter()
    await asyncio.gather(*(write(session_id) for session_id in sessions))
    return events // 32 * 32 / (time.perf_counter() - began)


# Streams over real connections


async def stream(port: int, key: str, session_id: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    path = f"/v1/sessions/{session_id}/sse"
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {key}\r\n\r\n".encode())
    await reader.readuntil(b'"connected"}')
    return reader, writer


async def sessions_of(port: int, key: str, count: int) -> list[str]:
    headers = {"Authorization": key}
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60, trust_env=False) as http:
        agent = (await http.post("/v1/agents", json={"name": "A", "system_prompt": "Be brief."})).json()["id"]
        found: list[str] = []
        while len(found) < count:
            some = range(min(50, count - len(found)))
            answers = await asyncio.gather(*(http.post("/v1/sessions", json={"agent_id": agent}) for _ in some))
            found += [answer.json()["id"] for answer in answers]
    return found


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


async def idle(port: int, pid: int, key: str, count: int) -> tuple[int, int]:
    """Bytes before, and with so many idle streams, each of a session of its own."""
    sessions = await sessions_of(port, key, count)
    before = resident(pid)
    held = []
    for start in range(0, count, 50):
        held += await asyncio.gather(*(stream(port, key, one) for one in sessions[start : start + 50]))
    await asyncio.sleep(2)
    after = resident(pid)
    for _, writer in held:
        writer.close()
    return before, after


async def delays(port: int, key: str, count: int) -> list[float]:
    """Milliseconds from the instant that an event tells (before its commit) until its stream has it."""
    sessions = await sessions_of(port, key, count)
    spent: list[float] = []
    streams = [await stream(port, key, one) for one in sessions]

    async def listen(reader: asyncio.StreamReader) -> None:
        while True:
            line = await reader.readuntil(b"\n")
            if line.startswith(b"data: "):
                event = json.loads(line[6:])
                at = datetime.fromisoformat(event["ts"])
                if event["type"] != "session.started":
                    spent.append((datetime.now(UTC) - at).total_seconds() * 1000)
                if event["type"] == "session.idled":
                    return

    listening = [asyncio.create_task(listen(reader)) for reader, _ in streams]
    body = {"message": {"content": [{"type": "text", "text": "Hello"}]}}
    headers = {"Authorization": key}
    async with httpx.AsyncClient(headers=headers, timeout=60, trust_env=False) as http:
        for one in sessions:
            await http.post(f"http://127.0.0.1:{port}/v1/sessions/{one}/messages", json=body)
            await asyncio.sleep(0.02)
    await asyncio.gather(*listening)
    for _, writer in streams:
        writer.close()
    return sorted(spent)


async def beside(place: Any, table: Table, where: str, models: Callable[[bool], Any], turns: int) -> None:
    """Plain turns and turns with a tool, each right after pydantic-ai alone."""
    for name, text, with_tool in (("plain turn", "Hello", False), ("turn with a tool", TOOL, True)):
        model = models(with_tool)
        await pydantic_ai_alone(model, 5, text)
        alone = statistics.median(await pydantic_ai_alone(model, turns, text))
        spent = statistics.median(await ours(place, turns, text))
        told = f"{spent:.1f} ms, pydantic-ai alone {alone:.1f} ms: {spent / alone:.2f}"
        table.add_row(f"{name}, {where}", told, "at most 3")


async def measured(wanted: argparse.Namespace) -> Table:
    from servers.openai import openai_server

    table = Table("what", "measured", "to reach")
    with tempfile.TemporaryDirectory() as folder:
        async with desk(Path(folder)) as place:
            await ours(place, 20, TOOL)  # everything imported and warm
            await beside(place, table, "in process", lambda with_tool: in_process(with_tool=with_tool), wanted.turns)
            table.add_row("turns a second, 32 at once", f"{await many_at_once(place, wanted.turns * 4):,.0f}", "")
            table.add_row("events appended a second", f"{await appended(place, wanted.turns * 20):,.0f}", "")
    with tempfile.TemporaryDirectory() as folder:
        async with openai_server() as model, desk(Path(folder), llm="openai:small", llm_base_url=model.url) as place:
            await ours(place, 20, TOOL)
            await beside(place, table, "over HTTP", lambda _: over_http(model.url), wanted.turns)
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "FRONTDESK_DATA": folder,
            "FRONTDESK_SECRET_KEY": "k" * 40,
            "FRONTDESK_RATE_LIMITS": "off",
            "FRONTDESK_AGENT_STREAMS": "100000",
        }
        from servers.child import free_ports

        key = await prepare(environment)
        server = started("frontdesk", free_ports(1)[0], environment)
        try:
            found = await delays(server.port, key, wanted.followed)
            half, most = found[len(found) // 2], found[int(len(found) * 0.99)]
            table.add_row(f"event to {wanted.followed} streams", f"p50 {half:.1f} ms, p99 {most:.1f} ms", "")
            before, after = await idle(server.port, server.process.pid, key, wanted.streams)
            each = (after - before) / wanted.streams
            told = f"{after / 2**20:.0f} MiB, {each / 1024:.0f} KiB each: {(GIB - before) / each:,.0f} until 1 GiB"
            table.add_row(f"{wanted.streams:,} idle streams", told, "5,000 until 1 GiB")
        finally:
            server.process.kill()
            server.process.wait()
    return table


def main() -> None:
    wanted = asked()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, wanted.streams * 2 + 1000)), hard))
    console.print(asyncio.run(measured(wanted)))


if __name__ == "__main__":
    main()
