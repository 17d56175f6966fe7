"""Turns as values: how they begin, are steered, wait, are cancelled, fail and end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from frontdesk.agents.model.session import Conversation, OpenCall, Outcome, Turn, Usage
from frontdesk.agents.rules import steps, turns
from frontdesk.agents.rules.refusals import Invalid, NotWaiting
from frontdesk.agents.rules.turns import Received, Returned

NOW = datetime(2026, 4, 9, 8, 0, tzinfo=UTC)
HERE, THERE = "here", "there"
SILENT = Conversation("agent_1")


def message(name: str = "message_1", text: str = "Hello") -> Received:
    return Received(name, {"id": name}, text)


def received(read: Conversation, **changes: str) -> Outcome:
    said = message(**changes)
    return turns.receive(read, said, turn_id="turn_1", runner=HERE, now=NOW)


def running(**changes: object) -> Conversation:
    """A conversation whose turn runs here."""
    begun = received(SILENT).conversation
    assert begun.turn is not None
    return replace(begun, turn=replace(begun.turn, **changes))


def turn_of(read: Conversation) -> Turn:
    assert read.turn is not None
    return read.turn


def kinds(outcome: Outcome) -> list[str]:
    return [one.type for one in outcome.events]


def test_a_message_begins_a_turn() -> None:
    outcome = received(SILENT, text="  Is it\n overdue? ")
    assert (outcome.verb, kinds(outcome)) == ("begin", ["input.message", "session.activated", "turn.started"])
    assert outcome.conversation.preview == "Is it overdue?"
    assert outcome.conversation.started_at == NOW


def test_the_preview_stays_that_of_the_first_message() -> None:
    first = replace(received(SILENT).conversation, turn=None)
    assert received(first, text="Another").conversation.preview == "Hello"


def test_a_message_to_a_running_turn_is_kept_for_it() -> None:
    outcome = received(running(), name="message_2")
    assert (outcome.verb, kinds(outcome)) == (None, ["input.message"])
    assert turn_of(outcome.conversation).unseen == "message_2"


def test_a_turn_that_ends_without_seeing_a_message_is_followed_by_the_next() -> None:
    read = received(running(), name="message_2").conversation
    outcome = turns.finish(read, turn_of(read), next_turn_id="turn_2", now=NOW)
    assert (outcome.verb, kinds(outcome)) == (None, ["turn.completed", "session.activated", "turn.started"])
    assert (turn_of(outcome.conversation).id, turn_of(outcome.conversation).message_id) == ("turn_2", "message_2")


def test_a_model_call_that_knows_the_message_has_seen_it() -> None:
    read = received(running(), name="message_2").conversation
    asked = steps.ask(read, turn_of(read), steps.Asked("scripted"), "exec_1", frozenset({"message_1", "message_2"}))
    assert turn_of(asked.conversation).unseen is None
    outcome = turns.finish(asked.conversation, turn_of(asked.conversation), next_turn_id="turn_2", now=NOW)
    assert (outcome.verb, kinds(outcome)) == ("end", ["turn.completed", "session.idled"])


def test_a_call_that_is_made_again_begins_its_text_anew_under_the_same_name() -> None:
    read = running()
    first = steps.ask(read, turn_of(read), steps.Asked("scripted"), "exec_1", frozenset())
    assert kinds(first) == ["reason.started", "output.message.started"]
    taken = turns.take_over(first.conversation, THERE).conversation
    again = steps.ask(taken, turn_of(taken), steps.Asked("scripted"), "exec_2", frozenset())
    assert kinds(again) == ["output.message.started"]
    assert again.events[0].context["exec_id"] == "exec_1"


def test_an_answer_without_calls_adds_up_what_was_used() -> None:
    read = replace(running(), usage=Usage(10, 5, None))
    reply = steps.Reply({"id": "m"}, "Yes.", (), Usage(3, 2, 1), 5, 2, None)
    outcome = steps.answered(read, turn_of(read), reply)
    assert kinds(outcome) == ["output.message.completed", "reason.completed"]
    assert outcome.conversation.usage == Usage(13, 7, 1)
    assert turn_of(outcome.conversation).usage == Usage(3, 2, 1)
    assert outcome.conversation.output_preview == "Yes."


CALLS = (OpenCall("1", "add", {"a": 1}), OpenCall("2", "ask", {}, client=True))


def test_the_batch_is_over_with_its_last_call() -> None:
    read = running(calls=(CALLS[0], replace(CALLS[0], id="3")))
    begun = steps.act(read, turn_of(read), turn_of(read).calls, NOW).conversation
    one = steps.ran(begun, turn_of(begun), steps.Ran(CALLS[0], "success", [], None, 1), NOW)
    assert kinds(one) == ["tool.completed"]
    failed = steps.Ran(replace(CALLS[0], id="3"), "timeout", error="too slow")
    two = steps.ran(one.conversation, turn_of(one.conversation), failed, NOW)
    assert kinds(two) == ["tool.completed", "act.completed"]
    assert two.events[1].facts["success_count"] == two.events[1].facts["error_count"] == 1


def test_the_turn_waits_for_the_clients_tools_and_for_each_of_them_once() -> None:
    read = running(calls=(CALLS[1],), acting=True)
    waiting = steps.call_client(read, turn_of(read))
    assert (waiting.verb, turn_of(waiting.conversation).runner) == ("await_tools", "")
    for wrong in ([], [Returned("2"), Returned("2")], [Returned("2"), Returned("9")]):
        with pytest.raises(Invalid):
            turns.take_results(waiting.conversation, wrong, runner=THERE, now=NOW)
    done = turns.take_results(waiting.conversation, [Returned("2", {"ok": True})], runner=THERE, now=NOW)
    assert (done.verb, kinds(done)) == ("resume", ["tool.completed", "act.completed"])
    assert turn_of(done.conversation).runner == THERE
    with pytest.raises(NotWaiting):
        turns.take_results(done.conversation, [], runner=THERE, now=NOW)


def test_a_message_or_too_long_a_wait_closes_the_open_calls_with_an_error() -> None:
    read = running(calls=(CALLS[1],), acting=True, runner="")
    spoken = received(read, name="message_2")
    assert (spoken.verb, kinds(spoken)) == ("resume", ["tool.completed", "act.completed", "input.message"])
    waited = turns.stop_waiting(read, runner=THERE, now=NOW)
    assert waited is not None
    assert next(one.facts.get("status") for one in waited.events) == "error"
    assert turns.stop_waiting(waited.conversation, runner=THERE, now=NOW) is None


def test_a_cancel_tells_open_calls_first_and_leaves_both_words() -> None:
    read = running(calls=(replace(CALLS[0], started=True), replace(CALLS[0], id="3")))
    outcome = turns.cancel(read, message_id="m", reply_id="r", at="t", now=NOW)
    assert outcome is not None
    assert (outcome.verb, kinds(outcome)) == (
        "end",
        ["tool.completed", "turn.cancelled", "input.message", "output.message.completed", "session.idled"],
    )
    assert turns.cancel(outcome.conversation, message_id="m", reply_id="r", at="t", now=NOW) is None


def test_restarts_count_only_while_nothing_gets_finished() -> None:
    read = running()
    for _ in range(turns.MOST_RESTARTS):
        read = turns.take_over(read, THERE).conversation
        assert not turns.makes_no_progress(turn_of(read))
    assert turns.makes_no_progress(turn_of(turns.take_over(read, THERE).conversation))
    further = replace(read, turn=replace(turn_of(read), finished_steps=1))
    assert turn_of(turns.take_over(further, THERE).conversation).restarts == 1


def test_a_failure_says_why_and_leaves_the_session_usable() -> None:
    read = running(acting=True, acting_since=NOW - timedelta(seconds=1))
    outcome = turns.fail(read, turn_of(read), "max_iterations", "Too many", next_turn_id="turn_2", now=NOW)
    assert (outcome.verb, kinds(outcome)) == ("end", ["act.completed", "turn.failed", "session.idled"])
    assert outcome.events[1].facts["error_code"] == "max_iterations"
    assert outcome.conversation.turn is None
