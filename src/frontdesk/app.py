"""The server: the surfaces of all kinds on one floor, with the jobs beside them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from frontdesk import __version__
from frontdesk.agents import routes as agents
from frontdesk.forms import routes as forms
from frontdesk.kernel import credentials
from frontdesk.kyc import routes as kyc
from frontdesk.onboarding import routes as onboarding
from frontdesk.web import openapi
from frontdesk.web.builtin import (
    Check,
    description_endpoint,
    explorer_endpoints,
    health_endpoint,
    metrics_endpoint,
)
from frontdesk.web.endpoint import Endpoint
from frontdesk.web.floor import Floor, FloorSettings
from frontdesk.web.fork import Choice, fork
from frontdesk.web.journal import Journal, JsonJournal
from frontdesk.web.limits import Limiter
from frontdesk.web.limits_shared import SharedCounts
from frontdesk.web.metrics import Metrics
from frontdesk.web.surface import Refusal, Surface
from frontdesk.wiring import House, opened

SESSIONS = Choice(
    first=frozenset({"skill", "client_id", "client_app_key", "tenant_user_id"}),
    second=frozenset({"agent_id", "agent_name"}),
    remedy="Give skill to begin an onboarding session, or agent_id to open a session with an agent.",
)
"""What `POST /v1/sessions` opens: onboarding and agents publish the same path."""


def surfaces(house: House, metrics: Metrics, limiter: Limiter) -> tuple[Surface, ...]:
    """Every kind's face, and the server's own as the last."""
    identify = partial(credentials.identify, house.db)
    opened_by_skill, opened_by_agent, shared = fork(
        "/v1/sessions", onboarding.surface(house.onboarding, limiter), agents.surface(house.agents), SESSIONS, identify
    )
    kinds = (
        kyc.surface(house.kyc, house.settings.cors_origins),
        *forms.surfaces(house.forms),
        opened_by_agent,
        opened_by_skill,
        shared,
    )

    def describe() -> Mapping[str, Any]:
        return openapi.describe((*kinds, own), title="Frontdesk", version=__version__)

    own = Surface(
        name="server",
        prefixes=("/",),
        endpoints=(
            health_endpoint(_checks(house), __version__),
            metrics_endpoint(metrics),
            description_endpoint(describe),
            replace(description_endpoint(describe), path="/api-doc/openapi.json", hidden=True),
            *explorer_endpoints(),
        ),
        shape=_own_shape,
        statuses={},
        error_type=dict[str, str],
        origins=frozenset(house.settings.cors_origins),
        title="Server",
    )
    return (*kinds, own)


def description(house: House) -> Mapping[str, Any]:
    """The OpenAPI document of every published path."""
    return openapi.describe(surfaces(house, Metrics(), Limiter()), title="Frontdesk", version=__version__)


def endpoints(house: House) -> tuple[Endpoint, ...]:
    """Every published path, for the manual and its test."""
    return tuple(each for surface in surfaces(house, Metrics(), Limiter()) for each in surface.endpoints)


Beside = Callable[[House], AbstractAsyncContextManager[None]]


def log_to(stream: BinaryIO | None = None) -> Journal:
    """The log as JSON lines, on standard error unless a stream is given."""
    return JsonJournal(stream)


def warn_in(log: Journal) -> Callable[[str, str], None]:
    """Writes a warning of an event with the kind of its error, for what runs beside the application."""
    return lambda event, error: log.warning(event, error=error)


COUNTS = "counts"
"""The file for rate limits in the folder that processes share."""
_PUBLISHED_EVERY = 1.0


def share(folder: Path) -> None:
    """Prepare an empty folder for processes that count together."""
    SharedCounts.create(folder / COUNTS)


def create(house: House, log: Journal, beside: Beside | None = None, shared: Path | None = None) -> Floor:
    """The ASGI application. Its lifespan connects everything; `beside` runs as long, the jobs for one. `shared` is a
    folder from `share`, for all processes that answer on one port."""
    metrics = Metrics(shared)

    identify = partial(credentials.identify, house.db)

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        async with opened(house), beside(house) if beside else nullcontext(), _published(metrics, shared):
            yield

    settings = house.settings
    limiter = Limiter(on=settings.rate_limits, counts=SharedCounts(shared / COUNTS) if shared else None)
    *kinds, own = surfaces(house, metrics, limiter)
    return Floor(
        kinds,
        own,
        FloorSettings(trusted_proxies=settings.trusted_proxies, https=settings.public_url.startswith("https")),
        house.clock,
        limiter,
        log,
        identify,
        metrics,
        lifespan,
    )


@asynccontextmanager
async def _published(metrics: Metrics, shared: Path | None) -> AsyncIterator[None]:
    """Every second, and at the end, what was counted is left for the others."""

    async def go_on() -> None:
        while True:
            await asyncio.sleep(_PUBLISHED_EVERY)
            metrics.publish()

    if shared is None:
        yield
        return
    publishing = asyncio.create_task(go_on())
    try:
        yield
    finally:
        publishing.cancel()
        with suppress(asyncio.CancelledError):
            await publishing
        metrics.publish()


def _checks(house: House) -> dict[str, Check]:
    async def database() -> None:
        await house.db.one("SELECT 1")

    return {"database": database}


def _own_shape(refusal: Refusal) -> tuple[bytes, str]:
    body = {"code": refusal.code, "message": refusal.message, "request_id": refusal.request_id}
    return msgspec.json.encode(body), "application/json"
