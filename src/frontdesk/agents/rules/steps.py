"""The steps inside a turn: asking the model, its answer, its tools; values in, events out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from frontdesk.agents.model.session import Conversation, Happened, OpenCall, Outcome, Step, Turn, Usage
from frontdesk.agents.rules.definitions import preview
from frontdesk.agents.rules.turns import acted

APOLOGY = "I'm sorry, something went wrong and I could not answer. Please try again."
GENERAL_ERROR = "The model could not be asked"
INTERRUPTED = "The tool was interrupted before it finished; it is unknown how far it got"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which model is asked, for the events."""

    model: str
    model_id: str | None = None
    provider_id: str | None = None

    def told(self) -> dict[str, Any]:
        """Without what is not known."""
        found = {"model": self.model, "model_id": self.model_id, "provider_id": self.provider_id}
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model answered. `generation` is the whole `llm.generation`, None when prompts are not kept."""

    message: Mapping[str, Any]
    text: str
    calls: tuple[OpenCall, ...]
    usage: Usage
    duration_ms: int
    heard_sequence: int
    generation: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of one tool call; `result` are content parts."""

    call: OpenCall
    status: str
    result: Sequence[Mapping[str, Any]] | None = None
    error: str | None = None
    duration_ms: int | None = None


def within(turn: Turn, exec_id: str) -> dict[str, Any]:
    """The context of an event of one model call."""
    return {**turn.context, "exec_id": exec_id}


def ask(read: Conversation, turn: Turn, asked: Asked, exec_id: str, seen: frozenset[str]) -> Outcome:
    """The model is about to be asked, with a history that holds the messages `seen`.

    A call that was cut off by a crash is made again: its text begins anew, under the same `exec_id`.
    """
    step = turn.step
    first = step is None
    step = replace(step, speaking=True) if step is not None else Step(exec_id, True)
    context = within(turn, step.exec_id)
    events = [Happened("output.message.started", {"turn_id": turn.id, "model": asked.model}, context)]
    if first:
        started = Happened("reason.started", {"agent_id": read.agent_id, "metadata": asked.told()}, context)
        events.insert(0, started)
    begun = replace(turn, step=step, unseen=None if turn.unseen in seen else turn.unseen)
    return Outcome(replace(read, turn=begun), None, tuple(events))


def answered(read: Conversation, turn: Turn, reply: Reply) -> Outcome:
    """The model has answered, with or without calls of tools."""
    context = within(turn, turn.step.exec_id if turn.step else turn.id)
    usage = reply.usage.told()
    completed: dict[str, Any] = {"message": reply.message, "metadata": {"heard_sequence": reply.heard_sequence}}
    reasoned: dict[str, Any] = {
        "success": True,
        "has_tool_calls": bool(reply.calls),
        "tool_call_count": len(reply.calls),
        "duration_ms": reply.duration_ms,
        "usage": usage,
    }
    if reply.text:
        reasoned["text_preview"] = reply.text[:200]
    events = [
        Happened("output.message.completed", {**completed, "usage": usage}, context),
        Happened("reason.completed", reasoned, context),
    ]
    if reply.generation is not None:
        events.insert(0, Happened("llm.generation", reply.generation, context))
    after = replace(
        turn,
        step=None,
        calls=reply.calls,
        iterations=turn.iterations + 1,
        finished_steps=turn.finished_steps + 1,
        usage=turn.usage + reply.usage,
    )
    spent = reply.usage if read.usage is None else read.usage + reply.usage
    shown = read.output_preview if not reply.text else preview(reply.text)
    told = replace(read, turn=after, usage=spent, iterations=read.iterations + 1, output_preview=shown)
    return Outcome(told, None, tuple(events))


def not_answered(
    read: Conversation, turn: Turn, error: str, generation: Mapping[str, Any] | None, apology: Mapping[str, Any]
) -> Outcome:
    """The model call failed for good; `error` is for operators."""
    context = within(turn, turn.step.exec_id if turn.step else turn.id)
    events = [
        Happened("output.message.completed", {"message": apology}, context),
        Happened(
            "reason.completed",
            {"success": False, "has_tool_calls": False, "tool_call_count": 0, "error": error},
            context,
        ),
    ]
    if generation is not None:
        events.insert(0, Happened("llm.generation", generation, context))
    return Outcome(replace(read, turn=replace(turn, step=None)), None, tuple(events))


def act(read: Conversation, turn: Turn, calls: Sequence[OpenCall], now: datetime) -> Outcome:
    """These calls begin to run. The batch is announced once."""
    events = []
    if not turn.acting:
        named = [{"id": call.id, "name": call.name} for call in turn.calls]
        events.append(Happened("act.started", {"tool_calls": named}, turn.context))
        turn = replace(turn, acting=True, acting_since=now, succeeded=0, failed=0)
    starting = {call.id for call in calls}
    for call in calls:
        events.append(Happened("tool.started", {"tool_call": call.told}, turn.context))
    marked = tuple(replace(call, started=True) if call.id in starting else call for call in turn.calls)
    return Outcome(replace(read, turn=replace(turn, calls=marked)), None, tuple(events))


def ran(read: Conversation, turn: Turn, one: Ran, now: datetime) -> Outcome:
    """A tool has ended. With the last call of the batch, the batch has."""
    succeeded = one.status == "success"
    facts: dict[str, Any] = {
        "tool_call_id": one.call.id,
        "tool_name": one.call.name,
        "success": succeeded,
        "status": one.status,
    }
    if one.result is not None:
        facts["result"] = list(one.result)
    if one.error is not None:
        facts["error"] = one.error
    if one.duration_ms is not None:
        facts["duration_ms"] = one.duration_ms
    after = replace(
        turn,
        calls=tuple(call for call in turn.calls if call.id != one.call.id),
        succeeded=turn.succeeded + succeeded,
        failed=turn.failed + (not succeeded),
        finished_steps=turn.finished_steps + 1,
    )
    end: tuple[Happened, ...] = ()
    if not after.calls:
        after, end = acted(after, now)
    return Outcome(replace(read, turn=after), None, (Happened("tool.completed", facts, turn.context), *end))


def call_client(read: Conversation, turn: Turn) -> Outcome:
    """Only calls that the client runs are left: wait for it."""
    told = [call.told for call in turn.calls]
    event = Happened("tool.call_requested", {"turn_id": turn.id, "tool_calls": told}, turn.context)
    return Outcome(replace(read, turn=replace(turn, runner="")), "await_tools", (event,))
