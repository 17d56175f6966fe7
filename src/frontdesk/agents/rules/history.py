"""The conversation as a model is told it: every call with exactly one result, right behind it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from frontdesk.agents.model.message import (
    ImageFilePart,
    ImagePart,
    Message,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)

CUT_OFF = "The call was cut off before it had a result. It may or may not have been done."


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a call, as text for the model."""

    call: ToolCallPart
    text: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One message for the model. Parts of `assistant`: text, then calls; of `user`: results, or text and images."""

    role: Literal["user", "assistant"]
    parts: tuple[TextPart | ImagePart | ImageFilePart | ToolCallPart | Outcome, ...]
    thinking: str = ""
    thinking_signature: str = ""


def assemble(messages: Sequence[Message]) -> tuple[Line, ...]:
    """The lines for the messages of a session, in order of `sequence`.

    A call without a result gets one that says so: models refuse a history with open calls. Results of no call are
    left out, and so are messages without content, for the same reason.
    """
    results = _results(messages)
    lines: list[Line] = []
    for place, message in enumerate(messages):
        if message.role == "agent":
            lines += _agent(message, results.get(place, {}))
        elif message.role == "user":
            shown = tuple(part for part in message.content if isinstance(part, TextPart | ImagePart | ImageFilePart))
            said = tuple(part for part in shown if not (isinstance(part, TextPart) and not part.text))
            lines += [Line("user", said)] if said else []
    return tuple(lines)


def as_text(result: Any) -> str:
    """A tool's JSON as a model reads it."""
    return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)


def _agent(message: Message, results: dict[int, ToolResultPart]) -> list[Line]:
    text = tuple(part for part in message.content if isinstance(part, TextPart) and part.text)
    calls = message.calls
    if not text and not calls:
        return []
    said = Line("assistant", (*text, *calls), message.thinking, message.thinking_signature)
    outcomes = tuple(_outcome(call, results.get(number)) for number, call in enumerate(calls))
    return [said, Line("user", outcomes)] if outcomes else [said]


def _outcome(call: ToolCallPart, result: ToolResultPart | None) -> Outcome:
    if result is None:
        return Outcome(call, CUT_OFF, True)
    if result.error is not None:
        return Outcome(call, result.error, True)
    return Outcome(call, as_text(result.result), False)


def _results(messages: Sequence[Message]) -> dict[int, dict[int, ToolResultPart]]:
    """For the place of an agent's message, its results by the number of the call.

    A result belongs to the latest call of its id that is still open: models use an id again.
    """
    found: dict[int, dict[int, ToolResultPart]] = {}
    open_calls: dict[str, list[tuple[int, int]]] = {}
    for place, message in enumerate(messages):
        for number, call in enumerate(message.calls if message.role == "agent" else ()):
            open_calls.setdefault(call.id, []).append((place, number))
        for part in message.content if message.role == "tool_result" else ():
            if isinstance(part, ToolResultPart) and open_calls.get(part.tool_call_id):
                at, number = open_calls[part.tool_call_id].pop()
                found.setdefault(at, {})[number] = part
    return found
