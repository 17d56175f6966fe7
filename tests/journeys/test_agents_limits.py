"""Bad input: every documented limit and shape is refused with a reason, and the session survives."""

import json
from typing import Any

import httpx
import pytest

from journeys import agents
from journeys.running import Running
from journeys.test_agents import refused

KIB, MIB = 1024, 1024 * 1024
LIMITS = "Input exceeds allowed limits"
UNKNOWN = "session_00000000000000000000000000000000"


@pytest.fixture
def http(small_server: Running) -> httpx.Client:
    return small_server.staff(small_server.tenant().api_key)


@pytest.mark.parametrize(
    "breach",
    [
        {"name": "n" * (2 * KIB + 1)},
        {"description": "d" * (10 * KIB + 1)},
        {"system_prompt": "p" * (MIB + 1)},
        {"capabilities": ["noop"] * 251},
        {"tags": ["t"] * 101},
    ],
)
def test_an_agent_past_a_limit_is_refused_without_naming_the_field(http: httpx.Client, breach: Any) -> None:
    body = {"name": "A", "system_prompt": "B", **breach}
    assert refused(http.post("/v1/agents", json=body), 400, "limit_exceeded") == LIMITS


def test_an_agent_at_every_limit_is_accepted(http: httpx.Client) -> None:
    body = {"name": "n" * 2 * KIB, "description": "d" * 10 * KIB, "system_prompt": "p" * MIB}
    made = http.post("/v1/agents", json={**body, "capabilities": ["noop"] * 250})
    assert made.status_code == 201
    assert made.json()["system_prompt"] == body["system_prompt"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "invalid_json"),
        (b'{"name": "A"}', 422, "missing_field"),
        (b'{"name": 1, "system_prompt": "B"}', 422, "invalid_field"),
        (b'{"name": " ", "system_prompt": "B"}', 400, "invalid_request"),
        (b'{"id": "agent_1", "name": "A", "system_prompt": "B"}', 400, "invalid_id"),
        (b'{"name": "A", "system_prompt": "B", "capabilities": [7]}', 422, "validation_failed"),
        (b'{"name": "A", "system_prompt": "B", "capabilities": ["telepathy"]}', 400, "unknown_capability"),
        (b'{"name": "A", "system_prompt": "B", "default_model_id": "gpt"}', 400, "unknown_model"),
        (b'{"name": "A", "system_prompt": "B", "harness_id": "harness_2"}', 400, "invalid_request"),
    ],
)
def test_an_agent_that_is_none_is_refused(http: httpx.Client, body: bytes, status: int, code: str) -> None:
    answer = http.post("/v1/agents", content=body, headers={"Content-Type": "application/json"})
    refused(answer, status, code)


def test_unknown_keys_are_ignored_and_bare_capabilities_are_read(http: httpx.Client) -> None:
    body = {"name": "A", "system_prompt": "B", "initial_files": [], "locale": "nl", "capabilities": ["noop"]}
    made = http.post("/v1/agents", json=body)
    assert made.json()["capabilities"] == [{"ref": "noop", "config": {}}]


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"content": []}, 400, "invalid_request"),
        ({"content": "Hello"}, 422, "invalid_field"),
        ({}, 422, "missing_field"),
        ({"content": [{"type": "tool_call", "id": "1", "name": "add", "arguments": {}}]}, 400, "invalid_request"),
        ({"content": [{"type": "text"}]}, 422, "validation_failed"),
        ({"content": [{"type": "image"}]}, 400, "invalid_request"),
        ({"content": [{"type": "text", "text": "Hi"}], "role": "agent"}, 400, "invalid_request"),
        ({"content": [{"type": "text", "text": "x" * (MIB + 1)}]}, 400, "limit_exceeded"),
    ],
)
def test_a_message_that_is_none_is_refused(http: httpx.Client, said: Any, status: int, code: str) -> None:
    session_id = agents.opened(http)
    refused(http.post(f"/v1/sessions/{session_id}/messages", json={"message": said}), status, code)
    assert agents.types(agents.events(http, session_id)) == ["session.started"]


