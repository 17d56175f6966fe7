"""Which refusal is which status, and how an error body looks."""

from collections.abc import Mapping
from typing import Any

import msgspec

from frontdesk.basics.errors import Problem
from frontdesk.forms.rules import refusals
from frontdesk.forms.rules.values import Unfit
from frontdesk.kernel.credentials import UnknownPermission
from frontdesk.kernel.idempotency import KeyReused
from frontdesk.kernel.lifecycle import IllegalMove
from frontdesk.kernel.webhooks.deliveries import UnknownDelivery
from frontdesk.kernel.webhooks.destinations import RefusedDestination

STATUSES: Mapping[type[Problem], int] = {
    refusals.Refusal: 400,
    refusals.BadRequest: 400,
    refusals.UnprocessableFields: 422,
    refusals.UnprocessableValues: 422,
    refusals.UnprocessableChoice: 422,
    refusals.NotFound: 404,
    refusals.UnknownField: 404,
    refusals.Conflicting: 409,
    refusals.DocumentsDeleted: 410,
    refusals.TooLarge: 413,
    refusals.ModelUnavailable: 503,
    refusals.RenderFailed: 500,
    Unfit: 400,
    IllegalMove: 409,
    KeyReused: 409,
    RefusedDestination: 400,
    UnknownPermission: 400,
    UnknownDelivery: 404,
}
"""The nearest class of a refusal decides."""

CODES: Mapping[type[Problem], str] = {
    IllegalMove: "in_use",
    KeyReused: "in_use",
    RefusedDestination: "bad_request",
    UnknownPermission: "bad_request",
    UnknownDelivery: "not_found",
}


class ErrorBody(msgspec.Struct, frozen=True):
    """Every refusal but 422: a sentence, and a word for programs."""

    detail: str
    code: str


class FaultAt(msgspec.Struct, frozen=True):
    """One fault of a body: where it stands, what is wrong, and the code."""

    loc: list[str | int]
    msg: str
    type: str


class FaultsBody(msgspec.Struct, frozen=True):
    """The body of 422."""

    detail: list[FaultAt]
    code: str


def error_body(status: int, code: str, message: str, details: Mapping[str, Any] | None) -> ErrorBody | FaultsBody:
    """The body of a refusal."""
    if status == 422:
        return FaultsBody([FaultAt(**one) for one in (details or {}).get("errors", ())], code)
    return ErrorBody(message, code)
