"""A model's answer as the rules and the log take it: message, calls, cost, and the whole exchange for operators."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from frontdesk.agents.capabilities.running import masked
from frontdesk.agents.model import ids
from frontdesk.agents.model.session import OpenCall, Usage
from frontdesk.agents.rules import limits, steps
from frontdesk.agents.service.equipping import Equipped
from frontdesk.agents.service.needs import Needs
from frontdesk.basics.clock import iso_millis
from frontdesk.ports.llm import Answer, Request
from frontdesk.ports.llm_conversation import Call, Image, Returned, Text


def reply(needs: Needs, equipped: Equipped, request: Request, answer: Answer, heard_sequence: int) -> steps.Reply:
    """What the rules are told of an answer."""
    used = answer.usage
    cost = limits.cost(equipped.chosen.price, used.input_tokens, used.output_tokens, used.cache_read_tokens or 0)
    usage = Usage(used.input_tokens, used.output_tokens, used.cache_read_tokens, used.cache_creation_tokens, cost)
    calls = tuple(_open(equipped, call, place) for place, call in enumerate(answer.calls))
    content: list[dict[str, Any]] = [{"type": "text", "text": answer.text}] if answer.text or not calls else []
    content += [{"type": "tool_call", **call.told} for call in calls]
    message: dict[str, Any] = {
        "id": ids.new("message"),
        "role": "agent",
        "content": content,
        "created_at": iso_millis(needs.clock.now()),
    }
    if answer.thinking:
        message["thinking"] = answer.thinking
    if answer.thinking_signature:
        message["thinking_signature"] = answer.thinking_signature
    generation = _generation(needs, equipped, request, answer, calls, usage)
    return steps.Reply(message, answer.text, calls, usage, answer.duration_ms, heard_sequence, generation)


def _open(equipped: Equipped, call: Call, place: int) -> OpenCall:
    tool = equipped.tools.get(call.name)
    arguments = dict(call.arguments)
    shown = None if tool is None or not tool.secret_arguments else masked(tool, arguments)
    return OpenCall(
        call.id or f"call_{place}",
        call.name,
        arguments,
        client=tool is not None and tool.run is None,
        shown=shown,
        unreadable=bool(call.unreadable),
    )


def apology(now: datetime) -> dict[str, Any]:
    """The message that a user gets when the model could not be asked."""
    content = [{"type": "text", "text": steps.APOLOGY}]
    return {"id": ids.new("message"), "role": "agent", "content": content, "created_at": iso_millis(now)}


def failure(needs: Needs, equipped: Equipped, request: Request, error: str) -> dict[str, Any] | None:
    """`llm.generation` of a call that failed for good."""
    if not needs.keeps_prompts:
        return None
    metadata = {**_model(equipped), "success": False, "error": error}
    return {**_sent(request), "output": {"tool_calls": []}, "metadata": metadata}


def _generation(
    needs: Needs, equipped: Equipped, request: Request, answer: Answer, calls: tuple[OpenCall, ...], usage: Usage
) -> dict[str, Any] | None:
    if not needs.keeps_prompts:
        return None
    output: dict[str, Any] = {"tool_calls": [call.told for call in calls]}
    if answer.text:
        output["text"] = answer.text
    metadata: dict[str, Any] = {
        **_model(equipped),
        "usage": usage.told(),
        "duration_ms": answer.duration_ms,
        "success": True,
        "finish_reasons": [answer.finish_reason],
    }
    if answer.first_token_ms is not None:
        metadata["time_to_first_token_ms"] = answer.first_token_ms
    if answer.response_id:
        metadata["response_id"] = answer.response_id
    if answer.retries:
        metadata["retry"] = {"attempts": answer.retries, "total_wait_ms": answer.waited_ms}
    return {**_sent(request), "output": output, "metadata": metadata}


def _model(equipped: Equipped) -> dict[str, Any]:
    return {"model": equipped.chosen.asked.model, "provider": equipped.chosen.target.provider}


def _sent(request: Request) -> dict[str, Any]:
    """The prompt as it was sent, without the bytes of images."""
    messages = [{"role": "system", "content": [{"type": "text", "text": request.system}]}]
    messages += [{"role": said.role, "content": [_part(part) for part in said.parts]} for said in request.history]
    tools = [{"name": t.name, "description": t.description, "parameters": t.parameters} for t in request.tools]
    return {"messages": messages, "tools": tools}


def _part(part: Text | Image | Call | Returned) -> Mapping[str, Any]:
    match part:
        case Text():
            return {"type": "text", "text": part.text}
        case Image():
            return {"type": "image", "url": part.url} if part.url else {"type": "image", "media_type": part.media_type}
        case Call():
            return {"type": "tool_call", "id": part.id, "name": part.name, "arguments": dict(part.arguments)}
        case Returned():
            name = "error" if part.is_error else "result"
            return {"type": "tool_result", "tool_call_id": part.call_id, name: _parsed(part.text)}


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
