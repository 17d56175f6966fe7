"""The contract of the language-model port, on every adapter; the network's over a real connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

import pytest

from frontdesk.adapters.llm_pydantic import PydanticLlm
from frontdesk.adapters.llm_routed import RoutedLlm
from frontdesk.adapters.llm_scripted import ScriptedLlm
from frontdesk.ports.llm import AWAY, REFUSED, Answer, Away, Delta, Llm, Refused, Request, Target
from frontdesk.ports.llm_conversation import Call, Offered, Returned, Said, Text
from servers.openai import openai_server

ADD = Offered("add", "Add two numbers.", {"type": "object", "properties": {"a": {"type": "number"}}})


class Asked:
    """An adapter and the target it is tried with."""

    def __init__(self, llm: Llm, target: Target) -> None:
        self.llm = llm
        self.target = target

    def request(self, *history: Said | str) -> Request:
        said = tuple(Said("user", (Text(each),)) if isinstance(each, str) else each for each in history)
        return Request(self.target, "You are brief.", said, (ADD,), seconds=20.0)

    async def pieces(self, *history: Said | str) -> list[Delta | Answer]:
        async with aclosing(self.llm.ask(self.request(*history))) as pieces:
            return [piece async for piece in pieces]

    async def answer(self, *history: Said | str) -> Answer:
        last = (await self.pieces(*history))[-1]
        assert isinstance(last, Answer)
        return last


@pytest.fixture(params=["scripted", "pydantic", "routed simulator", "routed network"])
async def asked(request: pytest.FixtureRequest) -> AsyncIterator[Asked]:
    async with openai_server() as server:
        network = Target("openai", "small", server.url, "key-of-tests")
        real = PydanticLlm(trusted=frozenset({server.url}), pause_seconds=0.001)
        llm, target = {
            "scripted": (ScriptedLlm(), Target("llmsim", "scripted")),
            "pydantic": (real, network),
            "routed simulator": (RoutedLlm(real), Target("llmsim", "scripted")),
            "routed network": (RoutedLlm(real), network),
        }[request.param]
        yield Asked(llm, target)
        await llm.stop()
        await llm.stop()


async def test_the_deltas_are_the_text_and_the_answer_is_last(asked: Asked) -> None:
    pieces = await asked.pieces("Grüße, 世界")
    answer = pieces[-1]
    assert isinstance(answer, Answer)
    deltas = [piece for piece in pieces[:-1] if isinstance(piece, Delta)]
    assert len(deltas) == len(pieces) - 1
    assert {delta.kind for delta in deltas} == {"text"}
    assert "".join(delta.text for delta in deltas) == answer.text
    assert answer.text.endswith("You said: Grüße, 世界")
    assert (answer.finish_reason, answer.calls) == ("stop", ())
    assert answer.usage.input_tokens > 0
    assert answer.usage.output_tokens > 0
    assert answer.model
    assert answer.response_id
    assert answer.first_token_ms is not None
    assert 0 <= answer.first_token_ms <= answer.duration_ms + 1
    assert (answer.retries, answer.waited_ms) == (0, 0)


async def test_tools_are_asked_for_with_their_arguments(asked: Asked) -> None:
    answer = await asked.answer('#tool add {"a": 1, "b": {"c": ["é", null]}}\n#tool add {}')
    assert [(call.name, call.arguments, call.unreadable) for call in answer.calls] == [
        ("add", {"a": 1, "b": {"c": ["é", None]}}, ""),
        ("add", {}, ""),
    ]
    assert len({call.id for call in answer.calls}) == 2
    assert answer.finish_reason == "tool_calls"


async def test_results_go_back_to_the_model_and_the_turn_goes_on(asked: Asked) -> None:
    message = '#tool add {"a": 1}\n#tool add {"a": 2}\n\n#tool add {"a": 3}\nAnd now?'
    history: list[Said | str] = [message]
    for expected in ([1, 2], [3]):
        answer = await asked.answer(*history)
        assert [call.arguments["a"] for call in answer.calls] == expected
        history.append(Said("assistant", answer.calls))
        returned = [Returned(call.id, call.name, f"<{call.arguments['a']}>", call.id == "x") for call in answer.calls]
        history.append(Said("user", tuple(returned)))
    answer = await asked.answer(*history)
    assert answer.calls == ()
    assert [answer.text.find(each) > 0 for each in ("<1>", "<2>", "<3>", "You said: And now?")] == [True] * 4


async def test_ids_of_calls_do_not_come_again(asked: Asked) -> None:
    first = await asked.answer("#tool add {}")
    results = Said("user", (Returned(first.calls[0].id, "add", "0"),))
    second = await asked.answer("#tool add {}\n\n#tool add {}", Said("assistant", first.calls), results)
    assert second.calls[0].id != first.calls[0].id


@pytest.mark.parametrize("written", ["{a: 1}", '{"a":', "[1, 2]", "7", '"text"', "nonsense"])
async def test_arguments_that_are_no_object_are_kept_as_they_were_written(asked: Asked, written: str) -> None:
    (call,) = (await asked.answer(f"#tool add {written}")).calls
    assert (call.arguments, call.unreadable) == ({}, written)
    again = await asked.answer(
        f"#tool add {written}", Said("assistant", (call,)), Said("user", (Returned(call.id, "add", "no", True),))
    )
    assert again.finish_reason == "stop"


async def test_thinking_comes_apart_from_the_text(asked: Asked) -> None:
    pieces = await asked.pieces("#think Let me see.\nHello")
    answer = pieces[-1]
    assert isinstance(answer, Answer)
    thoughts = [piece.text for piece in pieces if isinstance(piece, Delta) and piece.kind == "thinking"]
    assert "".join(thoughts) == answer.thinking == "Let me see."
    assert "Let me see" not in answer.text


async def test_a_long_answer_comes_whole(asked: Asked) -> None:
    answer = await asked.answer("#long 3000")
    assert len(answer.text.split()) == 3000


@pytest.mark.parametrize("kind", ["rate_limited", "overloaded", "network"])
async def test_what_may_go_better_later_is_away(asked: Asked, kind: str) -> None:
    assert kind in AWAY
    with pytest.raises(Away) as caught:
        await asked.pieces(f"#error {kind}")
    assert caught.value.kind == kind
    assert caught.value.reason


@pytest.mark.parametrize("kind", ["auth", "quota", "bad_request", "context_too_long", "unknown_model"])
async def test_what_fails_for_good_is_refused(asked: Asked, kind: str) -> None:
    assert kind in REFUSED
    with pytest.raises(Refused) as caught:
        await asked.pieces(f"#error {kind}")
    assert caught.value.kind == kind
    assert "key-of-tests" not in caught.value.reason


async def test_a_server_that_talks_nonsense_fails_with_a_reason(asked: Asked) -> None:
    with pytest.raises((Away, Refused)) as caught:
        await asked.pieces("#error nonsense")
    assert caught.value.reason


async def test_closing_ends_a_slow_answer_at_once(asked: Asked) -> None:
    async with asyncio.timeout(10):
        pieces = asked.llm.ask(asked.request("#slow 3000 one two three four"))
        listening = asyncio.ensure_future(anext(pieces))
        await asyncio.sleep(0)
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening
        await pieces.aclose()


async def test_closing_after_the_first_word_ends_the_answer(asked: Asked) -> None:
    async with asyncio.timeout(10), aclosing(asked.llm.ask(asked.request("#slow 0.2 one two"))) as pieces:
        assert await anext(pieces) == Delta("text", "one ")


async def test_many_calls_at_once_do_not_mix(asked: Asked) -> None:
    answers = await asyncio.gather(*(asked.answer(f"number {number}") for number in range(8)))
    assert [answer.text.rsplit(" ", 1)[-1] for answer in answers] == [str(number) for number in range(8)]


async def test_the_model_proves_itself(asked: Asked) -> None:
    await asked.llm.check(asked.target)


async def test_a_history_of_several_turns_is_taken(asked: Asked) -> None:
    call = Call("c1", "add", {"a": 1})
    answer = await asked.answer(
        "one",
        Said("assistant", (Text("I add."), call)),
        Said("user", (Returned("c1", "add", "2"),)),
        Said("assistant", (Text("Two."),), "secret thoughts", "elsewhere:signature"),
        "three",
        "four",
    )
    assert answer.text.endswith("You said: four")


async def test_a_target_shows_no_key_when_it_is_printed(asked: Asked) -> None:
    assert "hidden" not in repr(replace(asked.request("x"), target=Target("openai", "m", "", "hidden")))


async def test_a_call_lasts_no_longer_than_it_may(asked: Asked) -> None:
    request = replace(asked.request("#slow 60 one two three four five"), seconds=0.3)
    with pytest.raises(Away) as caught:
        async with aclosing(asked.llm.ask(request)) as pieces:
            async for _ in pieces:
                pass
    assert caught.value.kind == "timeout"