def test_a_message_of_ten_megabytes_is_refused_and_the_session_goes_on(http: httpx.Client) -> None:
    session_id = agents.opened(http)
    body = {"message": {"content": [{"type": "text", "text": "x" * 10_000_000}]}}
    refused(http.post(f"/v1/sessions/{session_id}/messages", json=body), 400, "limit_exceeded")
    body = {"message": {"content": [{"type": "text", "text": "x" * 25_000_000}]}}
    assert http.post(f"/v1/sessions/{session_id}/messages", json=body).status_code == 413
    agents.say(http, session_id, "Still there?")
    assert agents.of(agents.at_rest(http, session_id), "turn.completed") != []


@pytest.mark.parametrize(
    ("controls", "status", "code"),
    [
        ({"model_id": 7}, 422, "validation_failed"),
        ({"model_id": "model_1"}, 400, "unknown_model"),
        ({"reasoning": "high"}, 422, "validation_failed"),
        ({"reasoning": {"effort": "heroic"}}, 400, "invalid_request"),
    ],
)
def test_controls_that_cannot_be_obeyed_are_refused(http: httpx.Client, controls: Any, status: int, code: str) -> None:
    session_id = agents.opened(http)
    body = {"message": {"content": [{"type": "text", "text": "Hi"}]}, "controls": controls}
    refused(http.post(f"/v1/sessions/{session_id}/messages", json=body), status, code)


@pytest.mark.parametrize("path", ["", "/events", "/messages", "/sse", "/fs", "/export"])
def test_a_session_that_nobody_knows_is_not_found_on_every_path(http: httpx.Client, path: str) -> None:
    assert refused(http.get(f"/v1/sessions/{UNKNOWN}{path}"), 404, "session_not_found") == "Session not found"


@pytest.mark.parametrize("query", ["limit=0", "limit=none", "offset=-1", "after_sequence=x"])
def test_a_number_that_is_none_is_refused(http: httpx.Client, query: str) -> None:
    session_id = agents.opened(http)
    path = f"/v1/sessions/{session_id}/events" if "after" in query else "/v1/sessions"
    refused(http.get(f"{path}?{query}"), 400, "invalid_query")


def test_a_page_past_the_most_is_cut_to_the_most(http: httpx.Client) -> None:
    agent_id = agents.agent(http)["id"]
    opened = [agents.session(http, agent_id, title=f"Number {n}") for n in range(5)]
    page = http.get("/v1/sessions", params={"limit": 999}).json()
    assert (page["total"], page["offset"], page["limit"]) == (5, 0, 100)
    assert [one["id"] for one in page["data"]] == opened[::-1]
    second = http.get("/v1/sessions", params={"agent_id": agent_id, "limit": 2, "offset": 2}).json()
    assert [one["id"] for one in second["data"]] == [opened[2], opened[1]]
    found = http.get("/v1/sessions", params={"search": "NUMBER 3"}).json()
    assert [one["id"] for one in found["data"]] == [opened[3]]


def test_too_many_model_calls_end_the_turn_with_the_reason(http: httpx.Client) -> None:
    session_id = agents.opened(http, "test_math")
    agents.say(http, session_id, "\n\n".join(['#tool add {"a": 1, "b": 1}'] * 60))
    found = agents.at_rest(http, session_id)
    [failed] = agents.of(found, "turn.failed")
    assert failed["error_code"] == "max_iterations"
    assert len(agents.of(found, "llm.generation")) == 50
    assert agents.faults(found) == []
    agents.say(http, session_id, "And now?")


def test_arguments_that_do_not_fit_are_told_to_the_model(http: httpx.Client) -> None:
    session_id = agents.opened(http, "test_math")
    agents.say(http, session_id, '#tool add {"a": "one"}\n#tool add nonsense\nwell?')
    found = agents.at_rest(http, session_id)
    assert [one["status"] for one in agents.of(found, "tool.completed")] == ["error", "error"]
    assert agents.of(found, "turn.completed") != []


