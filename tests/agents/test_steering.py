"""Messages that come while a turn runs: the next model call sees them in order, and none stays without an answer."""

import asyncio
from typing import Any

from agents.test_real_model import Talk, answer, kinds, of
from agents.test_real_model import model as model
from agents.test_real_model import talk as talk
from servers.openai import OpenAiServer, Reply, Send, obey


def held(asked: asyncio.Event, gate: asyncio.Event) -> Reply:
    """Say that the model was asked, and answer when the gate is open."""

    async def reply(server: OpenAiServer, send: Send, body: dict[str, Any]) -> None:
        asked.set()
        await gate.wait()
        await obey(server, send, body)

    return reply


def heard(talk: Talk, call: int) -> list[str]:
    """What users said, as the model was told with this call."""
    told = [one["content"] for one in talk.model.requests[call]["messages"] if one["role"] == "user"]
    return [text for one in told for text in ([one] if isinstance(one, str) else [part["text"] for part in one])]


async def test_the_next_model_call_of_the_same_turn_sees_them_in_order(talk: Talk) -> None:
    asked, gate = asyncio.Event(), asyncio.Event()
    talk.model.replies = [held(asked, gate)]
    first = '#tool add {"a": 1, "b": 2}\nWell?'
    await talk.send(first)
    await asked.wait()
    for text in ("Wait,", "one more thing:", "be brief"):
        await talk.send(text)
    gate.set()
    events = await talk.until("session.idled")
    assert kinds(events).count("turn.started") == 1
    assert [kinds(events).count(kind) for kind in ("input.message", "turn.completed", "llm.generation")] == [4, 1, 2]
    assert heard(talk, 0) == [first]
    assert heard(talk, 1) == [first, "Wait,", "one more thing:", "be brief"]


async def test_those_that_come_with_the_last_call_are_answered_together_by_the_next_turn(talk: Talk) -> None:
    asked, gate = asyncio.Event(), asyncio.Event()
    talk.model.replies = [held(asked, gate)]
    await talk.send("Hello")
    await asked.wait()
    for text in ("And you?", "And they?"):
        await talk.send(text)
    gate.set()
    events = await talk.until("session.idled")
    assert [kinds(events).count(kind) for kind in ("turn.started", "turn.completed", "session.idled")] == [2, 2, 1]
    last = of(events, "input.message")[-1]["message"]["id"]
    assert of(events, "turn.started")[-1]["input_message_id"] == last
    assert heard(talk, 1) == ["Hello", "And you?", "And they?"]
    assert answer(events).endswith("And they?")
