"""Which refusal is which status, and how an error body looks."""

from collections.abc import Mapping
from http import HTTPStatus

import msgspec

from frontdesk.agents.capabilities.contract import ToolFailed
from frontdesk.agents.rules.paths import BadPath
from frontdesk.agents.rules.refusals import Conflicting, NotFound, OtherOrganization, Refusal, Unfit
from frontdesk.basics.errors import Problem
from frontdesk.kernel.credentials import UnknownPermission
from frontdesk.kernel.idempotency import KeyReused
from frontdesk.kernel.lifecycle import IllegalMove
from frontdesk.kernel.webhooks.deliveries import UnknownDelivery
from frontdesk.kernel.webhooks.destinations import RefusedDestination

STATUSES: Mapping[type[Problem], int] = {
    Refusal: 400,
    Unfit: 422,
    OtherOrganization: 403,
    NotFound: 404,
    Conflicting: 409,
    BadPath: 400,
    ToolFailed: 400,
    IllegalMove: 409,
    KeyReused: 409,
    RefusedDestination: 400,
    UnknownPermission: 400,
    UnknownDelivery: 404,
}
"""The nearest class of a refusal decides."""


class ErrorDetail(msgspec.Struct, frozen=True):
    """What is wrong."""

    code: str
    message: str


class ErrorBody(msgspec.Struct, frozen=True):
    """Every refusal. The outer members are those of RFC 9457, for clients that read them."""

    error: ErrorDetail
    status: int
    title: str
    detail: str


def error_body(status: int, code: str, message: str) -> ErrorBody:
    """The body of a refusal."""
    return ErrorBody(ErrorDetail(code, message), status, HTTPStatus(status).phrase, message)
