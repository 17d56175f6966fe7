"""Refusals of the floor itself: unreadable bodies, unknown paths, limits, missing credentials."""

from collections.abc import Mapping
from typing import Any, ClassVar

from frontdesk.basics.errors import Problem


class FloorProblem(Problem):
    """A refusal that no kind words. `status` holds unless the surface names another one."""

    status: ClassVar[int] = 400

    def headers(self) -> Mapping[str, str]:
        """What the answer carries besides the body."""
        return {}


class InvalidBody(FloorProblem):
    """The body cannot be used. `field` is its path (`items[2].name`), `expected` what should be there."""

    code = "invalid_body"

    def __init__(self, message: str, *, field: str | None = None, expected: str | None = None) -> None:
        found: dict[str, Any] = {}
        if field is not None:
            found["field"] = field
        if expected is not None:
            found["expected"] = expected
        super().__init__(message, details=found or None)
        self.field = field
        self.expected = expected


class InvalidJson(InvalidBody):
    """The body is no JSON text at all, or one that readers disagree about (duplicate keys, deep nesting)."""

    code = "invalid_json"


class InvalidField(InvalidBody):
    """JSON, but one field is not what was expected."""

    code = "invalid_field"


class MissingField(InvalidField):
    """JSON, but a field is absent."""

    code = "missing_field"


class InvalidQuery(FloorProblem):
    """A query parameter is not what was expected."""

    code = "invalid_query"

    def __init__(self, parameter: str, expected: str) -> None:
        super().__init__(
            f"Query{f' parameter {parameter}' if parameter else ''}: expected {expected}",
            details={"field": parameter, "expected": expected},
        )
        self.parameter = parameter
        self.expected = expected


class Unauthorized(FloorProblem):
    """No credentials, or none that are known; the answer is the same for both."""

    code = "unauthorized"
    status = 401

    def __init__(self, message: str = "Unauthorized", *, challenge: str = "Bearer") -> None:
        super().__init__(message)
        self.challenge = challenge

    def headers(self) -> Mapping[str, str]:
        return {"WWW-Authenticate": self.challenge}


class MissingCredentials(Unauthorized):
    """No credentials at all, or none of a form that is understood."""


class Forbidden(FloorProblem):
    """Known, but not allowed to."""

    code = "forbidden"
    status = 403


class NotFoundPath(FloorProblem):
    """Nothing is at this path."""

    code = "not_found"
    status = 404

    def __init__(self, message: str = "There is nothing at this path") -> None:
        super().__init__(message)


class MethodNotAllowed(FloorProblem):
    """The path exists, the method does not."""

    code = "method_not_allowed"
    status = 405

    def __init__(self, allow: tuple[str, ...]) -> None:
        super().__init__("This path answers " + ", ".join(allow))
        self.allow = allow

    def headers(self) -> Mapping[str, str]:
        return {"Allow": ", ".join(self.allow)}


class TooSlow(FloorProblem):
    """The body stopped coming."""

    code = "request_timeout"
    status = 408

    def __init__(self) -> None:
        super().__init__("The request body did not arrive in time")


class Contended(FloorProblem):
    """The same thing was being changed by others, several times in a row."""

    code = "conflict"
    status = 409

    def __init__(self) -> None:
        super().__init__("This was changed by another request at the same moment; try again")


class TooLarge(FloorProblem):
    """The body is over the limit of its endpoint."""

    code = "payload_too_large"
    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(f"The request body may have at most {limit} bytes", details={"limit": limit})
        self.limit = limit


class UnsupportedMediaType(FloorProblem):
    """The body is declared as something that this endpoint does not read."""

    code = "unsupported_media_type"
    status = 415

    def __init__(self, expected: str = "application/json") -> None:
        super().__init__(f"Content-Type must be {expected}", details={"expected": expected})
        self.expected = expected


class RateLimited(FloorProblem):
    """Too many requests. `reset_at` in Unix seconds, `retry_after` in seconds."""

    code = "rate_limited"
    status = 429

    def __init__(self, limit: int, reset_at: int, retry_after: int) -> None:
        super().__init__(f"Too many requests; try again in {retry_after} seconds")
        self.limit = limit
        self.reset_at = reset_at
        self.retry_after = retry_after

    def headers(self) -> Mapping[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(self.reset_at),
            "Retry-After": str(self.retry_after),
        }


class Unexpected(FloorProblem):
    """A fault of ours. The log has the rest under the same request id."""

    code = "internal_error"
    status = 500

    def __init__(self) -> None:
        super().__init__("Internal server error")


class NotNow(FloorProblem):
    """Something that the server depends on is away."""

    code = "service_unavailable"
    status = 503

    def __init__(self, retry_after: int = 5) -> None:
        super().__init__("The service is not available at the moment; try again shortly")
        self.retry_after = retry_after

    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": str(self.retry_after)}


class ClientGone(Exception):
    """The client closed the connection before its request was whole."""
