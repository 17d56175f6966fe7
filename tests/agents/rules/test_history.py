"""The conversation as a model is told it: no call is open, no result is alone, nothing is said twice."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.agents.model.message import ImagePart, Message, Part, TextPart, ToolCallPart, ToolResultPart
from frontdesk.agents.rules.history import CUT_OFF, Line, Outcome, as_text, assemble

AT = datetime(2026, 3, 14, tzinfo=UTC)


def message(role: Any, *content: Part, **more: Any) -> Message:
    return Message("message_1", "session_1", 1, role, content, AT, **more)


def user(text: str) -> Message:
    return message("user", TextPart(text))


def call(identity: str, name: str = "add") -> ToolCallPart:
    return ToolCallPart(identity, name, {"a": 1})


def result(identity: str, value: Any = None, error: str | None = None) -> Message:
    return message("tool_result", ToolResultPart(identity, value, error))


def told(*messages: Message) -> list[tuple[str, list[Any]]]:
    shown = []
    for line in assemble(messages):
        parts = [
            part.text
            if isinstance(part, TextPart)
            else (part.text, part.is_error)
            if isinstance(part, Outcome)
            else part
            for part in line.parts
        ]
        shown.append((line.role, parts))
    return shown


def test_a_plain_talk_is_told_as_it_was() -> None:
    assert told(user("Hello"), message("agent", TextPart("Hi")), user("Bye")) == [
        ("user", ["Hello"]),
        ("assistant", ["Hi"]),
        ("user", ["Bye"]),
    ]


def test_results_stand_behind_their_calls_in_the_order_of_the_calls() -> None:
    lines = told(
        user("Add"),
        message("agent", TextPart("I add."), call("1"), call("2")),
        result("2", {"result": 4}),
        result("1", error="no"),
        message("agent", TextPart("Done")),
    )
    assert lines == [
        ("user", ["Add"]),
        ("assistant", ["I add.", call("1"), call("2")]),
        ("user", [("no", True), ('{"result": 4}', False)]),
        ("assistant", ["Done"]),
    ]


def test_a_call_without_a_result_gets_one_that_says_so() -> None:
    assert told(message("agent", call("1"), call("2")), result("1", "x"), user("Stop")) == [
        ("assistant", [call("1"), call("2")]),
        ("user", [("x", False), (CUT_OFF, True)]),
        ("user", ["Stop"]),
    ]


def test_a_message_in_the_middle_of_the_calls_comes_after_their_results() -> None:
    assert told(message("agent", call("1")), user("Wait"), result("1", 2)) == [
        ("assistant", [call("1")]),
        ("user", [("2", False)]),
        ("user", ["Wait"]),
    ]


def test_an_id_that_is_used_again_is_another_call() -> None:
    assert told(message("agent", call("1")), result("1", "one"), message("agent", call("1")), result("1", "two")) == [
        ("assistant", [call("1")]),
        ("user", [("one", False)]),
        ("assistant", [call("1")]),
        ("user", [("two", False)]),
    ]


def test_results_of_no_call_and_messages_without_content_are_left_out() -> None:
    assert told(result("9", 1), message("agent"), message("agent", TextPart("")), user(""), user("x")) == [
        ("user", ["x"])
    ]


def test_thinking_goes_back_with_its_signature() -> None:
    (line,) = assemble([message("agent", TextPart("x"), thinking="hm", thinking_signature="p:s")])
    assert line == Line("assistant", (TextPart("x"),), "hm", "p:s")


def test_pictures_stay_with_their_words() -> None:
    picture = ImagePart(base64="AA==", media_type="image/png")
    (line,) = assemble([message("user", TextPart("What is this?"), picture)])
    assert line.parts == (TextPart("What is this?"), picture)


def test_a_result_is_text_and_json_in_its_own_letters() -> None:
    assert as_text("plain") == "plain"
    assert as_text({"straße": [1, None]}) == '{"straße": [1, null]}'


IDS = st.sampled_from(["1", "2", "3"])
MESSAGES = st.one_of(
    st.text(max_size=3).map(user),
    st.lists(IDS, max_size=3).map(lambda ids: message("agent", TextPart("a"), *(call(each) for each in ids))),
    IDS.map(lambda each: result(each, "r")),
)


@given(st.lists(MESSAGES, max_size=12))
def test_whatever_was_said_every_call_has_exactly_one_result_right_behind_it(messages: list[Message]) -> None:
    lines = assemble(messages)
    for place, line in enumerate(lines):
        calls = [part for part in line.parts if isinstance(part, ToolCallPart)]
        if calls:
            outcomes = lines[place + 1].parts
            assert [outcome.call for outcome in outcomes if isinstance(outcome, Outcome)] == calls
            assert len(outcomes) == len(calls)
        if any(isinstance(part, Outcome) for part in line.parts):
            assert any(isinstance(part, ToolCallPart) for part in lines[place - 1].parts)
        assert line.parts
