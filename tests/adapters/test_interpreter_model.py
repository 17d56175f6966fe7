"""The interpreter with a model, over a real connection: what is sent, what is believed, what happens when it fails."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest

from contracts.test_interpreter import StillClock, keeps_promises
from frontdesk.adapters.interpreter_model import ModelInterpreter
from frontdesk.basics.errors import Unavailable
from frontdesk.ports.interpreter import Ask, Passage, Question, Said
from servers.llm import LlmServer, http, llm_server
from talk import forms

KEY = "key-of-tests-0123456789"
W9 = "fw9-2024"


@pytest.fixture
async def server() -> AsyncIterator[LlmServer]:
    async with llm_server() as served:
        yield served


def interpreter(server: LlmServer, *, seconds: float = 30.0) -> ModelInterpreter:
    return ModelInterpreter("openai:small", server.url, KEY, StillClock(), seconds=seconds)


def saying(server: LlmServer, *updates: dict[str, Any], reply: str = "Noted.", asking: str = "") -> None:
    server.script = lambda body: {"reply": reply, "asking": asking, "updates": list(updates)}


def propose(name: str, value: object) -> dict[str, Any]:
    return {"id": name, "action": "propose", "value": value}


def told_schema(server: LlmServer) -> dict[str, Any]:
    body = server.requests[-1]
    schema: dict[str, Any] = body["tools"][0]["function"]["parameters"]
    return schema


async def test_what_the_model_says_becomes_updates(server: LlmServer) -> None:
    saying(server, propose("f_001", "Ada Marlow"), reply="Got it. What is the address?", asking="f_015")
    understood = await interpreter(server).take_turn(Ask("They call me Ada Marlow", forms()[W9]))
    assert [(each.id, each.value) for each in understood.updates] == [("f_001", "Ada Marlow")]
    assert (understood.reply, understood.asking) == ("Got it. What is the address?", "f_015")
    assert server.keys == [f"Bearer {KEY}"]
    assert server.requests[0]["model"] == "small"


async def test_the_schema_allows_this_forms_fields_and_options_only(server: LlmServer) -> None:
    saying(server)
    await interpreter(server).take_turn(Ask("Hello", forms()["lo-form-de"]))
    valid = jsonschema_rs.validator_for(told_schema(server)).is_valid
    good = {"reply": "x", "asking": "", "updates": [propose("f_005", "deutsch"), propose("f_006", True)]}
    assert valid(good)
    for bad in (propose("f_099", "x"), propose("f_005", "German"), propose("f_006", "yes"), propose("f_001", True)):
        assert not valid({**good, "updates": [bad]})


@pytest.mark.parametrize(
    "update",
    [
        pytest.param(propose("f_099", "x"), id="a field the form does not have"),
        pytest.param(propose("f_021", "12345"), id="longer than the field"),
        pytest.param(propose("f_010", "perhaps"), id="no value of a box"),
        pytest.param(propose("f_001", "Grace Holt"), id="a name nobody said"),
        pytest.param(propose("f_018", "998877665544"), id="a number nobody said"),
        pytest.param({"id": 7}, id="no id"),
        pytest.param("f_001 = Ada", id="no object"),
    ],
)
async def test_what_cannot_be_is_left_out(server: LlmServer, update: object) -> None:
    server.script = lambda body: {"reply": "Done.", "asking": "f_099", "updates": [update, propose("f_010", True)]}
    questions = forms()[W9]
    understood = await interpreter(server).take_turn(Ask("I am an LLC", questions))
    assert [(each.id, each.value) for each in understood.updates] == [("f_010", True)]
    assert understood.asking in {question.id for question in questions}
    keeps_promises(questions, understood)


async def test_of_a_group_one_box_is_ticked(server: LlmServer) -> None:
    saying(server, propose("f_006", True), propose("f_010", True))
    understood = await interpreter(server).take_turn(Ask("an LLC and a partnership", forms()[W9]))
    assert [each.id for each in understood.updates] == ["f_006"]


async def test_a_signature_is_neither_shown_nor_filled(server: LlmServer) -> None:
    saying(server, propose("f_021", "Jane Roe"), propose("f_001", "Jane Roe"))
    understood = await interpreter(server).take_turn(Ask("Jane Roe signs", forms()["ff-3902bb0b"]))
    assert [each.id for each in understood.updates] == ["f_001"]
    assert '"f_021"' not in server.last_prompt


async def test_an_option_comes_out_as_its_value(server: LlmServer) -> None:
    saying(server, propose("f_005", "italienisch"))
    understood = await interpreter(server).take_turn(Ask("aus Rom", forms()["lo-form-de"]))
    assert [(each.id, each.value) for each in understood.updates] == [("f_005", "Italian")]


async def test_a_settled_field_changes_only_when_it_is_named(server: LlmServer) -> None:
    form = changed(forms()[W9], "f_002", "skipped", None)
    saying(server, propose("f_002", "Blue Door"))
    assert (await interpreter(server).take_turn(Ask("Blue Door", form))).updates == ()
    named = await interpreter(server).take_turn(Ask("the business name is Blue Door", form))
    assert [each.id for each in named.updates] == ["f_002"]


async def test_the_model_sees_values_of_the_concerned_fields_only(server: LlmServer) -> None:
    form = changed(forms()[W9], "f_001", "confirmed", "Ada Marlow")
    form = changed(form, "f_002", "proposed", "Blue Door")
    saying(server)
    history = (Said("user", "the business name is Blue Door"), Said("assistant", "Noted."))
    await interpreter(server).take_turn(Ask("no, it is Red Door", form, history=history))
    assert "Ada Marlow" not in server.last_prompt
    assert '"value": "Blue Door"' in server.last_prompt


async def test_material_is_believed_as_far_as_its_words_are_there(server: LlmServer) -> None:
    server.script = lambda body: {
        "findings": [
            {"id": "f_002", "source": "a.txt", "value": "Blue Door", "quote": "as Blue Door", "confidence": "high"},
            {"id": "f_001", "source": "a.txt", "value": "Ada", "quote": "signed by Ada", "confidence": "high"},
            {"id": "f_010", "source": "b.txt", "value": True, "quote": "x", "confidence": "high"},
            {"id": "f_021", "source": "a.txt", "value": "far too long", "quote": "trading", "confidence": "low"},
        ]
    }  # fmt: skip
    matched = await interpreter(server).match(forms()[W9], (Passage("We are trading as Blue Door.", "a.txt"),))
    assert [(each.id, each.value, each.confidence) for each in matched.findings] == [("f_002", "Blue Door", "high")]
    assert [each[0] for each in matched.dropped] == ["f_001", "f_021"]


async def test_papers_that_disagree_are_believed_less(server: LlmServer) -> None:
    texts = ("Firm: Blue Door. " + "x" * 39_000, "Firm: Red Door. " + "y" * 39_000)

    def read(body: dict[str, Any]) -> dict[str, Any]:
        name, source = ("Blue Door", "a.txt") if "Blue Door" in json.dumps(body) else ("Red Door", "b.txt")
        finding = {"id": "f_002", "source": source, "value": name, "quote": f"Firm: {name}", "confidence": "high"}
        return {"findings": [finding]}

    server.script = read
    passages = tuple(Passage(text, f"{letter}.txt") for letter, text in zip("ab", texts, strict=True))
    matched = await interpreter(server).match(forms()[W9], passages)
    assert [(each.value, each.confidence) for each in matched.findings] == [("Blue Door", "medium")]
    assert matched.dropped == (("f_002", "Red Door", "a.txt says otherwise"),)


FAILURES = {
    "an error of the server": http(500, b'{"error": {"message": "no"}}'),
    "too many requests": http(429, b'{"error": {"message": "slow down"}}'),
    "a wrong key": http(401, b'{"error": {"message": "bad key"}}'),
    "a page": http(200, b"<html>It works!</html>", "text/html"),
    "broken JSON": http(200, b'{"id": "x", "choices": ['),
    "an empty object": http(200, b"{}"),
    "nothing": b"",
    "half an answer": b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{",
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
async def test_a_model_that_fails_is_unavailable_and_says_nothing_of_the_person(
    server: LlmServer, failure: bytes
) -> None:
    server.failures = [failure] * 9
    with pytest.raises(Unavailable) as caught:
        await interpreter(server, seconds=20.0).take_turn(Ask("my name is Ada Marlow", forms()[W9]))
    assert "Ada" not in str(caught.value)
    assert KEY not in str(caught.value)


async def test_a_model_that_stays_silent_is_unavailable(server: LlmServer) -> None:
    server.failures = [None] * 9
    with pytest.raises(Unavailable, match="did not answer within"):
        await interpreter(server, seconds=0.2).check()


async def test_a_model_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await ModelInterpreter("openai:small", "http://127.0.0.1:9/v1", KEY).check()


@pytest.mark.parametrize("llm", ["nobody:small", "anthropic:small"])
async def test_a_provider_that_is_not_installed_is_unavailable(llm: str) -> None:
    with pytest.raises(Unavailable):
        await ModelInterpreter(llm, "", KEY).check()


async def test_nonsense_in_the_right_form_changes_nothing(server: LlmServer) -> None:
    server.script = lambda body: {"reply": "", "asking": "nothing", "updates": {"f_001": "Ada"}}
    understood = await interpreter(server).take_turn(Ask("my name is Ada", forms()[W9]))
    assert understood.updates == ()
    keeps_promises(forms()[W9], understood)


def changed(form: tuple[Question, ...], name: str, state: str, value: str | None) -> tuple[Question, ...]:
    return tuple(replace(each, state=state, value=value) if each.id == name else each for each in form)
