"""Browsers of other origins: which of them may call, and the preflight that they ask first."""

from collections.abc import Mapping, Sequence

from frontdesk.web.answering import Headers
from frontdesk.web.endpoint import Answer
from frontdesk.web.routing import Route

_EXPOSED = "X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, ETag"
_ALLOWED = "Authorization, Content-Type, Idempotency-Key, Last-Event-ID"


def origin_in(headers: Sequence[tuple[bytes, bytes]]) -> str | None:
    """The Origin header."""
    for name, value in headers:
        if name == b"origin":
            return value.decode("latin-1")
    return None


def headers_for(route: Route, origin: str | None) -> Headers:
    """What an answer of this route carries for a page of `origin`. Never credentials."""
    origins = route.surface.origins
    if not route.endpoint.cors or not origins:
        return []
    if "*" in origins:
        allowed = "*"
    elif origin is not None and origin in origins:
        allowed = origin
    else:
        return [(b"vary", b"Origin")]
    found: Headers = [
        (b"access-control-allow-origin", allowed.encode("latin-1")),
        (b"access-control-expose-headers", _EXPOSED.encode()),
    ]
    if allowed != "*":
        found.append((b"vary", b"Origin"))
    return found


def preflight(routes: Mapping[str, Route], headers: Sequence[tuple[bytes, bytes]], allow: str) -> Answer:
    """The answer to OPTIONS: what may be called, and by pages of which origin."""
    asked = next((value.decode("latin-1") for name, value in headers if name == b"access-control-request-method"), None)
    told = {"Allow": allow}
    route = routes.get(asked) if asked else None
    if route is not None:
        told.update((name.decode(), value.decode("latin-1")) for name, value in headers_for(route, origin_in(headers)))
    if "access-control-allow-origin" in told:
        told.pop("access-control-expose-headers")
        told["Access-Control-Allow-Methods"] = asked or ""
        told["Access-Control-Allow-Headers"] = _ALLOWED
        told["Access-Control-Max-Age"] = "600"
    return Answer(204, None, told)
