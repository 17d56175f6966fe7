"""One target of pydantic-ai: its client, and one streamed call. Imported on the first call: it costs a second."""

import ssl
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, cast

import httpx2
from pydantic_ai.exceptions import UserError
from pydantic_ai.messages import (
    ModelResponse,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
    ToolCallPart,
    ToolCallPartDelta,
)
from pydantic_ai.models import Model, ModelRequestParameters, infer_model
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIChatModelSettings, OpenAIResponsesModel
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers import Provider, infer_provider_class
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition

from frontdesk.adapters.llm_pydantic_errors import translated
from frontdesk.adapters.llm_pydantic_history import calls_of, messages, signature_of
from frontdesk.ports.llm import Answer, Away, Delta, Refused, Request, Target, Usage

_CHAT = ("openai", "openai_completions", "openai-chat")
_RESPONSES = ("openai_responses", "openai-responses")
_OURS = ("anthropic", "mistral", "ollama", "openrouter", "deepseek")
"""Providers of other dialects that take our connections, and with them the check of every address."""
_FINISHED = {"stop": "stop", "length": "length", "content_filter": "content_filter", "tool_call": "tool_calls"}
_TIMEOUT = httpx2.Timeout(None, connect=10.0)
"""Whoever asks bounds the whole call."""


@dataclass(slots=True)
class Known:
    """A model with its open connections."""

    model: Model
    client: httpx2.AsyncClient

    @classmethod
    def of(cls, target: Target, guard: Callable[[str], Awaitable[str]] | None) -> "Known":
        """The client of a target. Raises `Refused` when there can be none."""
        if target.provider not in _CHAT + _RESPONSES + _OURS and guard is not None:
            raise Refused("bad_request", f"models of {target.provider} cannot be asked at an address of your own")
        client = httpx2.AsyncClient(
            verify=_trust(),
            limits=httpx2.Limits(max_connections=None),
            timeout=_TIMEOUT,
            trust_env=guard is None,  # a proxy would look the name up again
            event_hooks={"request": [] if guard is None else [_pinned(guard)]},
        )
        try:
            chat = target.provider in _CHAT + _RESPONSES
            return cls(_openai(target, client) if chat else _other(target, client), client)
        except ImportError as error:
            reason = f"models of {target.provider} need another package: pydantic-ai-slim[{target.provider}]"
            raise Refused("unknown_provider", reason) from error
        except ValueError as error:
            raise Refused("unknown_provider", f"{target.provider} is no known provider") from error
        except UserError as error:
            raise Refused("auth", f"models of {target.provider} need an API key") from error

    async def stream(self, request: Request) -> AsyncGenerator[Delta | Answer, None]:
        """One call, one connection, which ends with the generator. Raises `Away`, `Refused`."""
        began = time.monotonic()
        first_ms: int | None = None
        parameters = ModelRequestParameters(
            function_tools=[
                ToolDefinition(
                    name=tool.name,
                    parameters_json_schema=dict(tool.parameters),
                    description=tool.description,
                    strict=False,
                )
                for tool in request.tools
            ]
        )
        with translated(request.target):
            opened = self.model.request_stream(messages(request, self.model.system), _settings(request), parameters)
            async with opened as stream, aclosing(stream.__aiter__()) as events:  # type: ignore[type-var]
                async for event in events:
                    piece = _delta(event)
                    if piece is not None:
                        if first_ms is None:
                            first_ms = round((time.monotonic() - began) * 1000)
                        yield piece
                response = stream.get()
                if response.finish_reason is None:
                    raise Away("network", "the answer broke off before its end")
                answer = _answer(response, self.model.system, first_ms)
            yield answer

    async def close(self) -> None:
        """Close the connections that were kept."""
        await self.client.aclose()


