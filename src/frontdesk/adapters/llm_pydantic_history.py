"""The port's conversation in pydantic-ai's messages, and back."""

import json
from collections.abc import Sequence
from typing import Any

from pydantic_ai.messages import (
    BinaryContent,
    ImageUrl,
    ModelMessage,
    ModelRequest,
    ModelRequestPart,
    ModelResponse,
    ModelResponsePart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolReturnPart,
    UserContent,
    UserPromptPart,
)

from frontdesk.ports.llm import Request
from frontdesk.ports.llm_conversation import Call, Image, Returned, Said, Text


def messages(request: Request, system: str) -> list[ModelMessage]:
    """The history, the instructions with the last request, which is where pydantic-ai looks for them."""
    told: list[ModelMessage] = [
        _response(said, system) if said.role == "assistant" else ModelRequest(parts=_parts(said))
        for said in request.history
    ]
    if not told or isinstance(told[-1], ModelResponse):
        told.append(ModelRequest(parts=[]))
    last = told[-1]
    if isinstance(last, ModelRequest) and request.system:
        last.instructions = request.system
    return told


def _parts(said: Said) -> list[ModelRequestPart]:
    # Results first: they belong to the calls just before, and models refuse anything between the two.
    returned: list[ModelRequestPart] = [
        ToolReturnPart(part.name, part.text, part.call_id, outcome="failed" if part.is_error else "success")
        for part in said.parts
        if isinstance(part, Returned)
    ]
    content: list[UserContent] = []
    for part in said.parts:
        if isinstance(part, Text):
            content.append(part.text)
        elif isinstance(part, Image):
            content.append(ImageUrl(part.url) if part.url else BinaryContent(part.content, media_type=part.media_type))
    return [*returned, UserPromptPart(content)] if content else returned


def _response(said: Said, system: str) -> ModelResponse:
    parts: list[ModelResponsePart] = []
    provider, _, signature = said.thinking_signature.partition(":")
    if signature and provider == system:
        # Thinking is only taken back by the provider that signed it.
        parts.append(ThinkingPart(said.thinking, signature=signature, provider_name=provider))
    for part in said.parts:
        if isinstance(part, Text) and part.text:
            parts.append(TextPart(part.text))
        elif isinstance(part, Call):
            parts.append(ToolCallPart(part.name, part.unreadable or json.dumps(dict(part.arguments)), part.id))
    return ModelResponse(parts=parts)


def signature_of(thoughts: Sequence[ThinkingPart], system: str) -> str:
    """`PROVIDER:SIGNATURE` of the last thought, or nothing."""
    signed = [thought.signature for thought in thoughts if thought.signature]
    return f"{system}:{signed[-1]}" if signed else ""


def calls_of(response: ModelResponse) -> tuple[Call, ...]:
    """The calls that a response holds, in its order."""
    return tuple(_call(part) for part in response.parts if isinstance(part, ToolCallPart))


def _call(part: ToolCallPart) -> Call:
    written: Any = part.args
    if written is None or written == "":
        return Call(part.tool_call_id, part.tool_name, {})
    if isinstance(written, str):
        try:
            arguments = json.loads(written)
        except ValueError:
            return Call(part.tool_call_id, part.tool_name, {}, written)
        if not isinstance(arguments, dict):
            return Call(part.tool_call_id, part.tool_name, {}, written)
        return Call(part.tool_call_id, part.tool_name, arguments)
    return Call(part.tool_call_id, part.tool_name, written)
