"""How a turn begins, is steered, waits, is cancelled and ends. Every end gives its reason."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from frontdesk.agents.model.session import Conversation, Happened, OpenCall, Outcome, Turn
from frontdesk.agents.rules.definitions import preview
from frontdesk.agents.rules.refusals import Invalid, NotWaiting

MOST_RESTARTS = 3
CANCEL_ASKED = "User requested to cancel the work."
CANCEL_SAID = "Work was cancelled by user."
NOT_ANSWERED = "The user wrote instead of returning a result"
WAITED_TOO_LONG = "The client did not return a result in time"
ABORTED = "The tool was stopped because the work was cancelled"


@dataclass(frozen=True, slots=True)
class Received:
    """A user's message as it will be kept: `body` is what its event holds."""

    id: str
    body: Mapping[str, Any]
    text: str
    model_id: str | None = None
    effort: str = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """What a client says of one call."""

    call_id: str
    result: Any = None
    error: str | None = None


def receive(read: Conversation, message: Received, *, turn_id: str, runner: str, now: datetime) -> Outcome:
    """Keep a message: it begins a turn, steers the one that runs, or ends the wait for the client's tools."""
    said = Happened("input.message", {"message": message.body})
    shown = replace(read, preview=read.preview if read.preview is not None else preview(message.text))
    turn = read.turn
    if turn is None:
        begun, events = _begun(turn_id, message.id, runner, now)
        begun = replace(begun, model_id=message.model_id, effort=message.effort)
        kept = replace(shown, turn=begun, started_at=read.started_at or now)
        return Outcome(kept, "begin", (said, *events))
    steered = replace(turn, unseen=message.id, model_id=message.model_id, effort=message.effort)
    if turn.runner:
        return Outcome(replace(shown, turn=steered), None, (said,))
    errors = [Returned(call.id, error=NOT_ANSWERED) for call in turn.calls]
    resumed, events = _returned(steered, errors, now)
    return Outcome(replace(shown, turn=replace(resumed, runner=runner)), "resume", (*events, said))


def _begun(turn_id: str, message_id: str, runner: str, now: datetime) -> tuple[Turn, tuple[Happened, ...]]:
    """A turn and its first events."""
    turn = Turn(turn_id, message_id, now, runner)
    about = {"turn_id": turn_id, "input_message_id": message_id}
    return turn, (
        Happened("session.activated", about, turn.context),
        Happened("turn.started", about, turn.context),
    )


def take_results(read: Conversation, results: Sequence[Returned], *, runner: str, now: datetime) -> Outcome:
    """The client's results for every open call. Raises `NotWaiting`, `Invalid`."""
    turn = read.turn
    if turn is None or turn.runner:
        raise NotWaiting
    wanted, given = [call.id for call in turn.calls], [one.call_id for one in results]
    missing, surplus = sorted(set(wanted) - set(given)), sorted(set(given) - set(wanted))
    if missing or surplus or len(given) != len(set(given)):
        raise Invalid(
            f"tool_results must name each open call once: {len(missing)} missing, {len(surplus)} not open, "
            f"{len(given) - len(set(given))} twice"
        )
    resumed, events = _returned(turn, results, now)
    return Outcome(replace(read, turn=replace(resumed, runner=runner)), "resume", events)


def stop_waiting(read: Conversation, *, runner: str, now: datetime) -> Outcome | None:
    """The client took too long: its calls fail and the turn goes on. None when nothing waits any more."""
    turn = read.turn
    if turn is None or turn.runner:
        return None
    errors = [Returned(call.id, error=WAITED_TOO_LONG) for call in turn.calls]
    resumed, events = _returned(turn, errors, now)
    return Outcome(replace(read, turn=replace(resumed, runner=runner)), "resume", events)


def _returned(turn: Turn, results: Sequence[Returned], now: datetime) -> tuple[Turn, tuple[Happened, ...]]:
    by_id = {one.call_id: one for one in results}
    events = [_completed(turn, call, by_id[call.id]) for call in turn.calls if call.id in by_id]
    failures = sum(1 for one in results if one.error is not None)
    done = replace(
        turn,
        calls=(),
        succeeded=turn.succeeded + len(results) - failures,
        failed=turn.failed + failures,
        finished_steps=turn.finished_steps + len(results),
    )
    closed, end = acted(done, now)
    return closed, (*events, *end)


def _completed(turn: Turn, call: OpenCall, one: Returned) -> Happened:
    """`tool.completed` of a call that the client answered."""
    facts: dict[str, Any] = {
        "tool_call_id": call.id,
        "tool_name": call.name,
        "success": one.error is None,
        "status": "success" if one.error is None else "error",
    }
    if one.error is None:
        facts["result"] = [{"type": "text", "text": json.dumps(one.result, ensure_ascii=False)}]
    else:
        facts["error"] = one.error
    return Happened("tool.completed", facts, turn.context)


