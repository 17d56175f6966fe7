"""The floor with the sample API, a clock that stands still and a log that can be read."""

import asyncio
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from frontdesk.basics.errors import Unavailable
from frontdesk.web.builtin import description_endpoint, explorer_endpoints, health_endpoint, metrics_endpoint
from frontdesk.web.floor import Floor, FloorSettings
from frontdesk.web.journal import JsonJournal
from frontdesk.web.limits import Limiter
from frontdesk.web.metrics import Metrics
from frontdesk.web.openapi import describe
from frontdesk.web.surface import Surface
from web.sample import CHECKED, DETAIL, PEOPLE, Detail, Who, detail_shape


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 4, 9, 8, 15, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class World:
    """A floor with its clock and what it logged."""

    clock: Clock = field(default_factory=Clock)
    log: io.BytesIO = field(default_factory=io.BytesIO)
    settings: FloorSettings = field(default_factory=FloorSettings)
    limiter: Limiter = field(default_factory=Limiter)
    metrics: Metrics = field(default_factory=Metrics)
    away: set[str] = field(default_factory=set)
    surfaces: tuple[Surface, ...] = (CHECKED, DETAIL)

    def __post_init__(self) -> None:
        self.journal = JsonJournal(self.log)
        server = Surface(
            "server",
            ("/",),
            (
                health_endpoint({"database": self.check("database"), "blobs": self.check("blobs")}, "0.1.0"),
                metrics_endpoint(self.metrics),
                description_endpoint(self.description),
                *explorer_endpoints(),
            ),
            detail_shape,
            {},
            error_type=Detail,
            origins=frozenset({"*"}),
        )
        self.all = (*self.surfaces, server)
        self.floor = Floor(
            self.all,
            server,
            self.settings,
            self.clock,
            self.limiter,
            self.journal,
            self.identify,
            self.metrics,
        )

    def description(self) -> dict[str, Any]:
        return describe(self.all, title="Frontdesk", version="0.1.0")

    def check(self, name: str) -> Callable[[], Any]:
        async def look() -> None:
            await asyncio.sleep(0)
            if name in self.away:
                raise Unavailable("connection refused to 10.0.0.7")

        return look

    async def identify(self, key: str) -> Who | None:
        return PEOPLE.get(key)

    def client(self, address: str = "192.0.2.1", **options: Any) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.floor, client=(address, 40_000))
        return httpx.AsyncClient(transport=transport, base_url="http://desk.example", **options)

    def lines(self) -> list[dict[str, Any]]:
        self.journal.flush()
        return [json.loads(line) for line in self.log.getvalue().splitlines()]
