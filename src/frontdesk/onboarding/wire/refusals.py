"""Which refusal is which status, and how an error body looks."""

from collections.abc import Mapping

import msgspec

from frontdesk.basics.errors import Problem
from frontdesk.kernel.credentials import UnknownPermission
from frontdesk.kernel.idempotency import KeyReused
from frontdesk.kernel.lifecycle import IllegalMove
from frontdesk.kernel.webhooks.deliveries import UnknownDelivery
from frontdesk.kernel.webhooks.destinations import RefusedDestination
from frontdesk.onboarding.rules.refusals import External, Invalid, Refusal, Unauthorized, UnknownSession, UnknownStep
from frontdesk.onboarding.rules.signing import ForeignSigner, UnreadableSignature, UntrustedSignature
from frontdesk.onboarding.rules.signing_keys import UnusableKey

STATUSES: Mapping[type[Problem], int] = {
    Refusal: 400,
    Invalid: 400,
    Unauthorized: 401,
    External: 400,
    UnknownSession: 404,
    UnknownStep: 404,
    UnreadableSignature: 400,
    UntrustedSignature: 401,
    ForeignSigner: 401,
    UnusableKey: 400,
    KeyReused: 409,
    IllegalMove: 409,
    RefusedDestination: 400,
    UnknownPermission: 400,
    UnknownDelivery: 404,
}
"""The nearest class of a refusal decides."""

CODES: Mapping[type[Problem], str] = {
    KeyReused: "invalid_input",
    IllegalMove: "invalid_input",
    RefusedDestination: "invalid_input",
    UnknownPermission: "invalid_input",
    UnknownDelivery: "not_found",
}


class ErrorBody(msgspec.Struct, frozen=True):
    """Every refusal. `type` is the broad class, `http` the status, `id` that of the answer's `X-Request-Id`."""

    id: str
    type: str
    http: int
    code: str
    message: str


def error_body(request_id: str, status: int, code: str, message: str) -> ErrorBody:
    """The body of a refusal."""
    return ErrorBody(request_id, _type(status, code), status, code, message)


def _type(status: int, code: str) -> str:
    if code.startswith("external_api_"):
        return "external_api_error"
    if status >= 500:
        return "internal_error"
    return "unauthorized" if status == 401 else "invalid_request"
