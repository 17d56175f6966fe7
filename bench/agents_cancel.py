"""How soon the model hears of a cancel: asked of the process that does the turn, and of another one.

The model is a server on loopback that speaks for ten minutes.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table
from server import Server, prepare, started

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from servers.child import free_ports
from servers.openai import OpenAiServer, openai_server
from servers.postgres import fresh_database
from servers.running import running

SPEECH = "#slow 600 " + "word " * 3000
console = Console()


async def cancelled(http: httpx.AsyncClient, runner: str, other: str, agent_id: str, model: OpenAiServer) -> float:
    """Milliseconds from sending the request to cancel until the model sees its connection close."""
    session = (await http.post(f"{runner}/v1/sessions", json={"agent_id": agent_id})).json()["id"]
    body = {"message": {"content": [{"type": "text", "text": SPEECH}]}}
    await http.post(f"{runner}/v1/sessions/{session}/messages", json=body)
    while True:
        found = (await http.get(f"{runner}/v1/sessions/{session}/events")).json()["data"]
        if any(one["type"] == "output.message.delta" for one in found):
            break
        await asyncio.sleep(0.02)
    model.left.clear()
    began = time.perf_counter()
    asked = asyncio.create_task(http.post(f"{other}/v1/sessions/{session}/cancel", json={}))
    await asyncio.wait_for(model.left.wait(), 30)
    spent = (time.perf_counter() - began) * 1000
    if (await asked).json()["status"] != "cancelled":
        sys.exit("the turn was not cancelled")
    return spent


async def measured(environment: dict[str, str], processes: int, times: int) -> list[float]:
    """Each cancel's milliseconds, asked of the last process about a turn of the first."""
    key = await prepare(environment)
    servers: list[Server] = []
    async with openai_server() as model:
        told = {**environment, "FRONTDESK_LLM": "openai:small", "FRONTDESK_LLM_BASE_URL": model.url}
        try:
            for port in free_ports(processes):
                servers.append(await asyncio.to_thread(started, "frontdesk", port, told))
            urls = [f"http://127.0.0.1:{server.port}" for server in servers]
            async with httpx.AsyncClient(headers={"Authorization": key}, timeout=60, trust_env=False) as http:
                agent = {"name": "A", "system_prompt": "Be brief."}
                agent_id = (await http.post(f"{urls[0]}/v1/agents", json=agent)).json()["id"]
                await cancelled(http, urls[0], urls[-1], agent_id, model)
                return [await cancelled(http, urls[0], urls[-1], agent_id, model) for _ in range(times)]
        finally:
            for server in servers:
                server.process.kill()
                server.process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=30)
    times = parser.parse_args().times
    table = Table("cancelled by", "median ms", "worst ms", "to reach")
    for name, processes in (("the same process, sqlite", 1), ("another process, postgresql", 2)):
        with ExitStack() as stack:
            environment = {
                "FRONTDESK_DATA": stack.enter_context(tempfile.TemporaryDirectory()),
                "FRONTDESK_SECRET_KEY": "k" * 40,
                "FRONTDESK_RATE_LIMITS": "off",
            }
            if processes > 1:
                place = stack.enter_context(running("FRONTDESK_TEST_POSTGRES_URL"))
                os.environ.update(place)
                url = stack.enter_context(fresh_database(place["FRONTDESK_TEST_POSTGRES_URL"]))
                environment["FRONTDESK_DATABASE_URL"] = url
            spent = asyncio.run(measured(environment, processes, times))
        table.add_row(name, f"{statistics.median(spent):.0f}", f"{max(spent):.0f}", "within 1,000")
    console.print(table)


if __name__ == "__main__":
    main()
