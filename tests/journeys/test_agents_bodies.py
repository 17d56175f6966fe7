"""What the published description says of agents, line by line: every field of every body, every event."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from journeys import agents
from journeys.agents import Body
from journeys.running import Running, until

CLIENT_TOOL = {"type": "client_side", "name": "ask_desk", "description": "Ask.", "parameters": {"type": "object"}}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture
def http(small_server: Running) -> httpx.Client:
    return small_server.staff(small_server.tenant().api_key)


AGENT = {
    "id", "name", "description", "system_prompt", "default_model_id", "tags", "capabilities", "tools", "status",
    "created_at", "updated_at", "usage", "harness_id",
}  # fmt: skip
SESSION = {
    "id", "organization_id", "agent_id", "title", "tags", "model_id", "capabilities", "tools", "status", "created_at",
    "updated_at", "started_at", "finished_at", "preview", "output_preview", "usage", "workspace_id", "is_pinned",
    "harness_id",
}  # fmt: skip
MODEL = {
    "id", "provider_id", "provider_name", "provider_type", "model_id", "display_name", "capabilities", "is_default",
    "is_favorite", "source", "status", "enabled", "healthy", "created_at", "updated_at",
}  # fmt: skip


def test_bodies_have_every_documented_field_and_no_other(http: httpx.Client) -> None:
    agent = agents.agent(http)
    assert set(agent) == AGENT
    assert agent["harness_id"] == "harness_00000000000000000000000000000001"
    session_id = agents.session(http, agent["id"])
    message = agents.say(http, session_id, "Hello", metadata={"m": 1}, tags=["t"], controls={"reasoning": {}})
    assert set(message) == {
        "id", "session_id", "sequence", "role", "content", "created_at", "controls", "metadata", "tags",
    }  # fmt: skip
    agents.at_rest(http, session_id)
    session = http.get(f"/v1/sessions/{session_id}").json()
    assert set(session) == SESSION
    assert session["finished_at"] is None
    assert session["workspace_id"] == session["id"].replace("session_", "wsp_")
    assert set(session["usage"]) == set(http.get(f"/v1/agents/{agent['id']}").json()["usage"])
    assert {"input_tokens", "output_tokens"} <= set(session["usage"])
    [model] = http.get("/v1/models").json()["data"]
    assert set(model) - {"profile"} == MODEL
    capability = http.get("/v1/capabilities/test_math").json()
    assert set(capability) >= {
        "id", "name", "description", "status", "icon", "category", "dependencies", "is_mcp", "tool_definitions",
    }  # fmt: skip
    assert capability["status"] == "available"
    assert set(capability["tool_definitions"][0]) == {"type", "name", "description", "parameters"}


def strings(found: Any) -> Iterator[str]:
    """Every text in a body."""
    if isinstance(found, dict):
        for value in found.values():
            yield from strings(value)
    elif isinstance(found, list):
        for value in found:
            yield from strings(value)
    elif isinstance(found, str):
        yield found


def nulls(found: Any, place: str = "") -> list[str]:
    """Where a body holds null."""
    if isinstance(found, dict):
        return [one for name, value in found.items() for one in nulls(value, f"{place}.{name}")]
    if isinstance(found, list):
        return [one for value in found for one in nulls(value, place)]
    return [place] if found is None else []


def test_ids_are_a_prefix_and_32_digits_and_times_have_three_decimals(http: httpx.Client) -> None:
    session_id = agents.opened(http, "test_math")
    agents.say(http, session_id, '#tool add {"a": 1, "b": 2}\nwell?')
    found = agents.at_rest(http, session_id)
    texts = set(strings([found, http.get(f"/v1/sessions/{session_id}").json(), http.get("/v1/models").json()]))
    prefixes = "org|agent|session|message|event|turn|exec|provider|model|harness|wsp"
    ids = {text for text in texts if re.match(f"({prefixes})_[0-9a-f]", text)}
    assert {text for text in ids if not re.fullmatch(f"({prefixes})_[0-9a-f]{{32}}", text)} == set()
    assert {one.partition("_")[0] for one in ids} == set(prefixes.split("|"))
    instants = [text for text in texts if re.match(r"\d{4}-\d\d-\d\dT", text)]
    assert instants
    assert [text for text in instants if not INSTANT.fullmatch(text)] == []


# Events: what each must hold, and may hold besides

WITHIN: dict[str, tuple[str, str]] = {
    "session.started": ("agent_id", "model_id"),
    "input.message": ("message", ""),
    "session.activated": ("turn_id input_message_id", ""),
    "turn.started": ("turn_id input_message_id", "input_content"),
    "reason.started": ("agent_id", "metadata"),
    "output.message.started": ("turn_id", "model"),
    "output.message.delta": ("turn_id delta accumulated", ""),
    "llm.generation": ("messages tools output metadata", ""),
    "output.message.completed": ("message", "metadata usage"),
    "reason.completed": ("success has_tool_calls tool_call_count", "text_preview duration_ms usage error"),
    "turn.completed": ("turn_id iterations", "duration_ms usage"),
    "session.idled": ("turn_id", "iterations usage"),
    "reason.thinking.started": ("turn_id", "model"),
    "reason.thinking.delta": ("turn_id delta accumulated", ""),
    "reason.thinking.completed": ("turn_id thinking", ""),
    "act.started": ("tool_calls", ""),
    "tool.started": ("tool_call", ""),
    "tool.completed": ("tool_call_id tool_name success status", "result error duration_ms"),
    "act.completed": ("completed success_count error_count", "duration_ms"),
    "tool.call_requested": ("tool_calls", "turn_id"),
    "turn.failed": ("turn_id error error_code", "usage"),
    "turn.cancelled": ("turn_id", "reason usage"),
}


def every_kind_of_turn(http: httpx.Client) -> list[Body]:
    """The events of sessions in which everything happens that a log can hold."""
    plain = agents.opened(http, "test_math")
    for text in ("Hello", "#think hard\nHello", '#tool add {"a": 1, "b": 2}\n#tool nobody {}\nwell?', "#error auth"):
        before = len(agents.events(http, plain))
        agents.say(http, plain, text)
        until(lambda before=before: "session.idled" in agents.types(agents.events(http, plain))[before:])
    agents.say(http, plain, "#slow 60 " + "word " * 200)
    until(lambda: agents.types(agents.events(http, plain))[-1] == "output.message.delta")
    http.post(f"/v1/sessions/{plain}/cancel")
    waits = agents.opened(http, tools=[CLIENT_TOOL])
    agents.say(http, waits, "#tool ask_desk {}\nwell?")
    until(lambda: agents.status(http, waits) == "waitingfortoolresults")
    return [*agents.events(http, plain), *agents.events(http, waits)]


def test_every_event_holds_what_is_documented_and_nothing_is_null(http: httpx.Client) -> None:
    found = every_kind_of_turn(http)
    assert set(agents.types(found)) == set(WITHIN)
    for one in found:
        assert set(one) == {"id", "type", "ts", "session_id", "sequence", "context", "data"}
        must, may = (set(names.split()) for names in WITHIN[one["type"]])
        assert must <= set(one["data"]) <= must | may, one
        assert set(one["context"]) <= {"turn_id", "input_message_id", "exec_id", "trace_id"}
        assert one["context"].get("trace_id") == one["context"].get("turn_id")
        assert nulls(one) == [], one
    for session_id in {one["session_id"] for one in found}:
        assert nulls(http.get(f"/v1/sessions/{session_id}/messages").json()) == []


def test_the_parts_of_events_have_their_documented_shape(http: httpx.Client) -> None:
    found = every_kind_of_turn(http)
    for generation in agents.of(found, "llm.generation"):
        assert generation["messages"][0]["role"] == "system"
        assert {"model", "success"} <= set(generation["metadata"])
        assert "tool_calls" in generation["output"]
    assert all(set(one["tool_call"]) == {"id", "name", "arguments"} for one in agents.of(found, "tool.started"))
    asked = [call for one in agents.of(found, "tool.call_requested") for call in one["tool_calls"]]
    assert [set(call) for call in asked] == [{"id", "name", "arguments"}]
    assert all(set(call) == {"id", "name"} for one in agents.of(found, "act.started") for call in one["tool_calls"])
    statuses = {one["status"]: one for one in agents.of(found, "tool.completed")}
    assert set(statuses["success"]["result"][0]) == {"type", "text"}
    assert statuses["error"]["error"]
    messages = [one["message"] for one in agents.of(found, "output.message.completed")]
    assert {one["role"] for one in messages} == {"agent"}
    parts = {part["type"]: set(part) for one in messages for part in one["content"]}
    assert parts == {"text": {"type", "text"}, "tool_call": {"type", "id", "name", "arguments"}}
    thinking = [one for one in messages if "thinking" in one]
    assert len(thinking) == 1
    cancelled = agents.types(found).index("turn.cancelled")
    words = [one["data"]["message"]["content"][0]["text"] for one in found[cancelled + 1 : cancelled + 3]]
    assert words == ["User requested to cancel the work.", "Work was cancelled by user."]