def test_an_exported_agent_is_read_again_as_an_equal_one(http: httpx.Client) -> None:
    given = {
        "name": "Invoice: helper",
        "system_prompt": "You check invoices.\n---\nBe brief.",
        "description": "Checks, mostly",
        "tags": ["finance", "q1"],
        "capabilities": [{"ref": "current_time", "config": {}}],
    }
    made = agents.agent(http, **given)
    text = http.get(f"/v1/agents/{made['id']}/export")
    assert text.headers["content-type"].startswith("text/markdown")
    assert text.headers["content-disposition"] == 'attachment; filename="invoice-helper.md"'
    again = http.post("/v1/agents/import", content=text.content, headers={"Content-Type": "text/plain"}).json()
    assert {name: again[name] for name in given} == {name: made[name] for name in given}
    assert again["id"] != made["id"]


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ('{"name": "J", "system_prompt": "From JSON"}', "From JSON"),
        ("name: Y\nsystem_prompt: From YAML\n", "From YAML"),
        ("Just do as you are told.", "Just do as you are told."),
    ],
)
def test_other_forms_of_an_agent_are_read_too(http: httpx.Client, text: str, prompt: str) -> None:
    made = http.post("/v1/agents/import", content=text, headers={"Content-Type": "text/plain"})
    assert (made.status_code, made.json()["system_prompt"]) == (201, prompt)


@pytest.mark.parametrize("text", ["", "---\nname: A\n---\n", "a: &x [1]\nname: b\nsystem_prompt: *x\n", "\x00", "\xff"])
def test_a_text_without_a_prompt_is_refused(http: httpx.Client, text: str) -> None:
    answer = http.post("/v1/agents/import", content=text.encode("latin-1"), headers={"Content-Type": "text/plain"})
    refused(answer, 400, "invalid_request")


def test_put_creates_then_replaces_and_patch_changes_what_is_named(http: httpx.Client) -> None:
    agent_id = "agent_" + "a" * 32
    body = {"name": "A", "system_prompt": "B", "tags": ["x"]}
    assert http.put(f"/v1/agents/{agent_id}", json=body).status_code == 201
    first = http.put(f"/v1/agents/{agent_id}", json={**body, "name": "A2"})
    assert (first.status_code, first.json()["name"]) == (200, "A2")
    changed = http.patch(f"/v1/agents/{agent_id}", json={"description": "D", "tags": []}).json()
    assert (changed["name"], changed["description"], changed["tags"]) == ("A2", "D", [])
    assert changed["created_at"] == first.json()["created_at"]
    refused(http.patch(f"/v1/agents/{agent_id}", json={"status": "asleep"}), 400, "invalid_request")
    refused(http.patch(f"/v1/agents/{agent_id}", json={"tags": None}), 422, "invalid_field")


