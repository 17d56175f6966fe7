"""The four families that every refusal of this kind belongs to, each with its published code."""

from typing import ClassVar

from frontdesk.basics.errors import Problem


class Refusal(Problem):
    """A refusal. `code` is published; `reason` tells refusals of one code apart, for logs and tests only."""

    reason: ClassVar[str] = "refused"


class Invalid(Refusal):
    """What was sent cannot be accepted."""

    code: ClassVar[str] = "VALIDATION_ERROR"
    reason: ClassVar[str] = "invalid"


class Forbidden(Refusal):
    """The operation is not allowed now."""

    code: ClassVar[str] = "FORBIDDEN"
    reason: ClassVar[str] = "forbidden"


class NotFound(Refusal):
    """There is no such thing, as far as the caller may know."""

    code: ClassVar[str] = "NOT_FOUND"
    reason: ClassVar[str] = "not_found"


class Conflicting(Refusal):
    """The status of the session does not allow it."""

    code: ClassVar[str] = "CONFLICT"
    reason: ClassVar[str] = "conflict"


class TooLarge(Refusal):
    """More bytes than allowed."""

    code: ClassVar[str] = "PAYLOAD_TOO_LARGE"
    reason: ClassVar[str] = "too_large"
