"""Agents, measured: turns and events a second, a turn against pydantic-ai alone, live delivery, idle streams.

    python bench/agents.py                       # all of it, on SQLite in a temporary folder
    python bench/agents.py --only turns delivery
    python bench/agents.py --streams 6000        # how many idle streams are tried

Both sides of a ratio run in this process and in turn, so that they meet the same weather. The streams are held by a
server process of its own.
"""

import argparse
import asyncio
import re
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import uvloop
from rich.console import Console
from server import prepare, started

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from servers.child import free_ports

PLAIN = "What time do you open?"
TOOLS = '#tool add {"a": 1, "b": 2}\nAnd?'
ANSWER = ("This", "is", "what", "a", "model", "of", "a", "few", "words", "would", "say.")
GIBIBYTE = 1024**3
console = Console()


class House:
    """The service in this process, with one agent of four capabilities."""

    def __init__(self, house: Any, tenant_id: str, agent_id: str) -> None:
        self.needs, self.tenant_id, self.agent_id = house.agents, tenant_id, agent_id

    async def session(self) -> str:
        """A new session's published id."""
        from frontdesk.agents.service import sessions

        read = await sessions.create(self.needs, self.tenant_id, sessions.Wish(self.agent_id), None)
        return "session_" + read.session.id.replace("-", "")

    async def turn(self, session_id: str, text: str) -> None:
        """One whole turn, from the message to the end of what it starts."""
        from frontdesk.agents.model.message import TextPart
        from frontdesk.agents.service import messages

        said = messages.Said((TextPart(text),))
        message = await messages.send(self.needs, self.tenant_id, session_id, said, None)
        found = self.needs.tasks._running.get(message.session_id)
        if found is not None:
            await asyncio.wait([found[1]])


@asynccontextmanager
async def opened(folder: str) -> Any:
    from frontdesk import wiring
    from frontdesk.agents.model.agent import Definition, Ref
    from frontdesk.agents.service import agents, keeping
    from frontdesk.config import load as settings
    from frontdesk.kernel import credentials

    environment = {"FRONTDESK_DATA": folder}
    key = await prepare(environment)
    house = wiring.build(settings(environment, None))
    await house.db.open()
    identity = await credentials.identify(house.db, key)
    refs = tuple(Ref(name) for name in ("test_math", "session_storage", "session_file_system", "web_fetch"))
    definition = Definition("bench", "Be brief.", capabilities=refs)
    made = await agents.put(house.agents, identity.tenant_id, None, definition)
    async with keeping.working(house.agents):
        yield House(house, identity.tenant_id, made.agent.id)
    await house.db.close()


def alone(text: str) -> Callable[[], Awaitable[None]]:
    """The same turn by pydantic-ai and nothing else: one answer, or a tool and an answer."""
    from pydantic_ai import Agent
    from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel

    async def model(messages: list[Any], info: AgentInfo) -> Any:
        if text == TOOLS and len(messages) == 1:
            yield {0: DeltaToolCall("add", '{"a": 1, "b": 2}', tool_call_id="call_1")}
            return
        for word in ANSWER:
            yield word + " "

    agent = Agent(FunctionModel(stream_function=model), instructions="Be brief.")

    @agent.tool_plain
    def add(a: float, b: float) -> float:
        return a + b

    async def turn() -> None:
        async with agent.run_stream(text) as streamed:
            async for _ in streamed.stream_text():
                pass

    return turn


async def timed(turn: Callable[[], Awaitable[None]], count: int) -> float:
    """Milliseconds of one, one after the other."""
    began = time.perf_counter()
    for _ in range(count):
        await turn()
    return (time.perf_counter() - began) * 1000 / count


async def turns(count: int, rounds: int) -> None:
    """A turn against pydantic-ai alone; many at once; events a second."""
    with tempfile.TemporaryDirectory() as folder:
        async with opened(folder) as house:
            for name, text in (("one answer", PLAIN), ("a tool and an answer", TOOLS)):
                bare = alone(text)

                async def ours(text: str = text) -> None:
                    await house.turn(await house.session(), text)

                await timed(bare, 5)
                await timed(ours, 5)
                pairs = [(await timed(ours, count), await timed(bare, count)) for _ in range(rounds)]
                mine, plain = (statistics.median(each) for each in zip(*pairs, strict=True))
                console.print(f"{name}: {mine:.1f} ms, pydantic-ai alone {plain:.1f} ms, ratio {mine / plain:.2f}")
                await many(house, name, text, count * 10)


async def many(house: House, name: str, text: str, count: int) -> None:
    from frontdesk.agents.service import reading

    sessions = [await house.session() for _ in range(count)]
    began = time.perf_counter()
    await asyncio.gather(*(house.turn(session_id, text) for session_id in sessions))
    took = time.perf_counter() - began
    read = await reading.events(house.needs, house.tenant_id, sessions[0], reading.Filter())
    events = (len(read) - 1) * count
    console.print(f"{name}: {count / took:.0f} turns a second at once, {events / took:.0f} events a second")