def _pinned(guard: Callable[[str], Awaitable[str]]) -> Callable[[httpx2.Request], Awaitable[None]]:
    """Sends a request to the address that was looked up and judged, whatever the name says a moment later."""

    async def pin(request: httpx2.Request) -> None:
        address = await guard(str(request.url))
        # The Host header is set already; the certificate is checked against the name, not the address.
        request.extensions = {**request.extensions, "sni_hostname": request.url.host}
        request.url = request.url.copy_with(host=address)

    return pin


@cache
def _trust() -> ssl.SSLContext:
    return httpx2.create_ssl_context()  # reading the certificates costs 20 ms: once is enough


def _openai(target: Target, client: httpx2.AsyncClient) -> Model:
    profile = OpenAIModelProfile(openai_chat_streaming_requires_finish_reason=True)
    provider: Provider[Any]
    if target.base_url:
        provider = OpenAICompatibleProvider(
            "compatible", base_url=target.base_url, api_key=target.api_key or None, http_client=client
        )
    else:
        provider = OpenAIProvider(api_key=target.api_key or None, http_client=client)
    if target.provider in _RESPONSES:
        return OpenAIResponsesModel(target.model, provider=provider)
    return OpenAIChatModel(target.model, provider=provider, profile=profile)


def _other(target: Target, client: httpx2.AsyncClient) -> Model:
    known: dict[str, Any] = {"api_key": target.api_key, "base_url": target.base_url}
    given = {name: value for name, value in known.items() if value}
    shared = {"http_client": client} if target.provider in _OURS else {}

    def provider(name: str) -> Provider[Any]:
        return infer_provider_class(name)(**given, **shared)

    try:
        return infer_model(f"{target.provider}:{target.model}", provider)
    except TypeError as error:  # a provider without keys or addresses
        raise Refused("unknown_provider", f"{target.provider} takes no {' or '.join(given)}") from error


def _settings(request: Request) -> ModelSettings:
    settings = OpenAIChatModelSettings(max_retries=0)  # the pauses between tries are ours
    if request.max_output_tokens is not None:
        settings["max_tokens"] = request.max_output_tokens
    if request.effort:
        effort = cast(Literal["minimal", "low", "medium", "high", "xhigh"], request.effort)
        settings["thinking"] = False if request.effort == "none" else effort
        if request.target.provider in _CHAT and request.target.base_url:
            # Of a model on somebody's own server nobody knows whether it thinks: what was asked for is sent as it is.
            settings["openai_reasoning_effort"] = effort
    return settings


def _delta(event: object) -> Delta | None:
    match event:
        case PartStartEvent(part=TextPart(content=text)) | PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
            return Delta("text", text) if text else None
        case PartStartEvent(part=ThinkingPart(content=text)):
            return Delta("thinking", text) if text else None
        case PartDeltaEvent(delta=ThinkingPartDelta(content_delta=thought)):
            return Delta("thinking", thought) if thought else None
        case PartStartEvent(part=ToolCallPart(args=written)):
            return Delta("tool_call", written) if isinstance(written, str) and written else None
        case PartDeltaEvent(delta=ToolCallPartDelta(args_delta=more)):
            return Delta("tool_call", more) if isinstance(more, str) and more else None
    return None


def _answer(response: ModelResponse, system: str, first_ms: int | None) -> Answer:
    text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
    thoughts = [part for part in response.parts if isinstance(part, ThinkingPart)]
    calls = calls_of(response)
    details = response.provider_details or {}
    usage = response.usage
    return Answer(
        text=text or str(details.get("refusal", "")),
        calls=calls,
        usage=Usage(
            usage.input_tokens,
            usage.output_tokens,
            usage.cache_read_tokens or None,
            usage.cache_write_tokens or None,
        ),
        finish_reason="tool_calls" if calls else _FINISHED.get(response.finish_reason or "", "error"),
        model=response.model_name or "",
        response_id=response.provider_response_id or "",
        thinking="".join(part.content for part in thoughts),
        thinking_signature=signature_of(thoughts, system),
        first_token_ms=first_ms,
    )
