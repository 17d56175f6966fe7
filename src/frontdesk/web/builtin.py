"""The paths that belong to no kind: health, metrics, the description and the page that explores it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from importlib.resources import files
from typing import Any, Literal

import msgspec
from starlette.responses import Response

from frontdesk.basics.errors import Unavailable
from frontdesk.web.endpoint import Answer, Call, Endpoint
from frontdesk.web.metrics import CONTENT_TYPE, Metrics

Check = Callable[[], Awaitable[None]]
"""Raises `Unavailable` when the thing that it looks at is away."""

_CHECK_SECONDS = 5.0

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)
_FILES = {
    "explorer.js": "text/javascript; charset=utf-8",
    "schema.js": "text/javascript; charset=utf-8",
    "explorer.css": "text/css; charset=utf-8",
}


class Health(msgspec.Struct, frozen=True):
    """Whether the server can do its work. `checks` holds a word for each thing that it depends on; `auth_mode` is
    there for clients that ask whether they need a key."""

    status: Literal["ok", "unavailable"]
    checks: dict[str, Literal["ok", "unavailable"]]
    version: str
    auth_mode: str = "api_key"


def health_endpoint(checks: Mapping[str, Check], version: str) -> Endpoint:
    """`GET /health`: 200 when every check passes, else 503."""

    async def run(call: Call) -> Answer:
        found: dict[str, Literal["ok", "unavailable"]] = {}
        for name, check in checks.items():
            try:
                async with asyncio.timeout(_CHECK_SECONDS):
                    await check()
            except (Unavailable, TimeoutError):
                found[name] = "unavailable"
            else:
                found[name] = "ok"
        well = all(state == "ok" for state in found.values())
        return Answer(200 if well else 503, Health("ok" if well else "unavailable", found, version))

    return Endpoint(
        "GET", "/health", run, "Tell whether the server works", "Server", auth="none", cors=True,
        answers={200: Health, 503: Health},
    )  # fmt: skip


def metrics_endpoint(metrics: Metrics) -> Endpoint:
    """`GET /metrics` in Prometheus' text form."""

    async def run(call: Call) -> Response:
        return Response(metrics.page(), media_type=CONTENT_TYPE)

    return Endpoint(
        "GET", "/metrics", run, "Counters and durations for Prometheus", "Server", auth="none",
        answers={200: str}, answer_type="text/plain",
    )  # fmt: skip


def description_endpoint(describe: Callable[[], Mapping[str, Any]]) -> Endpoint:
    """`GET /openapi.json`; `describe` is asked once, on the first call."""
    written: list[bytes] = []

    async def run(call: Call) -> Answer:
        if not written:
            written.append(msgspec.json.encode(describe()))
        return Answer(200, msgspec.Raw(written[0]), {"Cache-Control": "no-cache"})

    return Endpoint(
        "GET", "/openapi.json", run, "This description (OpenAPI 3.1)", "Server", auth="none", cors=True,
        answers={200: dict[str, Any]},
    )  # fmt: skip


def explorer_endpoints() -> tuple[Endpoint, ...]:
    """`GET /docs` and the two files that the page loads."""
    folder = files("frontdesk.web") / "explorer"
    page = (folder / "index.html").read_bytes()
    parts = {name: (folder / name).read_bytes() for name in _FILES}
    headers = {"Content-Security-Policy": PAGE_POLICY, "Cache-Control": "no-cache"}

    async def show(call: Call) -> Response:
        return Response(page, media_type="text/html", headers=headers)

    def part(name: str) -> Endpoint:
        async def send(call: Call) -> Response:
            return Response(parts[name], headers={**headers, "Content-Type": _FILES[name]})

        return Endpoint("GET", f"/docs/{name}", send, name, "Server", auth="none", hidden=True)

    return (
        Endpoint(
            "GET",
            "/docs",
            show,
            "Explore the API in a browser",
            "Server",
            auth="none",
            answers={200: str},
            answer_type="text/html",
        ),
        *(part(name) for name in _FILES),
    )