class Streams:
    """Live streams over sockets: when each event came, against the instant that it tells."""

    def __init__(self, port: int, key: str) -> None:
        self.port, self.key = port, key
        self.connected = 0
        self.late: list[float] = []
        self.measuring = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def follow(self, session_id: str) -> None:
        """Open a stream; returns once it has said that it is connected."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        path = f"/v1/sessions/{session_id}/sse"
        head = f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self.key}\r\n\r\n"
        writer.write(head.encode())
        while b"connected" not in (line := await reader.readline()):
            if not line or line.startswith(b"HTTP/1.1 4"):
                raise ConnectionError(line.decode())
        self.connected += 1
        task = asyncio.create_task(self._read(reader, writer))
        self._tasks.add(task)

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                found = re.search(rb'"ts":"([^"]+)"', line) if self.measuring else None
                if found is not None:
                    at = datetime.fromisoformat(found[1].decode()).timestamp()
                    self.late.append((time.time() - at) * 1000)
        finally:
            writer.close()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 if found else 0


@asynccontextmanager
async def serving(folder: str) -> Any:
    environment = {"FRONTDESK_DATA": folder, "FRONTDESK_RATE_LIMITS": "off", "FRONTDESK_AGENT_STREAMS": "100000"}
    key = await prepare(environment)
    [port] = free_ports(1)
    server = await asyncio.to_thread(started, "frontdesk", port, environment)
    address, headers = f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {key}"}
    try:
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60, trust_env=False) as http:
            body = {"name": "bench", "system_prompt": "Be brief."}
            agent_id = (await http.post("/v1/agents", json=body)).json()["id"]
            yield server.process.pid, Streams(port, key), http, agent_id
    finally:
        server.process.terminate()
        await asyncio.to_thread(server.process.wait)


async def open_session(http: httpx.AsyncClient, agent_id: str) -> str:
    found: str = (await http.post("/v1/sessions", json={"agent_id": agent_id})).json()["id"]
    return found


async def delivery(count: int, seconds: float) -> None:
    """From the instant that an event tells to its arrival, with `count` streams open and some turns a second."""
    with tempfile.TemporaryDirectory() as folder:
        async with serving(folder) as (_, streams, http, agent_id):
            sessions = [await open_session(http, agent_id) for _ in range(count)]
            for session_id in sessions:
                await streams.follow(session_id)
            streams.measuring = True
            said = {"message": {"content": [{"type": "text", "text": PLAIN}]}}
            until, place = time.monotonic() + seconds, 0
            while time.monotonic() < until:
                await http.post(f"/v1/sessions/{sessions[place % count]}/messages", json=said)
                place += 1
                await asyncio.sleep(0.02)
            await asyncio.sleep(1)
            late = sorted(streams.late)
            await streams.stop()
            p50, p99 = late[len(late) // 2], late[len(late) * 99 // 100]
            rate = len(late) / seconds
            console.print(f"{count} streams, {rate:.0f} events a second: p50 {p50:.0f} ms, p99 {p99:.0f} ms")


async def idle(most: int) -> None:
    """Streams on which nothing happens, until the server holds 1 GiB."""
    with tempfile.TemporaryDirectory() as folder:
        async with serving(folder) as (pid, streams, http, agent_id):
            at_first = resident(pid)
            while streams.connected < most and resident(pid) < GIBIBYTE:
                some = await asyncio.gather(*(open_session(http, agent_id) for _ in range(50)))
                for session_id in some:
                    await streams.follow(session_id)
            held = resident(pid)
            each = (held - at_first) / streams.connected / 1024
            await streams.stop()
            mebibytes = f"{at_first >> 20} MiB without, {held >> 20} MiB with them, {each:.0f} KiB each"
            console.print(
                f"{streams.connected} idle streams: {mebibytes}; 1 GiB holds {int((GIBIBYTE - at_first) / 1024 / each)}"
            )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", nargs="+", choices=["turns", "delivery", "idle"])
    options.add_argument("--count", type=int, default=50, help="turns of one round")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--listeners", type=int, default=500)
    options.add_argument("--seconds", type=float, default=20.0)
    options.add_argument("--streams", type=int, default=5000)
    chosen = options.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    wanted = chosen.only or ["turns", "delivery", "idle"]
    if "turns" in wanted:
        uvloop.run(turns(chosen.count, chosen.rounds))
    if "delivery" in wanted:
        uvloop.run(delivery(chosen.listeners, chosen.seconds))
    if "idle" in wanted:
        uvloop.run(idle(chosen.streams))


if __name__ == "__main__":
    main()
