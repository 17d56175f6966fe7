"""Tools that hang, raise or return too much, and calls that fit none: the turn goes on, and the event says why."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from agents.test_real_model import Talk, answer, kinds, of
from agents.test_real_model import model as model
from agents.test_real_model import talk as talk
from frontdesk.agents.capabilities.contract import Arguments, Capability, Config, Context, Result, Tool
from frontdesk.agents.capabilities.running import TOO_LARGE, UNEXPECTED
from frontdesk.agents.model.agent import Ref
from frontdesk.agents.service import keeping, messages, sessions


async def hang(context: Context, arguments: Arguments) -> Result:
    await asyncio.Event().wait()
    return Result("never")


async def break_off(context: Context, arguments: Arguments) -> Result:
    raise RuntimeError("hunter2 is the password of the database")


async def flood(context: Context, arguments: Arguments) -> Result:
    return Result("x" * 10_000_000)


async def babble(context: Context, arguments: Arguments) -> Any:
    return {"no": object()}


def tools(config: Config) -> tuple[Tool, ...]:
    anything = {"type": "object"}
    bodies = {"hang": hang, "break_off": break_off, "flood": flood, "babble": babble}
    return tuple(Tool(name, "", anything, body, seconds=0.2) for name, body in bodies.items())


UNRULY = Capability("unruly", "Unruly", "Does what no tool should.", "Testing", "bomb", tools)


@pytest.fixture
async def unruly(talk: Talk) -> Talk:
    """A session whose agent has such tools."""
    needs = replace(talk.needs, capabilities={**talk.needs.capabilities, UNRULY.id: UNRULY})
    keeping.ready(needs)
    await sessions.change(needs, talk.tenant_id, talk.session_id, {"capabilities": (Ref(UNRULY.id),)})
    return replace(talk, needs=needs)


@pytest.mark.parametrize(
    ("tool", "status", "error"),
    [
        ("hang", "timeout", "The tool did not finish within 0.2 seconds."),
        ("break_off", "error", UNEXPECTED),
        ("flood", "error", TOO_LARGE),
        ("babble", "error", UNEXPECTED),
    ],
)
async def test_the_event_says_why_and_the_turn_goes_on(unruly: Talk, tool: str, status: str, error: str) -> None:
    events = await unruly.said(f"#tool {tool} {{}}\nWell?")
    [completed] = of(events, "tool.completed")
    assert (completed["success"], completed["status"], completed["error"]) == (False, status, error)
    assert "result" not in completed
    assert kinds(events)[-2:] == ["turn.completed", "session.idled"]
    assert error in answer(events), "the model was told"
    assert "hunter2" not in str([event.content for event in events])
    assert answer(await unruly.said("Still there?")).endswith("You said: Still there?")


async def test_one_that_hangs_holds_up_no_other_of_its_batch(unruly: Talk) -> None:
    events = await unruly.said('#tool hang {}\n#tool add {"a": 1, "b": 2}\nWell?')
    assert [one["tool_name"] for one in of(events, "tool.completed")] == ["add", "hang"]
    [acted] = of(events, "act.completed")
    assert (acted["success_count"], acted["error_count"]) == (1, 1)


async def test_cancelling_ends_a_tool_that_hangs(unruly: Talk) -> None:
    await unruly.send("#tool hang {}\nWell?")
    await unruly.until("tool.started")
    assert await messages.cancel(unruly.needs, unruly.tenant_id, unruly.session_id)
    events = await unruly.events()
    expected = ["tool.completed", "turn.cancelled", "input.message", "output.message.completed", "session.idled"]
    assert kinds(events)[-5:] == expected
    assert of(events, "tool.completed")[0]["status"] == "cancelled"
    assert answer(await unruly.said("Go on")).endswith("You said: Go on")