def acted(turn: Turn, now: datetime) -> tuple[Turn, tuple[Happened, ...]]:
    """The batch of calls is over, if one was open."""
    if not turn.acting:
        return turn, ()
    facts: dict[str, Any] = {"completed": True, "success_count": turn.succeeded, "error_count": turn.failed}
    if turn.acting_since is not None:
        facts["duration_ms"] = _millis(turn.acting_since, now)
    closed = replace(turn, acting=False, acting_since=None, succeeded=0, failed=0, calls=())
    return closed, (Happened("act.completed", facts, turn.context),)


def cancel(
    read: Conversation, *, message_id: str, reply_id: str, at: str, now: datetime, reason: str | None = None
) -> Outcome | None:
    """Stop the turn. None when no turn runs. Both messages become part of the conversation."""
    turn = read.turn
    if turn is None:
        return None
    stopped = tuple(
        Happened(
            "tool.completed",
            {"tool_call_id": c.id, "tool_name": c.name, "success": False, "status": "cancelled", "error": ABORTED},
            turn.context,
        )
        for c in turn.calls
        if c.started or c.client
    )
    facts: dict[str, Any] = {"turn_id": turn.id, "usage": turn.usage.told()}
    if reason:
        facts["reason"] = reason
    asked = {"id": message_id, "role": "user", "content": [{"type": "text", "text": CANCEL_ASKED}], "created_at": at}
    reply = {"id": reply_id, "role": "agent", "content": [{"type": "text", "text": CANCEL_SAID}], "created_at": at}
    events = (
        *stopped,
        Happened("turn.cancelled", facts, turn.context),
        Happened("input.message", {"message": asked}, turn.context),
        Happened("output.message.completed", {"message": reply}, turn.context),
        _idled(read, turn),
    )
    return Outcome(_over(read, turn, now), "end", events)


def finish(read: Conversation, turn: Turn, *, next_turn_id: str, now: datetime) -> Outcome:
    """The answer is given: the turn is over; a message that came too late for it begins the next one at once."""
    over = Happened(
        "turn.completed",
        {
            "turn_id": turn.id,
            "iterations": turn.iterations,
            "duration_ms": _millis(turn.started_at, now),
            "usage": turn.usage.told(),
        },
        turn.context,
    )
    return _ended(read, turn, (over,), next_turn_id=next_turn_id, now=now)


def fail(read: Conversation, turn: Turn, code: str, error: str, *, next_turn_id: str, now: datetime) -> Outcome:
    """The turn cannot go on: `code` is `llm_error`, `no_progress`, `agent_gone`, or that of a limit."""
    closed, end = acted(turn, now)
    facts = {"turn_id": turn.id, "error": error, "error_code": code, "usage": turn.usage.told()}
    events = (*end, Happened("turn.failed", facts, turn.context))
    return _ended(read, closed, events, next_turn_id=next_turn_id, now=now)


def _ended(
    read: Conversation,
    turn: Turn,
    events: tuple[Happened, ...],
    *,
    next_turn_id: str,
    now: datetime,
) -> Outcome:
    after = _over(read, turn, now)
    if turn.unseen is None:
        return Outcome(after, "end", (*events, _idled(read, turn)))
    # The session does not become idle in between: who waits for `session.idled` waits for both answers.
    begun, first = _begun(next_turn_id, turn.unseen, turn.runner, now)
    begun = replace(begun, model_id=turn.model_id, effort=turn.effort)
    return Outcome(replace(after, turn=begun), None, (*events, *first))


def _over(read: Conversation, turn: Turn, now: datetime) -> Conversation:
    """The conversation without the turn; how long it lasted is remembered."""
    lasted = max(0.0, (now - turn.started_at).total_seconds())
    return replace(read, turn=None, seconds=read.seconds + lasted)


def _idled(read: Conversation, turn: Turn) -> Happened:
    facts: dict[str, Any] = {"turn_id": turn.id, "iterations": turn.iterations}
    if read.usage is not None:
        facts["usage"] = read.usage.told()
    return Happened("session.idled", facts, turn.context)


def take_over(read: Conversation, runner: str) -> Outcome:
    """Another process goes on with the turn. Restarts count only while nothing new gets finished."""
    turn = read.turn
    if turn is None:
        return Outcome(read)
    stuck = turn.finished_steps == turn.taken_over_at_step
    taken = replace(
        turn,
        runner=runner,
        restarts=turn.restarts + 1 if stuck else 1,
        taken_over_at_step=turn.finished_steps,
        step=None if turn.step is None else replace(turn.step, speaking=False),
    )
    return Outcome(replace(read, turn=taken))


def makes_no_progress(turn: Turn) -> bool:
    """Whether it was taken over so often without a new finished step that going on would only spend."""
    return turn.restarts > MOST_RESTARTS


def _millis(start: datetime, end: datetime) -> int:
    return max(0, round((end - start).total_seconds() * 1000))
