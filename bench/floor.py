"""What the HTTP floor costs: requests per second through all of it, beside a bare ASGI answer.

Each application runs in a child process on uvicorn with
uvloop and httptools and without an access log; the rounds alternate, so that both meet the same weather.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import load
import msgspec
import uvicorn
from pairs import processor_seconds

ROUTES = 200
BODY = b'{"session_id":"0190f3a1-7c11-7b2e-9f5b-0d2f6a7b8c91","status":"active","step":1}'


class State(msgspec.Struct):
    session_id: str
    status: str
    step: int


async def bare(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(BODY))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": BODY})


def floor() -> Any:
    from frontdesk.basics.clock import SystemClock
    from frontdesk.web.endpoint import Answer, Call, Endpoint
    from frontdesk.web.floor import Floor, FloorSettings
    from frontdesk.web.journal import JsonJournal
    from frontdesk.web.limits import Limiter, Rules
    from frontdesk.web.surface import Refusal, Surface

    async def state(call: Call) -> Answer:
        return Answer(200, State(call.path["session_id"], "active", 1))

    def shape(refusal: Refusal) -> tuple[bytes, str]:
        return msgspec.json.encode({"detail": refusal.message}), "application/json"

    async def nobody(key: str) -> None:
        return None

    endpoints = tuple(
        Endpoint("GET", f"/part{n % 20}/room{n}/{{session_id}}/state", state, "state", "bench", auth="none")
        for n in range(ROUTES)
    )
    surface = Surface("bench", ("/",), endpoints, shape, {})
    # The limiter counts every request; only its bound is out of reach.
    rules = Rules(address=Rules().address.__class__("address", 10**12, 300, "address"))
    return Floor(
        [surface], surface, FloorSettings(), SystemClock(), Limiter(rules=rules),
        JsonJournal(open(os.devnull, "wb", buffering=0)), nobody,
    )  # fmt: skip


def serve(kind: str, port: int) -> None:
    uvicorn.run(
        bare if kind == "bare" else floor(), host="127.0.0.1", port=port, loop="uvloop", http="httptools",
        access_log=False, log_level="warning", server_header=False, proxy_headers=False, lifespan="off",
    )  # fmt: skip


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def measured(port: int, seconds: int) -> tuple[float, int]:
    """Requests per second, and how many were answered."""
    path = "/part7/room187/0190f3a1-7c11-7b2e-9f5b-0d2f6a7b8c91/state"
    until = time.perf_counter() + seconds
    request = load.request("GET", path)
    tally = load.run(port, iter(lambda: request if time.perf_counter() < until else None, None), connections=32)
    if set(tally.statuses) != {200}:
        sys.exit(f"unexpected answers: {tally.statuses}")
    return tally.rate, tally.answered


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--serve", choices=["bare", "floor"])
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=int, default=3)
    chosen = options.parse_args()
    if chosen.serve:
        serve(chosen.serve, chosen.port)
        return
    ports = {kind: free_port() for kind in ("bare", "floor")}
    here = str(Path(__file__).resolve())
    servers = {
        kind: subprocess.Popen([sys.executable, here, "--serve", kind, "--port", str(port)])
        for kind, port in ports.items()
    }
    try:
        time.sleep(3)
        for port in ports.values():
            measured(port, 1)
        by_rate, by_cost = [], []
        for _ in range(chosen.rounds):
            rates, costs = {}, {}
            for kind, port in ports.items():
                before = processor_seconds(servers[kind].pid)
                rates[kind], count = measured(port, chosen.seconds)
                costs[kind] = (processor_seconds(servers[kind].pid) - before) / count * 1e6
            by_rate.append(rates["floor"] / rates["bare"])
            by_cost.append(costs["bare"] / costs["floor"])
            print(
                f"bare {rates['bare']:6.0f}/s {costs['bare']:5.1f} us   "
                f"floor {rates['floor']:6.0f}/s {costs['floor']:5.1f} us   "
                f"ratio {by_rate[-1]:.3f} by rate, {by_cost[-1]:.3f} by processor time"
            )
        print(
            f"median ratio {statistics.median(by_rate):.3f} by rate, {statistics.median(by_cost):.3f} by processor time"
        )
    finally:
        for server in servers.values():
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
