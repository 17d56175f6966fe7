"""Whatever is said of whatever form, the port's promises hold, and soon."""

import asyncio
import time
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.test_interpreter import StillClock, fits, keeps_promises
from frontdesk.adapters.interpreter_builtin import BuiltinInterpreter
from frontdesk.ports.interpreter import Ask, Passage, Question, Said
from talk import forms

LONGEST_SECONDS = 20.0
"""Far above what is needed: what this finds is work that grows without bounds."""

words = st.sampled_from(
    [
        "my",
        "the",
        "is",
        "are",
        "EIN",
        "name",
        "address",
        "and",
        ",",
        ".",
        ":",
        "12-3456789",
        "123-45-6789",
        "skip",
        "leave",
        "blank",
        "no",
        "yes",
        "actually",
        "LLC",
        "spouse",
        "first",
        "account",
        "2",
        "date",
        "of",
        "birth",
        "May",
        "3,",
        "1980",
        "phone",
        "503-555-0100",
        "check",
        "box",
        "not",
        "a@b.org",
        "Portland",
        "OR",
        "97201",
        "$1,200",
        "ich",
        "bin",
        "née",
        "le",
        "3",
        "mars",
        "1980",
        "wrong",
        "what",
        "?",
        "the",
        "other",
        "same",
        "as",
        "Row",
        "1",
        ";",
        "\n",
    ]
)
said = st.one_of(st.text(max_size=400), st.lists(words, max_size=40).map(" ".join))
states = st.sampled_from(["empty", "proposed", "confirmed", "skipped", "declined"])
labels = st.one_of(st.text(max_size=120), st.lists(words, min_size=1, max_size=8).map(" ".join))
kinds = st.sampled_from(["text", "checkbox", "radio", "dropdown", "listbox", "signature"])
types = st.sampled_from(["string", "boolean", "signature", "number", "date", "currency", "email", "phone", "choice"])


@st.composite
def questions(draw: st.DrawFn) -> tuple[Question, ...]:
    made = []
    for number in range(draw(st.integers(0, 12))):
        kind = draw(kinds)
        choices = draw(st.lists(st.tuples(st.text(min_size=1, max_size=9), labels), max_size=4))
        made.append(
            Question(
                f"f_{number:03d}",
                draw(labels),
                kind,
                draw(types) if kind == "text" else "boolean" if kind == "checkbox" else "choice",
                draw(st.booleans()),
                tuple(choices) if kind in ("radio", "dropdown", "listbox") else (),
                draw(st.sampled_from([None, "g1", "g2"])) if kind == "checkbox" else None,
                draw(st.none() | labels),
                draw(st.none() | labels),
                draw(st.sampled_from([None, 1, 2, 3, 4, 7, 20])),
                draw(st.sampled_from([None, "MM/DD/YYYY", "DD.MM.YYYY", "d/m/yy"])),
                draw(states),
            )
        )
    return tuple(made)


def taken(ask: Ask) -> None:
    started = time.perf_counter()
    understood = asyncio.run(BuiltinInterpreter(StillClock()).take_turn(ask))
    assert time.perf_counter() - started < LONGEST_SECONDS
    keeps_promises(ask.questions, understood)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(message=said, form=questions(), history=st.lists(said, max_size=2), asked=st.integers(0, 12))
def test_any_message_on_any_form_keeps_the_promises(
    message: str, form: tuple[Question, ...], history: list[str], asked: int
) -> None:
    taken(Ask(message, form, f"f_{asked:03d}", tuple(Said("user", text) for text in history)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(message=said, name=st.sampled_from(sorted(forms())), state=states, asked=st.integers(0, 40))
def test_any_message_on_a_real_form_keeps_the_promises(message: str, name: str, state: str, asked: int) -> None:
    form = tuple(replace(question, state=state) for question in forms()[name])
    taken(Ask(message, form, f"f_{asked:03d}"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(form=questions(), texts=st.lists(st.tuples(said, st.none() | labels), max_size=5))
def test_any_material_on_any_form_keeps_the_promises(
    form: tuple[Question, ...], texts: list[tuple[str, str | None]]
) -> None:
    passages = tuple(Passage(text, f"{number}.txt", key) for number, (text, key) in enumerate(texts))
    matched = asyncio.run(BuiltinInterpreter(StillClock()).match(form, passages))
    by_id = {question.id: question for question in form}
    ids = [finding.id for finding in matched.findings]
    assert len(ids) == len(set(ids))
    for finding in matched.findings:
        assert by_id[finding.id].kind != "signature"
        fits(by_id[finding.id], finding.value)
    assert {dropped[0] for dropped in matched.dropped} <= set(by_id)


@pytest.mark.parametrize(
    "message",
    [
        pytest.param("my name is " * 3000, id="the same beginning"),
        pytest.param("a, " * 20000, id="commas"),
        pytest.param("1" * 50000, id="digits"),
        pytest.param("1 2 3 4 " * 5000, id="single digits"),
        pytest.param("my EIN is 12-3456789 and " * 2000, id="the same claim"),
        pytest.param("a@" * 20000, id="at signs"),
        pytest.param("((" * 20000, id="brackets"),
        pytest.param("is is is " * 5000, id="links"),
    ],
)
def test_a_long_message_takes_no_longer_than_a_person_waits(message: str) -> None:
    taken(Ask(message, forms()["f13614c-2025"]))
