"""The published paths of identity checks: read the request, call one service function, shape the answer."""

from collections.abc import Iterable

import msgspec

from frontdesk.kyc.routes import (
    evidence,
    judging,
    presence,
    profiles,
    public,
    screening,
    sessions,
    storage,
    tenant,
    workflows,
)
from frontdesk.kyc.service.needs import Needs, SessionNotFound
from frontdesk.kyc.wire import refusals
from frontdesk.web import problems
from frontdesk.web.endpoint import Endpoint
from frontdesk.web.surface import Refusal, Surface

BASE64_BODY_LIMIT = 16 * 1024 * 1024
"""Bytes of a base64 body: room for a file of 10 MiB, its growth by a third, and the rest of the JSON."""

CODES = {
    **refusals.CODES,
    problems.InvalidBody: "VALIDATION_ERROR",
    problems.InvalidQuery: "VALIDATION_ERROR",
    problems.Unauthorized: "UNAUTHORIZED",
    problems.Forbidden: "FORBIDDEN",
    problems.NotFoundPath: "NOT_FOUND",
    problems.MethodNotAllowed: "METHOD_NOT_ALLOWED",
    problems.TooSlow: "REQUEST_TIMEOUT",
    problems.Contended: "CONFLICT",
    problems.TooLarge: "PAYLOAD_TOO_LARGE",
    problems.UnsupportedMediaType: "UNSUPPORTED_MEDIA_TYPE",
    problems.RateLimited: "RATE_LIMITED",
    problems.Unexpected: "INTERNAL_ERROR",
    problems.NotNow: "SERVICE_UNAVAILABLE",
}


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """Every call."""
    return (
        *public.endpoints(needs, BASE64_BODY_LIMIT),
        *presence.endpoints(needs),
        *sessions.endpoints(needs),
        *judging.endpoints(needs),
        *evidence.endpoints(needs),
        *screening.endpoints(needs),
        *workflows.endpoints(needs),
        *profiles.endpoints(needs),
        *tenant.endpoints(needs),
        *storage.endpoints(needs),
    )


def surface(needs: Needs, origins: Iterable[str]) -> Surface:
    """The kind's face for the floor."""
    return Surface(
        name="kyc",
        prefixes=("/public", "/kyc", "/storage"),
        endpoints=endpoints(needs),
        shape=shape,
        statuses=refusals.STATUSES,
        codes=CODES,
        error_type=refusals.ErrorBody,
        error_types={429: refusals.LimitBody},
        origins=frozenset(origins),
        unknown_token=(SessionNotFound,),
        title="Identity checks",
        description="Sessions behind an access token, and their administration.",
    )


def shape(refusal: Refusal) -> tuple[bytes, str]:
    """The error envelope; flat for 429."""
    body: msgspec.Struct
    if refusal.status == 429:
        body = refusals.limit_body(refusal.message, refusal.retry_after or 1)
    else:
        body = refusals.error_body(refusal.code, refusal.message, refusal.details, refusal.request_id, refusal.now)
    return msgspec.json.encode(body), "application/json"
