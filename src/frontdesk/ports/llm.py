"""The language-model port: one streamed call of one model, with tools; no loop and no memory."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Literal, Protocol

from frontdesk.basics.errors import Rejected, Unavailable
from frontdesk.ports.llm_conversation import Call, Offered, Said

AWAY = ("rate_limited", "overloaded", "network", "timeout", "resting")
REFUSED = (
    "auth",
    "quota",
    "bad_request",
    "context_too_long",
    "unknown_model",
    "unknown_provider",
    "content",
    "nonsense",
)


class Away(Unavailable):
    """No answer after all retries. `kind` is of `AWAY` (`resting`: it failed too often just now and is left alone)."""

    def __init__(self, kind: str, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.kind, self.reason, self.retry_after = kind, reason, retry_after


class Refused(Rejected):
    """The same call will fail again. `kind` is of `REFUSED`; `reason` is for operators and holds no key."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind, self.reason = kind, reason


@dataclass(frozen=True, slots=True)
class Target:
    """Which model. `provider` is `llmsim`, `openai`, `openai_completions` (any compatible server), `anthropic`, ..."""

    provider: str
    model: str
    base_url: str = ""
    api_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """`effort` is `none`, `minimal`, `low`, `medium`, `high`, `xhigh` or empty; `seconds` bounds all tries together."""

    target: Target
    system: str
    history: tuple[Said, ...]
    tools: tuple[Offered, ...] = ()
    max_output_tokens: int | None = None
    effort: str = ""
    seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of `kind`; `restart`: the connection broke, what came so far is void, the answer begins anew."""

    kind: Literal["text", "thinking", "tool_call", "restart"]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens. The cached ones are part of `input_tokens`; None when the provider does not tell."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int | None = None
    cache_creation_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer. `finish_reason` is `stop`, `tool_calls`, `length`, `content_filter` or `error`."""

    text: str
    calls: tuple[Call, ...]
    usage: Usage
    finish_reason: str
    model: str
    response_id: str = ""
    thinking: str = ""
    thinking_signature: str = ""
    duration_ms: int = 0
    first_token_ms: int | None = None
    retries: int = 0
    waited_ms: int = 0


class Llm(Protocol):
    """Errors of both: `Away`, `Refused`. Rate limits, 5xx and lost connections are tried again before `Away`."""

    def ask(self, request: Request) -> AsyncGenerator[Delta | Answer, None]:
        """Deltas as they come, then one `Answer`, the last. Closing the generator closes the connection at once."""
        ...

    async def check(self, target: Target) -> None:
        """Have the model say something short, for `frontdesk doctor`."""
        ...

    async def stop(self) -> None:
        """Give up connections that were kept for the next call. Stopping twice is no error."""
        ...
