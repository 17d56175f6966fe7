"""The contract of the interpreting port, on every adapter."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from frontdesk.adapters.interpreter_builtin import BuiltinInterpreter
from frontdesk.adapters.interpreter_model import ModelInterpreter
from frontdesk.ports.interpreter import Answer, Ask, Interpreter, Passage, Question, Understood
from servers.llm import llm_server
from talk import forms

W9 = "fw9-2024"
EIN = ("f_022", "f_023")
LLC = "f_010"


class StillClock:
    """Always the same instant."""

    def now(self) -> datetime:
        return datetime(2026, 11, 24, 12, tzinfo=UTC)


def propose(name: str, value: object) -> dict[str, object]:
    return {"id": name, "action": "propose", "value": value}


def finding(name: str, value: str, source: str, quote: str) -> dict[str, str]:
    return {"id": name, "value": value, "source": source, "quote": quote, "confidence": "high"}


TURNS: dict[str, tuple[list[dict[str, object]], str, str]] = {
    "My EIN is": (
        [propose("f_022", "12"), propose("f_023", "3456789"), propose("f_010", True)],
        "f_001",
        "And the name?",
    ),
    "Harbor Bakery LLC": ([propose("f_001", "Harbor Bakery LLC")], "f_002", "And the business name?"),
    "Skip the account": ([{"id": "f_018", "action": "skip", "value": None}], "f_001", "And the name?"),
    "business name is wrong": ([{"id": "f_002", "action": "decline", "value": None}], "f_002", "What is it then?"),
    "What is the exempt": ([], "f_001", "It is left blank by an individual."),
    "sign for me": ([propose("f_021", "Ada Marlow")], "", "You have to sign."),
}
FINDINGS = (
    ("company.ein", finding("f_022", "12", "company.json", "12-3456789")),
    ("company.ein", finding("f_023", "3456789", "company.json", "12-3456789")),
    ("12 Harbor Street", finding("f_015", "12 Harbor Street", "letter.txt", "Address: 12 Harbor Street")),
    ('"a.json", "key": "EIN"', finding("f_022", "12", "a.json", "12-3456789")),
    ("98-7654321", finding("f_022", "98", "b.csv", "98-7654321")),
    ("about noon", finding("f_004", "about noon", "a.csv", "about noon")),
)


def model_says(body: dict[str, Any]) -> dict[str, Any]:
    """What a good model would answer to the messages and papers below."""
    prompt = str(body["messages"][-1]["content"])
    if "findings" in json.dumps(body["tools"]):
        return {"findings": [each for needle, each in FINDINGS if needle in prompt]}
    updates, asking, reply = next((said for needle, said in TURNS.items() if needle in prompt), ([], "", "Yes."))
    asking = "f_002" if asking == "f_001" and '"state": "proposed"' in prompt else asking
    return {"reply": reply, "asking": asking, "updates": updates}


@pytest_asyncio.fixture(params=["builtin", "model"])
async def interpreter(request: pytest.FixtureRequest) -> AsyncIterator[Interpreter]:
    if request.param == "builtin":
        yield BuiltinInterpreter(StillClock())
        return
    async with llm_server() as server:
        server.script = model_says
        yield ModelInterpreter("openai:small", server.url, "key-of-tests", StillClock())


def proposed(understood: Understood) -> dict[str, Answer | None]:
    return {update.id: update.value for update in understood.updates if update.action == "propose"}


def keeps_promises(questions: Sequence[Question], understood: Understood) -> None:
    """What the port promises of every answer."""
    by_id = {question.id: question for question in questions}
    ids = [update.id for update in understood.updates]
    assert len(ids) == len(set(ids))
    assert set(ids) <= set(by_id)
    assert understood.asking is None or understood.asking in by_id
    assert understood.reply
    on: list[str] = []
    for update in understood.updates:
        question = by_id[update.id]
        assert "signature" not in (question.kind, question.data_type)
        if update.action != "propose":
            assert update.value is None
            continue
        fits(question, update.value)
        if update.value is True and question.group:
            on.append(question.group)
    assert len(on) == len(set(on)), "two boxes of one group"


def fits(question: Question, value: Answer | None) -> None:
    """A value that the field can hold."""
    if question.kind == "checkbox":
        assert isinstance(value, bool)
    elif question.kind == "listbox":
        assert isinstance(value, tuple)
        assert value
        assert set(value) <= {stored for stored, _ in question.choices}
    elif question.kind in ("radio", "dropdown"):
        assert value in {stored for stored, _ in question.choices}
    else:
        assert isinstance(value, str)
        assert value.strip() == value != ""
        assert question.max_length is None or len(value) <= question.max_length


async def test_the_message_of_the_published_example_fills_the_w9(interpreter: Interpreter) -> None:
    understood = await interpreter.take_turn(Ask("My EIN is 12-3456789 and I am an LLC.", forms()[W9]))
    assert proposed(understood) == {EIN[0]: "12", EIN[1]: "3456789", LLC: True}
    keeps_promises(forms()[W9], understood)


async def test_the_reply_asks_for_the_first_field_that_is_empty(interpreter: Interpreter) -> None:
    questions = forms()[W9]
    understood = await interpreter.take_turn(Ask("My EIN is 12-3456789 and I am an LLC.", questions))
    assert understood.asking == "f_001"
    named = tuple(replace(each, state="proposed", value="Ada") if each.id == "f_001" else each for each in questions)
    assert (await interpreter.take_turn(Ask("My EIN is 12-3456789 and I am an LLC.", named))).asking == "f_002"


async def test_an_answer_belongs_to_the_field_that_was_asked_for(interpreter: Interpreter) -> None:
    understood = await interpreter.take_turn(Ask("Harbor Bakery LLC", forms()[W9], asked="f_001"))
    assert proposed(understood) == {"f_001": "Harbor Bakery LLC"}


async def test_a_field_is_left_blank_in_words(interpreter: Interpreter) -> None:
    understood = await interpreter.take_turn(Ask("Skip the account numbers.", forms()[W9]))
    assert [(update.id, update.action) for update in understood.updates] == [("f_018", "skip")]


async def test_a_suggestion_is_dropped_in_words(interpreter: Interpreter) -> None:
    questions = tuple(
        replace(each, state="proposed", value="Blue Door") if each.id == "f_002" else each for each in forms()[W9]
    )
    understood = await interpreter.take_turn(Ask("The business name is wrong.", questions))
    assert [(update.id, update.action) for update in understood.updates] == [("f_002", "decline")]


async def test_a_question_changes_nothing_and_is_answered(interpreter: Interpreter) -> None:
    printed = "Give your exempt payee code here. Leave the code blank if you are an individual.\n\nSign below."
    understood = await interpreter.take_turn(Ask("What is the exempt payee code?", forms()[W9], printed=printed))
    assert understood.updates == ()
    assert "individual" in understood.reply


async def test_a_signature_is_never_filled(interpreter: Interpreter) -> None:
    for form in ("ff-3902bb0b", "az8879-2024", "md-el101-2024"):
        understood = await interpreter.take_turn(Ask("Signature: Ada Marlow. Please sign for me.", forms()[form]))
        keeps_promises(forms()[form], understood)


async def test_material_with_keys_fills_fields_and_says_where_from(interpreter: Interpreter) -> None:
    passages = (
        Passage("12-3456789", "company.json", "company.ein"),
        Passage("Address: 12 Harbor Street, Portland, OR 97201", "letter.txt", page=0),
    )
    matched = await interpreter.match(forms()[W9], passages)
    found = {finding.id: (finding.value, finding.source) for finding in matched.findings}
    assert found["f_022"] == ("12", "company.json")
    assert found["f_015"][1] == "letter.txt"
    assert all(finding.quote for finding in matched.findings)
    assert len(found) == len(matched.findings)


async def test_sources_that_disagree_are_believed_less(interpreter: Interpreter) -> None:
    agreed = await interpreter.match(forms()[W9], (Passage("12-3456789", "a.json", "EIN"),))
    split = (Passage("12-3456789", "a.json", "EIN"), Passage("98-7654321", "b.csv", "EIN"))
    disagreed = await interpreter.match(forms()[W9], split)
    assert {finding.confidence for finding in agreed.findings} == {"high"}
    assert "high" not in {finding.confidence for finding in disagreed.findings}
    assert disagreed.dropped


async def test_material_that_cannot_be_held_is_dropped_with_a_reason(interpreter: Interpreter) -> None:
    matched = await interpreter.match(forms()["va-10182"], (Passage("about noon", "a.csv", "Veteran's date of birth"),))
    assert matched.findings == ()
    assert [(dropped[0], dropped[1]) for dropped in matched.dropped] == [("f_004", "about noon")]


async def test_it_says_that_it_is_there(interpreter: Interpreter) -> None:
    await interpreter.check()
    assert interpreter.name
