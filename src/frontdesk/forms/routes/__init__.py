"""The published paths of forms: read the request, call one service function, shape the answer."""

from collections.abc import Mapping

import msgspec

from frontdesk.basics.errors import Problem
from frontdesk.forms.routes import context, forms, keys, mcp, sessions, tables
from frontdesk.forms.service.needs import Needs
from frontdesk.forms.wire import refusals
from frontdesk.web import problems
from frontdesk.web.endpoint import Endpoint
from frontdesk.web.surface import Refusal, Surface

CODES = {
    **refusals.CODES,
    problems.InvalidBody: "bad_request",
    problems.InvalidQuery: "bad_request",
    problems.Unauthorized: "unauthenticated",
    problems.Forbidden: "forbidden",
    problems.NotFoundPath: "not_found",
    problems.MethodNotAllowed: "method_not_allowed",
    problems.TooSlow: "request_timeout",
    problems.Contended: "in_use",
    problems.TooLarge: "too_large",
    problems.UnsupportedMediaType: "unsupported_media_type",
    problems.RateLimited: "rate_limited",
    problems.Unexpected: "server_error",
    problems.NotNow: "service_unavailable",
}
MESSAGES: Mapping[type[Problem], str] = {
    problems.MissingCredentials: "missing credentials",
    problems.Unauthorized: "unknown, disabled or revoked API key",
}


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """Every call but those of the tool surface."""
    return (
        *forms.endpoints(needs),
        *context.endpoints(needs),
        *sessions.endpoints(needs),
        *tables.endpoints(needs),
        *keys.endpoints(needs),
    )


def surface(needs: Needs) -> Surface:
    """The kind's face for the floor."""
    return Surface(
        name="forms",
        prefixes=("/forms", "/sessions", "/usage", "/keys"),
        endpoints=endpoints(needs),
        shape=shape,
        statuses=refusals.STATUSES,
        codes=CODES,
        messages=MESSAGES,
        error_type=refusals.ErrorBody,
        error_types={422: refusals.FaultsBody},
        title="Forms",
        description="PDF forms filled by conversation, by field actions or by value.",
    )


def surfaces(needs: Needs) -> tuple[Surface, ...]:
    """The kind's faces: the API and the tools."""
    return surface(needs), mcp.surface(needs)


def shape(refusal: Refusal) -> tuple[bytes, str]:
    """The error body."""
    body = refusals.error_body(refusal.status, refusal.code, refusal.message, refusal.details)
    return msgspec.json.encode(body), "application/json"
