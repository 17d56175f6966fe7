"""Create a session, read its state, complete its step: rates and processor time as ratios to a bare ASGI answer.

Everything is measured in one run: SQLite with full durability and PostgreSQL, empty and with many sessions stored.
Each server is a process of its own, ours as `frontdesk serve` runs it; each call is measured right after the bare one,
and the empty server and the full one in turns.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import load
import pairs
import uvicorn
from pairs import Pair
from rich.console import Console
from rich.progress import Progress

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent.parent / "tests"))
BODY = b'{"session_id":"0190f3a1-7c11-7b2e-9f5b-0d2f6a7b8c91","status":"active","step":1}'
WORKFLOW = {
    "name": "Bench",
    "steps": [
        {
            "step_id": "about_you",
            "name": "About you",
            "type": "form_fill",
            "custom_fields": [
                {"field_id": "full_name", "name": "Full name", "type": "text", "required": True},
                {"field_id": "date_of_birth", "name": "Date of birth", "type": "date", "required": True},
                {"field_id": "email", "name": "Email", "type": "email", "required": True},
            ],
        }
    ],
}
FORM = json.dumps(
    {"form_data": {"full_name": "John Doe", "date_of_birth": "1985-03-15", "email": "john@example.com"}}
).encode()
console = Console(width=140)
notes = Console(width=140, stderr=True)
"""For what is told on the way, so that nothing but results is on standard output."""

Prepared = TypeVar("Prepared")
Sides = dict[int, tuple[dict[str, str], Prepared]]
"""By number of sessions stored: the variables of that server's environment, and what was prepared for it."""


async def bare(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(BODY))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": BODY})


def serve(kind: str, port: int) -> None:
    application: Any = bare
    if kind != "bare":
        from frontdesk.cli import listening
        from frontdesk.config import load as settings

        plan = listening.Plan(settings(os.environ, None), f"http://127.0.0.1:{port}")
        silence = open(os.devnull, "wb", buffering=0)  # noqa: SIM115 - lives as long as the process
        application = listening.application(plan, silence)
    uvicorn.run(
        application, host="127.0.0.1", port=port, loop="uvloop", http="httptools", access_log=False,
        log_level="warning", server_header=False, proxy_headers=False, lifespan="off" if kind == "bare" else "on",
    )  # fmt: skip


@dataclass(slots=True)
class Server:
    """A running server and, for ours, what it needs to be called."""

    process: subprocess.Popen[bytes]
    port: int
    key: str = ""
    workflow_id: str = ""


def started(kind: str, port: int, environment: dict[str, str]) -> Server:
    process = subprocess.Popen(
        [sys.executable, str(HERE), "--serve", kind, "--port", str(port)], env={**os.environ, **environment}
    )
    for _ in range(200):
        time.sleep(0.1)
        try:
            httpx.get(f"http://127.0.0.1:{port}/health", timeout=2)
        except httpx.TransportError:
            if process.poll() is not None:
                sys.exit(f"the {kind} server did not start")
            continue
        return Server(process, port)
    sys.exit(f"the {kind} server does not answer")


async def prepare(environment: dict[str, str]) -> str:
    """A migrated database with one tenant; its key."""
    from frontdesk import wiring
    from frontdesk.config import load as settings
    from frontdesk.kernel import tenants
    from frontdesk.migrations import migrate

    house = wiring.build(settings(environment, None))
    await asyncio.to_thread(migrate, wiring.database_url(house.settings))
    await house.db.open()
    new, writes = tenants.create(house.vault, "bench", house.clock.now())
    await house.db.commit(writes)
    await house.db.close()
    return new.api_key


async def fill(environment: dict[str, str], key: str, workflow_id: str, count: int) -> None:
    """Store `count` sessions through the service, as requests would."""
    from frontdesk import wiring
    from frontdesk.config import load as settings
    from frontdesk.kernel import credentials
    from frontdesk.kyc.service import opening

    house = wiring.build(settings(environment, None), "http://127.0.0.1")
    await house.db.open()
    identity = await credentials.identify(house.db, key)
    if identity is None:
        sys.exit("the key is gone")
    wish = opening.Wish(workflow_id)
    with Progress(console=notes) as progress:
        task = progress.add_task(f"storing {count} sessions", total=count)
        for begun in range(0, count, 250):
            size = min(250, count - begun)
            await asyncio.gather(
                *[opening.create_session(house.kyc, identity.tenant_id, wish, None) for _ in range(size)]
            )
            progress.advance(task, size)
    await house.db.close()


def measure(server: Server, plain: Server, amount: int) -> dict[str, Pair]:
    """One round, each call beside the bare answer."""

    def beside(requests: Iterator[bytes], wanted: int, *, keep: bool = False) -> tuple[Pair, list[bytes]]:
        at_rest = pairs.bare_beside(plain.process.pid, plain.port, amount * 2)
        sample, bodies = pairs.sampled(server.process.pid, server.port, requests, wanted, keep=keep)
        return Pair(at_rest, sample), bodies

    body = json.dumps({"workflow_id": server.workflow_id, "metadata": {"user_name": "Ana"}}).encode()
    create = load.request("POST", "/kyc/sessions", key=server.key, body=body)
    made, bodies = beside(itertools.repeat(create, amount), 201, keep=True)
    tokens = [json.loads(each)["data"]["access_token"] for each in bodies]
    read, _ = beside(_reads(tokens, 3), 200)
    done, _ = beside(_completions(tokens), 200)
    return {"create": made, "read": read, "complete": done}


