"""Running a tool: whatever it does, the turn gets an outcome with a sentence, within time and size."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.capabilities.desk import context
from frontdesk.agents.capabilities.contract import Arguments, Context, Result, Tool, ToolFailed
from frontdesk.agents.capabilities.running import (
    MAX_RESULT_BYTES,
    NO_SUCH_TOOL,
    TOO_LARGE,
    UNEXPECTED,
    UNREADABLE,
    Outcome,
    run,
)
from frontdesk.agents.capabilities.schemas import fault, is_schema
from frontdesk.basics.errors import Unavailable

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def tool(body: Callable[[Context, Arguments], Awaitable[Any]] | None, schema: Any = None, seconds: float = 5.0) -> Tool:
    return Tool("probe", "", schema or {"type": "object"}, body, seconds=seconds)


async def outcome(body: Callable[[Context, Arguments], Awaitable[Any]], **more: Any) -> Outcome:
    return await run(tool(body, **more), context(), {"n": 1})


async def test_a_result_is_given_and_timed() -> None:
    async def body(context: Context, arguments: Arguments) -> Result:
        return Result({"n": arguments["n"]})

    told = await outcome(body)
    assert (told.status, told.value, told.shown, told.error, told.is_success) == (
        "success",
        {"n": 1},
        {"n": 1},
        None,
        True,
    )
    assert told.duration_ms >= 0


async def test_a_tool_that_hangs_is_ended() -> None:
    ended = asyncio.Event()

    async def body(context: Context, arguments: Arguments) -> Result:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return Result()

    told = await outcome(body, seconds=0.05)
    assert told.status == "timeout"
    assert told.error == "The tool did not finish within 0.05 seconds."
    assert ended.is_set()


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("password=hunter2"),
        KeyError("hunter2"),
        TimeoutError("hunter2"),
        RecursionError("hunter2"),
        MemoryError("hunter2"),
        AssertionError("hunter2"),
        UnicodeDecodeError("utf-8", b"hunter2", 0, 1, "x"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_tool_that_raises_gives_a_general_text_only(error: Exception) -> None:
    async def body(context: Context, arguments: Arguments) -> Result:
        raise error

    told = await outcome(body)
    assert (told.status, told.error) == ("error", UNEXPECTED)
    assert "hunter2" not in str(told)


async def test_a_refusal_is_told_in_its_own_words() -> None:
    async def body(context: Context, arguments: Arguments) -> Result:
        raise ToolFailed("There is no such town")

    told = await outcome(body)
    assert (told.status, told.error) == ("error", "There is no such town")


async def test_what_is_away_is_told_without_its_inside() -> None:
    async def body(context: Context, arguments: Arguments) -> Result:
        raise Unavailable("connection to 10.0.0.7 lost")

    assert (await outcome(body)).error == "The tool cannot do this now."


@pytest.mark.parametrize("size", [MAX_RESULT_BYTES, 10 * 1024 * 1024])
async def test_ten_megabytes_are_no_result(size: int) -> None:
    async def body(context: Context, arguments: Arguments) -> Result:
        return Result("x" * size)

    told = await outcome(body)
    assert (told.status, told.value, told.error) == ("error", None, TOO_LARGE)


async def test_an_endless_sentence_of_failure_is_cut() -> None:
    async def body(context: Context, arguments: Arguments) -> Result:
        return Result(error="x" * 10_000_000)

    assert len((await outcome(body)).error or "") == 4000


@pytest.mark.parametrize(
    "result",
    [
        Result({1, 2}),
        Result(b"bytes"),
        Result(float("nan")),
        Result("\ud800"),
        pytest.param(Result({"a": object()}), id="an object"),
        None,
        "text",
        {"a": 1},
    ],
    ids=repr,
)
async def test_what_is_no_json_is_no_result(result: Any) -> None:
    async def body(context: Context, arguments: Arguments) -> Any:
        return result

    assert (await outcome(body)).error == UNEXPECTED


async def test_a_result_that_holds_itself_is_none() -> None:
    circle: list[Any] = []
    circle.append(circle)

    async def body(context: Context, arguments: Arguments) -> Result:
        return Result(circle)

    assert (await outcome(body)).error == UNEXPECTED


async def test_arguments_are_checked_before_the_tool_runs() -> None:
    async def body(context: Context, arguments: Arguments) -> Result:
        raise AssertionError

    told = await run(tool(body, SCHEMA), context(), {"n": "hunter2"})
    assert told.error == 'The arguments do not fit the tool: n: the value is not of type "integer"'
    told = await run(tool(body, SCHEMA), context(), {})
    assert told.error == 'The arguments do not fit the tool: "n" is a required property'
    assert (await run(tool(body, SCHEMA), context(), {}, "{n: 1")).error == UNREADABLE


async def test_an_unknown_tool_and_a_clients_tool_are_not_run() -> None:
    assert (await run(None, context(), {})).error == NO_SUCH_TOOL
    assert (await run(tool(None), context(), {})).error == NO_SUCH_TOOL


async def test_whoever_cancels_the_turn_cancels_the_tool() -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def body(context: Context, arguments: Arguments) -> Result:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return Result()

    running = asyncio.create_task(outcome(body))
    await began.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended.is_set()


async def test_a_schema_is_never_fetched() -> None:
    async def body(context: Context, arguments: Arguments) -> Result:
        return Result("ran")

    told = await run(tool(body, {"$ref": "http://127.0.0.1:9/schema.json"}), context(), {})
    assert told.value == "ran"


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "object"}, True),
        ({}, True),
        ({"type": "thing"}, False),
        ({"type": "object", "properties": 7}, False),
        ({"$ref": "http://127.0.0.1:9/schema.json"}, False),
        ({"pattern": "("}, False),
    ],
)
def test_what_a_schema_is(schema: dict[str, Any], expected: bool) -> None:
    assert is_schema(schema) is expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(
    schema=st.dictionaries(st.sampled_from(["type", "properties", "required", "enum", "items", "$ref"]), JSON),
    value=JSON,
)
def test_any_schema_and_any_value_give_an_answer(schema: dict[str, Any], value: Any) -> None:
    assert fault(schema, value) is None or isinstance(fault(schema, value), str)