class TestFiles:
    def test_a_tree_is_made_read_moved_searched_and_removed(self, http: httpx.Client) -> None:
        root = f"/v1/sessions/{agents.opened(http)}/fs"
        made = http.post(f"{root}/notes/one.txt", json={"content": "first line\nsecond line"})
        assert (made.status_code, made.json()["path"], made.json()["name"]) == (201, "/notes/one.txt", "one.txt")
        refused(http.post(f"{root}/notes/one.txt", json={"content": ""}), 409, "file_exists")
        assert [one["path"] for one in http.get(root).json()["data"]] == ["/notes"]
        assert [one["path"] for one in http.get(root, params={"recursive": "true"}).json()["data"]] == [
            "/notes",
            "/notes/one.txt",
        ]
        binary = http.post(f"{root}/a.bin", json={"content": "AAEC", "encoding": "base64"}).json()
        assert (binary["encoding"], binary["size_bytes"]) == ("base64", 3)
        assert http.put(f"{root}/notes/one.txt", json={"content": "other"}).json()["content"] == "other"
        moved = http.post(f"{root}/_/move", json={"src_path": "/notes", "dst_path": "/kept/notes"})
        assert moved.status_code == 200
        assert http.get(f"{root}/kept/notes/one.txt").json()["content"] == "other"
        copied = http.post(f"{root}/_/copy", json={"src_path": "/kept/notes/one.txt", "dst_path": "/two.txt"})
        assert copied.status_code == 201
        found = http.post(f"{root}/_/grep", json={"pattern": "oth.r"}).json()["data"]
        assert [one["path"] for one in found] == ["/kept/notes/one.txt", "/two.txt"]
        refused(http.delete(f"{root}/kept"), 400, "not_changeable")
        assert http.delete(f"{root}/kept", params={"recursive": "true"}).json() == {"deleted": True}
        refused(http.get(f"{root}/kept/notes/one.txt"), 404, "file_not_found")

    def test_a_read_only_file_can_be_deleted_and_not_changed(self, http: httpx.Client) -> None:
        root = f"/v1/sessions/{agents.opened(http)}/fs"
        http.post(f"{root}/law.txt", json={"content": "stands", "is_readonly": True})
        refused(http.put(f"{root}/law.txt", json={"content": "falls"}), 400, "not_changeable")
        assert http.delete(f"{root}/law.txt").status_code == 200

    def test_tools_and_api_see_the_same_files(self, http: httpx.Client) -> None:
        session_id = agents.opened(http, "session_file_system")
        path = {"path": "/workspace/a.txt", "content": "by the tool"}
        agents.say(http, session_id, f"#tool write_file {json.dumps(path)}\ndone")
        agents.at_rest(http, session_id)
        assert http.get(f"/v1/sessions/{session_id}/fs/a.txt").json()["content"] == "by the tool"

    @pytest.mark.parametrize("path", ["%2e%2e/b", "a//b", "_/own", "a%01b"])
    def test_a_path_that_is_none_is_refused(self, http: httpx.Client, path: str) -> None:
        answer = http.post(f"/v1/sessions/{agents.opened(http)}/fs/{path}", json={"content": ""})
        assert answer.status_code in (400, 404, 405), answer.text


class TestCatalogue:
    def test_models_of_an_own_provider_run_turns(self, http: httpx.Client) -> None:
        made = http.post("/v1/llm-providers", json={"name": "Mine", "provider_type": "llmsim", "api_key": "secret"})
        assert made.status_code == 201
        assert made.json()["api_key_set"] is True
        assert "secret" not in made.text
        below = f"/v1/llm-providers/{made.json()['id']}/models"
        model = http.post(below, json={"model_id": "tiny", "profile": {"cost": {"input": 1.0, "output": 2.0}}}).json()
        session_id = agents.opened(http, default_model_id=model["id"])
        agents.say(http, session_id, "Hello")
        [asked] = agents.of(agents.at_rest(http, session_id), "reason.started")
        assert asked["metadata"] == {"model": "tiny", "model_id": model["id"], "provider_id": made.json()["id"]}
        http.delete(f"/v1/llm-models/{model['id']}")
        agents.say(http, session_id, "And without it?")
        assert agents.of(agents.at_rest(http, session_id), "reason.started")[-1]["metadata"]["model"] == "scripted"

    def test_a_name_is_given_once_and_a_key_is_never_told(self, http: httpx.Client) -> None:
        body = {"name": "Desk", "url": "https://tools.example.com/mcp", "headers": {"X-Key": "abc"}, "api_key": "k"}
        made = http.post("/v1/mcp-servers", json=body)
        assert made.status_code == 201
        assert made.json()["headers"] == {"X-Key": "***"}
        refused(http.post("/v1/mcp-servers", json=body), 409, "conflict")
        digits = made.json()["id"].removeprefix("mcp_")
        listed = {one["id"]: one for one in http.get("/v1/capabilities").json()["data"]}
        [own] = [one for name, one in listed.items() if name.replace("-", "") == f"mcp:{digits}"]
        assert (own["is_mcp"], own["category"], own["icon"]) == (True, "MCP Servers", "plug")
        assert http.delete(f"/v1/mcp-servers/{made.json()['id']}").status_code == 204

    def test_the_servers_own_model_cannot_be_changed(self, http: httpx.Client) -> None:
        [model] = http.get("/v1/models").json()["data"]
        assert (model["provider_type"], model["source"], model["enabled"]) == ("llmsim", "predefined", True)
        refused(http.delete(f"/v1/llm-models/{model['id']}"), 400, "invalid_request")