def _reads(tokens: list[str], times: int) -> Iterator[bytes]:
    for _ in range(times):
        for token in tokens:
            yield load.request("GET", f"/public/sessions/{token}")


def _completions(tokens: list[str]) -> Iterator[bytes]:
    for token in tokens:
        yield load.request("POST", f"/public/sessions/{token}/step/about_you/complete", body=FORM)


def rounds(name: str, sides: Sides[str], chosen: argparse.Namespace) -> pairs.Results:
    """A server for each side, with its tenant's key."""
    plain = started("bare", chosen.port, {})
    servers: dict[int, Server] = {}
    try:
        for place, (stored, (environment, key)) in enumerate(sides.items(), start=1):
            servers[stored] = server = started("frontdesk", chosen.port + place, environment)
            server.key = key
            answer = httpx.post(
                f"http://127.0.0.1:{server.port}/kyc/workflows",
                json=WORKFLOW,
                headers={"Authorization": f"Bearer {key}"},
            )
            server.workflow_id = answer.json()["data"]["workflow_id"]
            if stored:
                asyncio.run(fill(environment, key, server.workflow_id, stored))
            measure(server, plain, chosen.amount // 4)
        return pairs.in_turns(
            name, servers, lambda server: measure(server, plain, chosen.amount), chosen.rounds, notes.print
        )
    finally:
        for each in (plain, *servers.values()):
            each.process.terminate()
            each.process.wait()


def main() -> None:
    options = options_for(18200, __doc__)
    options.add_argument("--serve", choices=["bare", "frontdesk"])
    chosen = options.parse_args()
    if chosen.serve:
        serve(chosen.serve, chosen.port)
    else:
        show(on_both(chosen, prepare, rounds), as_json=chosen.json)


def options_for(port: int, description: str | None) -> argparse.ArgumentParser:
    """What can be chosen. Many short rounds: neighbours come and go within seconds."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--port", type=int, default=port)
    options.add_argument("--rounds", type=int, default=9)
    options.add_argument("--amount", type=int, default=2000, help="calls of each kind in a round")
    options.add_argument("--stored", type=int, default=100_000)
    options.add_argument("--only", choices=["sqlite", "postgresql"])
    options.add_argument("--json", action="store_true")
    return options


def on_both(
    chosen: argparse.Namespace,
    prepare: Callable[[dict[str, str]], Awaitable[Prepared]],
    rounds: Callable[[str, Sides[Prepared], argparse.Namespace], pairs.Results],
) -> pairs.Results:
    """The rounds on both databases, or on the one that was chosen."""

    results: pairs.Results = {}
    with tempfile.TemporaryDirectory() as folder:
        if chosen.only != "postgresql":
            places = {stored: on_sqlite(Path(folder, str(stored))) for stored in amounts(chosen)}
            results |= rounds("sqlite", asyncio.run(prepared(places, prepare)), chosen)
        if chosen.only != "sqlite":
            with on_postgres(Path(folder), amounts(chosen)) as places:
                results |= rounds("postgresql", asyncio.run(prepared(places, prepare)), chosen)
    return results


async def prepared(
    places: dict[int, dict[str, str]], prepare: Callable[[dict[str, str]], Awaitable[Prepared]]
) -> Sides[Prepared]:
    return {stored: (environment, await prepare(environment)) for stored, environment in places.items()}


def show(results: pairs.Results, *, as_json: bool) -> None:
    if as_json:
        print(pairs.as_json(results))
        return
    console.print(pairs.table(results))
    for said in pairs.remarks(results):
        console.print(said)


def amounts(chosen: argparse.Namespace) -> list[int]:
    """How many sessions are stored on each side."""
    return [0, chosen.stored] if chosen.stored else [0]


def on_sqlite(folder: Path) -> dict[str, str]:
    return {"FRONTDESK_DATA": str(folder), "FRONTDESK_RATE_LIMITS": "off"}


@contextlib.contextmanager
def on_postgres(folder: Path, stored: list[int]) -> Iterator[dict[int, dict[str, str]]]:
    from servers.postgres import fresh_database
    from servers.running import running

    with running("FRONTDESK_TEST_POSTGRES_URL") as found, contextlib.ExitStack() as databases:
        yield {
            each: {
                "FRONTDESK_DATA": str(folder / f"postgresql-{each}"),
                "FRONTDESK_DATABASE_URL": databases.enter_context(fresh_database(found["FRONTDESK_TEST_POSTGRES_URL"])),
                "FRONTDESK_SECRET_KEY": "a key for measurements only, 32 or more",
                "FRONTDESK_RATE_LIMITS": "off",
            }
            for each in stored
        }


if __name__ == "__main__":
    main()
