"""The published paths of onboarding: read the request, call one service function, shape the answer."""

import msgspec

from frontdesk.onboarding.routes import client, server
from frontdesk.onboarding.routes.calls import Calls
from frontdesk.onboarding.service.needs import Needs
from frontdesk.onboarding.wire import refusals
from frontdesk.web import problems
from frontdesk.web.endpoint import Endpoint
from frontdesk.web.limits import Limiter
from frontdesk.web.surface import Refusal, Surface

PREFIXES = (
    "/v1/steps",
    "/v1/redirects",
    "/v1/tokens",
    "/v1/token",
    "/v1/accounts",
    "/v1/balances",
    "/v1/transactions",
    "/v1/consents",
    "/v1/payments",
    "/v1/catalogs",
    "/v1/sessions/get",
    "/v1/sessions/resume",
    "/v1s",
)
STATUSES = {
    **refusals.STATUSES,
    problems.UnsupportedMediaType: 400,
}
CODES = {
    **refusals.CODES,
    problems.InvalidBody: "invalid_body",
    problems.InvalidQuery: "invalid_input",
    problems.Unauthorized: "invalid_api_keys",
    problems.Forbidden: "unauthorized_tenant",
    problems.NotFoundPath: "not_found",
    problems.MethodNotAllowed: "invalid_input",
    problems.TooSlow: "invalid_body",
    problems.Contended: "invalid_input",
    problems.TooLarge: "invalid_body",
    problems.UnsupportedMediaType: "invalid_headers",
    problems.RateLimited: "too_many_requests",
    problems.Unexpected: "internal_server_error",
    problems.NotNow: "internal_server_error",
}


def endpoints(needs: Needs, limiter: Limiter) -> tuple[Endpoint, ...]:
    """Every call, and its signed twin."""
    calls = Calls(needs, limiter)
    return (
        *client.endpoints(calls, "/v1"),
        *server.endpoints(calls, "/v1"),
        client.redirect_endpoint(calls),
        *client.endpoints(calls.signed(), "/v1s"),
        *server.endpoints(calls.signed(), "/v1s"),
    )


def surface(needs: Needs, limiter: Limiter) -> Surface:
    """The kind's face for the floor."""
    return Surface(
        name="onboarding",
        prefixes=PREFIXES,
        endpoints=endpoints(needs, limiter),
        shape=shape,
        statuses=STATUSES,
        codes=CODES,
        error_type=refusals.ErrorBody,
        # What apps call holds no lasting secret, so pages of any origin may; see section 3.0 of the reference.
        origins=frozenset({"*"}),
        title="Onboarding",
        description="Skills walked step by step on a chain of nonces.",
    )


def shape(refusal: Refusal) -> tuple[bytes, str]:
    """The error body."""
    body = refusals.error_body(refusal.request_id, refusal.status, refusal.code, refusal.message)
    return msgspec.json.encode(body), "application/json"
