"""A whole server on a loopback port: in a thread of this process, with a clock that a test moves."""

import asyncio
import threading
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import uvicorn

from databases import SettableClock
from frontdesk import app, wiring
from frontdesk.basics.clock import Clock, SystemClock
from frontdesk.config import Settings
from frontdesk.kernel import blobs, credentials, expiry, outbox, tenants
from frontdesk.kernel.tenants import NewTenant
from frontdesk.kyc.service import retaining
from frontdesk.migrations import migrate
from frontdesk.wiring import House
from frontdesk.worker import LIFECYCLES, working
from journeys.searching import Given
from journeys.watching import Watch
from servers.child import free_ports

Result = TypeVar("Result")


class TickingClock(SettableClock):
    """Moves by a millisecond each time it is looked at, so that what happens later is later."""

    def now(self) -> datetime:
        """The instant it was set to, and a little more."""
        return self.advance(milliseconds=1)


class QuietJournal:
    """Keeps what a server would log, so that a test can look for faults in it."""

    def __init__(self) -> None:
        self.faults: list[tuple[str, dict[str, Any]]] = []
        self.lines: list[Any] = []

    def request(self, line: Any) -> None:
        self.lines.append(line)

    def info(self, event: str, **fields: Any) -> None:
        self.lines.append((event, fields))

    def warning(self, event: str, **fields: Any) -> None:
        self.lines.append((event, fields))

    def error(self, event: str, **fields: Any) -> None:
        self.faults.append((event, fields))


@dataclass
class Running:
    """A server that answers at `url`. Its coroutines run in its own loop: `wait` runs one there."""

    url: str
    house: House
    clock: Clock
    journal: QuietJournal
    loop: asyncio.AbstractEventLoop
    watch: Watch = field(default_factory=Watch)
    given: Given = field(default_factory=Given)
    clients: list[httpx.Client] = field(default_factory=list)
    _tenants: int = 0

    def wait(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run it in the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(120)

    def tenant(self) -> NewTenant:
        """A new tenant, whose key may do everything."""
        self._tenants += 1
        new, writes = tenants.create(self.house.vault, f"Tenant {self._tenants}", self.clock.now())
        self.wait(self.house.db.commit(writes))
        self.watch.secrets |= {new.tenant_id, new.organization_id, new.api_key, new.client_id}
        return new

    def key(self, tenant_id: str, *permissions: str) -> str:
        """A further key of the tenant."""
        _, key, write = credentials.new_key(tenant_id, "further key", permissions, self.clock.now())
        self.wait(self.house.db.commit([write]))
        return key

    def staff(self, key: str) -> httpx.Client:
        """Calls the server with an API key."""
        return self.client({"Authorization": f"Bearer {key}"})

    def client(self, headers: dict[str, str] | None = None) -> httpx.Client:
        """Calls the server; every answer is watched."""
        hooks: Any = {"response": [self.watch]}
        made = httpx.Client(base_url=self.url, headers=headers, timeout=120, trust_env=False, event_hooks=hooks)
        self.clients.append(made)
        return made

    def advance(self, **duration: float) -> None:
        """Let time pass: what is due by then is dispatched and swept."""
        assert isinstance(self.clock, SettableClock), "this server has the machine's clock"
        self.clock.advance(**duration)
        self.wait(self._settle())

    def sweep(self) -> None:
        """What the worker does every half minute."""
        self.wait(self._sweep())

    async def _sweep(self) -> None:
        house, now = self.house, self.clock.now()
        while await expiry.sweep(house.db, house.wakeup, house.vault, LIFECYCLES, now):
            pass
        while await blobs.sweep(house.db, house.blobs, now):
            pass
        await retaining.sweep(house.kyc)

    async def _settle(self) -> None:
        self.house.wakeup.notify(outbox.TOPIC)
        await asyncio.sleep(0)


def until(ready: Any, seconds: float = 60, pause: float = 0.05) -> Any:
    """Ask until the answer is truthy, and return it. Asking that is work itself wants a longer pause."""
    end = time.monotonic() + seconds
    while not (found := ready()):
        assert time.monotonic() < end, f"not so within {seconds} s"
        time.sleep(pause)
    return found


class Serving:
    """Starts when made; `stop` ends it."""

    def __init__(self, settings: Settings, clock: Clock | None = None, **also: Any) -> None:
        migrate(wiring.database_url(settings))
        [port] = free_ports(1)
        self._started = threading.Event()
        self._settings, self._clock, self._port, self._also = settings, clock or SystemClock(), port, also
        self._thread = threading.Thread(target=self._serve, name="server under test")
        self._failed: BaseException | None = None
        self._thread.start()
        self._started.wait(60)
        if self._failed is not None:
            raise RuntimeError("the server did not start") from self._failed

    def stop(self) -> None:
        """End it as Ctrl-C would."""
        self._server.should_exit = True
        self._thread.join(60)
        assert not self._thread.is_alive(), "the server did not end"

    def _serve(self) -> None:
        asyncio.run(self._live())

    async def _live(self) -> None:
        url = f"http://127.0.0.1:{self._port}"
        house = wiring.build(self._settings, url, self._clock)
        journal = QuietJournal()
        application: Any = app.create(house, journal, lambda house: working(house, app.warn_in(journal)))
        config = uvicorn.Config(application, port=self._port, access_log=False, lifespan="on", log_level="warning")
        self._server = uvicorn.Server(config)
        self.running = Running(url, house, self._clock, journal, asyncio.get_running_loop())
        serving = asyncio.create_task(self._server.serve())
        while not self._server.started and not serving.done():
            await asyncio.sleep(0.01)
        if serving.done():
            self._failed = serving.exception() or RuntimeError("it ended at once")
        self._started.set()
        await serving


def settings_for(data: Path, **changes: Any) -> Settings:
    """Settings of a server under test: its own folder, deliveries to loopback, no rate limits."""
    return Settings(**{"data": data, "rate_limits": False, "webhook_allow": ("127.0.0.1",), **changes})
