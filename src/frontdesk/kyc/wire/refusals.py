"""Which refusal is which status, and how an error body looks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from frontdesk.basics.clock import iso
from frontdesk.basics.errors import Problem
from frontdesk.kernel.credentials import UnknownPermission
from frontdesk.kernel.idempotency import KeyReused
from frontdesk.kernel.lifecycle import IllegalMove
from frontdesk.kernel.webhooks.deliveries import UnknownDelivery
from frontdesk.kernel.webhooks.destinations import RefusedDestination
from frontdesk.kyc.rules.refusals import Conflicting, Forbidden, Invalid, NotFound, Refusal, TooLarge

STATUSES: Mapping[type[Problem], int] = {
    Refusal: 400,
    Invalid: 400,
    Forbidden: 403,
    NotFound: 404,
    Conflicting: 409,
    TooLarge: 413,
    IllegalMove: 409,
    KeyReused: 409,
    RefusedDestination: 400,
    UnknownPermission: 400,
    UnknownDelivery: 404,
}
"""The nearest class of a refusal decides."""

CODES: Mapping[type[Problem], str] = {
    IllegalMove: "CONFLICT",
    KeyReused: "CONFLICT",
    RefusedDestination: "VALIDATION_ERROR",
    UnknownPermission: "VALIDATION_ERROR",
    UnknownDelivery: "NOT_FOUND",
}


class Meta(msgspec.Struct, frozen=True):
    """With which request an answer belongs, and when it was given."""

    request_id: str
    timestamp: str


class ErrorDetail(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong."""

    code: str
    message: str
    details: dict[str, Any] | None = None


class ErrorBody(msgspec.Struct, frozen=True):
    """Every refusal but 429."""

    status: Literal["error"]
    error: ErrorDetail
    meta: Meta


class LimitBody(msgspec.Struct, frozen=True):
    """The flat body of 429."""

    error: str
    message: str
    retry_after: int


def error_body(code: str, message: str, details: Mapping[str, Any] | None, request_id: str, now: datetime) -> ErrorBody:
    """The envelope of a refusal."""
    detail = ErrorDetail(code, message, dict(details) if details else None)
    return ErrorBody("error", detail, Meta(request_id, iso(now)))


def limit_body(message: str, retry_after: int) -> LimitBody:
    """The body of 429."""
    return LimitBody("Rate limit exceeded", message, retry_after)
