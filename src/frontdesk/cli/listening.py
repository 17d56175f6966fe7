"""A socket, the application on it, and the server between them; one process or several."""

import asyncio
import gc
import json
import logging
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO

import httpx
import structlog
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.supervisors import Multiprocess

from frontdesk import app, wiring
from frontdesk import worker as jobs
from frontdesk.basics.errors import PortError, Problem, Unavailable
from frontdesk.cli.output import complain
from frontdesk.config import Settings

COLLECTED_AFTER = 20_000
"""New objects between two looks for cycles. Requests leave hardly any, and each look goes through all that is live."""
STOP_SECONDS = 10
"""How long answers under way may take when the server is told to stop."""
_SILENT_SECONDS = 60
"""How long one of several processes may leave its supervisor without a sign before it is killed. While it starts it
gives none; five seconds, the usual, are not enough for that on a busy machine: it would be started for ever."""
_STARTUP_FAILURE = 3
Ready = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Listener:
    """A bound socket and the address that links are made of unless the settings name another."""

    socket: socket.socket
    url: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a server process is made from; it is handed to each of several processes."""

    settings: Settings
    url: str
    is_guest: bool = False
    shared: Path | None = None
    """A folder in which several processes count together."""


@contextmanager
def listen(host: str, port: int) -> Iterator[Listener]:
    """Take the port before anything else is begun. Raises `Unavailable`."""
    try:
        (family, kind, protocol, _, address), *_ = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        bound = socket.socket(family, kind, protocol)
    except OSError as error:
        raise Unavailable(f"Cannot listen on {host}: {error.strerror}") from error
    with bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(address)
            bound.listen(2048)
        except OSError as error:
            reason = error.strerror or "refused"
            raise Unavailable(f"Cannot listen on {host}:{port}: {reason}; choose another with --port") from error
        name = f"[{host}]" if ":" in host else host
        yield Listener(bound, f"http://{name}:{bound.getsockname()[1]}")


class Application:
    """The application; a failure to start is told in one line instead of a traceback.

    `closing` is called as soon as a signal asks the server to stop: live streams then end before it waits for them.
    """

    def __init__(self, floor: ASGIApp, closing: Callable[[], None]) -> None:
        self._floor, self._closing = floor, closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            self._watch_signals()
            settle_memory()
        try:
            await self._floor(scope, receive, send)
        except (Problem, PortError) as error:
            complain(str(error))
            raise

    def _watch_signals(self) -> None:
        """Be told of the signals before the server that caught them already: it tells nobody until all streams end."""
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            caught = signal.getsignal(number)

            def pass_on(number: int, frame: FrameType | None, caught: Any = caught) -> None:
                loop.call_soon_threadsafe(self._closing)
                if callable(caught):
                    caught(number, frame)

            signal.signal(number, pass_on)


def settle_memory() -> None:
    """What has been imported and built by now stays until the end: the collector need not look through it again and
    again, which would cost a tenth of all requests and now and then hold one for a fifth of a second."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED_AFTER)


def application(plan: Plan, log: BinaryIO | None = None) -> Application:
    """Everything wired, not yet connected."""
    silence()
    join_logs(log)
    house = wiring.build(plan.settings, plan.url, is_guest=plan.is_guest)
    journal = app.log_to(log)
    floor = app.create(house, journal, lambda house: jobs.working(house, app.warn_in(journal)), plan.shared)
    return Application(floor, house.agents.streams.closing.begin)


def silence() -> None:
    """The journal tells what happens; a second log beside it would only quote what must not be logged."""
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL + 1)
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)


def join_logs(stream: BinaryIO | None = None) -> None:
    """What adapters log goes where the journal goes, in the same form. Left alone it would go to standard output."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.JSONRenderer(serializer=_as_bytes),
        ],
        logger_factory=structlog.BytesLoggerFactory(stream or sys.stderr.buffer),
    )


def _as_bytes(fields: Any, **_: Any) -> bytes:
    return json.dumps(fields, default=str).encode()


def configured(plan: Plan, log: BinaryIO | None = None, workers: int = 1) -> uvicorn.Config:
    """The server's own settings."""
    silence()
    return uvicorn.Config(
        partial(application, plan, log),
        factory=True,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # which proxies are believed is FRONTDESK_TRUSTED_PROXIES
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
        workers=workers,
        timeout_worker_healthcheck=_SILENT_SECONDS,
    )


class Server(uvicorn.Server):
    """Says so when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Ready, url: str) -> None:
        super().__init__(config)
        self._ready, self._url = ready, url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See `uvicorn.Server`."""
        await super().startup(sockets)
        if self.started:
            self._ready(self._url)


def serve_with_many(plan: Plan, listener: Listener, workers: int, ready: Ready) -> bool:
    """Serve from several processes until a signal comes; whether they could not even start."""
    with tempfile.TemporaryDirectory(prefix="frontdesk-") as folder:
        app.share(Path(folder))
        plan = replace(plan, shared=Path(folder))
        supervisor = Multiprocess(configured(plan, workers=workers), [listener.socket])
        awaiting = threading.Thread(target=_await_answer, args=(supervisor, listener, ready), daemon=True)
        awaiting.start()
        supervisor.run()
        return any(each.exitcode == _STARTUP_FAILURE for each in supervisor.processes)


def _await_answer(supervisor: Multiprocess, listener: Listener, ready: Ready) -> None:
    port = listener.socket.getsockname()[1]
    host = listener.socket.getsockname()[0]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    near = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    while not supervisor.should_exit.is_set():
        try:
            if httpx.get(f"{near}/health", timeout=5, trust_env=False).is_success:
                ready(listener.url)
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
