"""What pydantic-ai raises, as the port's errors."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from pydantic_ai import exceptions as ai

from frontdesk.ports.llm import Away, Refused, Target

_LONGEST_REASON = 500
# The most special first: several of these are subclasses of others.
_AWAY: tuple[tuple[type[Exception], str], ...] = (
    (ai.ModelRateLimitError, "rate_limited"),
    (ai.ModelUnavailableError, "overloaded"),
    (ai.ModelServerError, "overloaded"),
    (ai.ModelTimeoutError, "timeout"),
    (ai.ModelRequestTimeout, "timeout"),
    (ai.ModelConnectionError, "network"),
    (httpx2.TimeoutException, "timeout"),
    (httpx2.HTTPError, "network"),
)
_REFUSED: tuple[tuple[type[Exception], str], ...] = (
    (ai.ModelQuotaExceededError, "quota"),
    (ai.ModelContextWindowExceededError, "context_too_long"),
    (ai.ModelAuthenticationError, "auth"),
    (ai.ModelNotFoundError, "unknown_model"),
    (ai.ModelRequestRejectedError, "bad_request"),
    (ai.ContentFilterError, "content"),
    (ai.UnexpectedModelBehavior, "nonsense"),
    (ai.UserError, "bad_request"),
)


@contextmanager
def translated(target: Target) -> Iterator[None]:
    """Raises `Away` and `Refused` for what a call to `target` raises inside."""
    try:
        yield
    except (ai.AgentRunError, ai.UserError, httpx2.HTTPError) as error:
        raise _translate(error, target) from error
    except (AttributeError, TypeError, LookupError, ValueError) as error:
        # What a client library trips over when the other side does not keep to the protocol.
        raise Refused("nonsense", f"the model's answer cannot be read ({type(error).__name__})") from error


def _translate(error: Exception, target: Target) -> Away | Refused:
    reason = str(error) or type(error).__name__
    if target.api_key:
        reason = reason.replace(target.api_key, "***")
    reason = reason[:_LONGEST_REASON]
    for kind_of, kind in _REFUSED:
        if isinstance(error, kind_of):
            return Refused(kind, reason)
    retry_after = error.retry_after if isinstance(error, ai.ModelAPIError) else None
    for kind_of, kind in _AWAY:
        if isinstance(error, kind_of):
            return Away(kind, reason, retry_after)
    if isinstance(error, ai.ModelHTTPError) and error.status_code < 500 and error.status_code not in (408, 409, 425):
        return Refused("bad_request", reason)
    # What is left was said by no server: an answer that broke off, or that is none.
    return Away("network", reason, retry_after)
