"""Create a session, read its state, complete its step: instructions of the interpreter's main thread for each call.

They are the same in any weather, to about one in a hundred, so that a change of two in a hundred shows; but they are
not time: waits, the kernel, the disk, other threads and the HTTP server are not in them. The application is called in
this process under valgrind, which counts some fifty times slower than the machine runs.
"""

import argparse
import asyncio
import contextlib
import gc
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import server
from rich.console import Console
from rich.table import Table

CALLERS = 64
WARM = 100
"""Calls before the counting begins: the interpreter fits its instructions to what it meets."""


class Called:
    """The application, called as an HTTP server would."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def answer(self, method: str, path: str, body: bytes = b"", key: str = "") -> bytes:
        """The body of the answer; anything but a success ends the program."""
        headers = [(b"host", b"127.0.0.1")]
        if body:
            headers += [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")]
        if key:
            headers.append((b"authorization", f"Bearer {key}".encode()))
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
            "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 5), "scheme": "http", "method": method,
            "root_path": "", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers,
        }  # fmt: skip
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self._application(scope, receive, send)
        if sent[0]["status"] >= 300:
            sys.exit(f"{method} {path} was answered {sent[0]['status']}")
        return b"".join(message.get("body", b"") for message in sent[1:])

    async def all(self, calls: Iterator[tuple[Any, ...]]) -> list[bytes]:
        """The answers of all calls, `CALLERS` at a time."""
        answers: list[bytes] = []

        async def caller() -> None:
            for call in calls:
                answers.append(await self.answer(*call))

        await asyncio.gather(*[caller() for _ in range(CALLERS)])
        return answers


def control(*wish: str) -> None:
    subprocess.run(["callgrind_control", *wish, str(os.getpid())], check=True, capture_output=True)


async def inside(amount: int, silence: BinaryIO) -> None:
    """What is counted. Each part is written down under its name."""
    from frontdesk.cli import listening
    from frontdesk.config import load as settings

    key = await server.prepare(dict(os.environ))
    application = listening.application(listening.Plan(settings(os.environ, None), "http://127.0.0.1"), silence)
    begun, ended = asyncio.Event(), asyncio.Event()
    messages = itertools.chain(["lifespan.startup"], itertools.repeat("lifespan.shutdown"))

    async def receive() -> dict[str, Any]:
        if begun.is_set():
            await ended.wait()
        return {"type": next(messages)}

    async def send(message: Any) -> None:
        if message["type"] == "lifespan.startup.failed":
            sys.exit("the server did not start")
        begun.set()

    life = asyncio.create_task(application({"type": "lifespan", "state": {}}, receive, send))
    await begun.wait()
    await count(Called(application), key, amount)
    ended.set()
    await life


async def count(called: Called, key: str, amount: int) -> None:
    made = await called.answer("POST", "/kyc/workflows", json.dumps(server.WORKFLOW).encode(), key)
    wish = {"workflow_id": json.loads(made)["data"]["workflow_id"], "metadata": {"user_name": "Ana"}}
    create = ("POST", "/kyc/sessions", json.dumps(wish).encode(), key)

    async def uncounted(name: str, calls: list[tuple[Any, ...]]) -> list[bytes]:
        return await called.all(iter(calls))

    async def counted(name: str, calls: list[tuple[Any, ...]]) -> list[bytes]:
        control("-z")
        answers = await called.all(iter(calls))
        control("-d", name)
        return answers

    async def walk(each: Any, several: int) -> None:
        opened = await each("create", [create] * several)
        paths = [f"/public/sessions/{json.loads(answer)['data']['access_token']}" for answer in opened]
        await each("read", [("GET", path) for path in paths])
        await each("complete", [("POST", f"{path}/step/about_you/complete", server.FORM) for path in paths])

    gc.disable()  # a look for cycles falls into one part or another by chance
    await walk(uncounted, WARM)
    control("-i", "on")
    await counted("nothing", [])
    await walk(counted, amount)
    control("-i", "off")


def written_down(folder: Path) -> dict[str, int]:
    """Instructions of the main thread by part."""
    found = {}
    for file in folder.glob("out.*-01"):
        lines = file.read_text().splitlines()
        part = next((line.rpartition(" ")[2] for line in lines if line.startswith("desc: Trigger: dump")), None)
        if part is not None:
            found[part] = next(int(line.split()[1]) for line in lines if line.startswith("summary:"))
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--amount", type=int, default=100, help="calls of each kind")
    options.add_argument("--json", action="store_true", help="print one object")
    options.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.inside:
        with open(os.devnull, "wb", buffering=0) as silence:
            asyncio.run(inside(chosen.amount, silence))
        return
    if shutil.which("valgrind") is None:
        print("valgrind is not installed here: no instructions were counted")
        return
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        command = ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--separate-threads=yes", "-q"]
        command += [f"--callgrind-out-file={name}/out", sys.executable, __file__]
        environment = {"FRONTDESK_DATA": f"{name}/data", "FRONTDESK_RATE_LIMITS": "off", "PYTHONHASHSEED": "1"}
        subprocess.run(
            [*command, "--inside", "--amount", str(chosen.amount)], env={**os.environ, **environment}, check=True
        )
        found = written_down(Path(name))
    each = {part: (found[part] - found["nothing"]) // chosen.amount for part in ("create", "read", "complete")}
    if chosen.json:
        print(json.dumps(each))
        return
    table = Table("call", "instructions of the main thread", title="for each call, without the HTTP server")
    for part, value in each.items():
        table.add_row(part, f"{value:,}")
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
