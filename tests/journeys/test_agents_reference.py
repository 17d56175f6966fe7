"""What the published description says of agents, line by line: every call, and the rules around it."""

import re
from typing import Any

import httpx
import pytest

from journeys import agents
from journeys.conftest import SECRET, running
from journeys.running import Running, settings_for, until
from journeys.test_agents import refused
from journeys.test_agents_streams import Frames

CLIENT_TOOL = {"type": "client_side", "name": "ask_desk", "description": "Ask.", "parameters": {"type": "object"}}
SAID = {"message": {"content": [{"type": "text", "text": "Hello"}]}}
NOWHERE = "http://127.0.0.1:9/v1"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture
def http(small_server: Running) -> httpx.Client:
    return small_server.staff(small_server.tenant().api_key)


class Walk:
    """Calls by method and path, with the status that the description names."""

    def __init__(self, http: httpx.Client, base: str) -> None:
        self._http, self._base = http, base

    def __call__(self, call: str, status: int, body: Any = None, **more: Any) -> Any:
        method, path = call.split(" ")
        answer = self._http.request(method, self._base + path, json=body, **more)
        assert answer.status_code == status, f"{call}: {answer.status_code} {answer.text}"
        assert answer.headers["x-request-id"]
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        return answer.json() if is_json else answer


@pytest.mark.parametrize("base", ["/v1", "/api/v1"])
def test_every_documented_call_answers_with_its_status(http: httpx.Client, base: str) -> None:
    call = Walk(http, base)
    body = {"name": "A", "system_prompt": "B"}
    agent = call("POST /agents", 201, body)
    assert call("POST /agents", 201, {**body, "id": agent["id"], "name": "A2"})["name"] == "A2"
    assert set(call("GET /agents", 200)) == {"data"}
    one = f"/agents/{agent['id']}"
    call(f"GET {one}", 200)
    call(f"PATCH {one}", 200, {"description": "D"})
    other = "/agents/agent_" + ("1" if base == "/v1" else "2") * 32
    call(f"PUT {other}", 201, body)
    call(f"PUT {other}", 200, body)
    call(f"DELETE {other}", 204)
    text = {"content": "Do as you are told.", "headers": {"Content-Type": "text/plain"}}
    call("POST /agents/import", 201, **text)
    assert call(f"GET {one}/export", 200).headers["content-type"].startswith("text/markdown")
    session = call("POST /sessions", 201, {"agent_id": agent["id"]})
    assert set(call("GET /sessions", 200)) == {"data", "total", "offset", "limit"}
    one = f"/sessions/{session['id']}"
    call(f"GET {one}", 200)
    call(f"PATCH {one}", 200, {"title": "T", "tags": ["t"]})
    assert call(f"POST {one}/cancel", 200, {})["status"] == "no_op"
    call(f"POST {one}/messages", 201, SAID)
    assert set(call(f"GET {one}/messages", 200)) == {"data"}
    assert set(call(f"GET {one}/events", 200)) == {"data"}
    call(f"POST {one}/tool-results", 409, {"tool_results": []})
    catalogue(call)
    files(call, one)
    with Frames(http, f"{base}{one}/sse") as stream:
        assert stream.until("session.idled")[0]["type"] == "session.started"
    call(f"DELETE {one}", 204)
    call(f"GET {one}", 404)


def catalogue(call: Walk) -> None:
    """Capabilities, models, providers, MCP servers, organizations."""
    assert set(call("GET /capabilities", 200)) == {"data", "total", "offset", "limit"}
    call("GET /capabilities/current_time", 200)
    call("GET /capabilities/telepathy", 404)
    for models in ("/models", "/llm-models"):
        [model] = call(f"GET {models}", 200)["data"]
        assert call(f"GET {models}/{model['id']}", 200) == model
    provider = call("POST /llm-providers", 201, {"name": "P", "provider_type": "llmsim"})
    one = f"/llm-providers/{provider['id']}"
    assert call("GET /llm-providers", 200)["data"]
    call(f"GET {one}", 200)
    call(f"PATCH {one}", 200, {"name": "P2"})
    model = call(f"POST {one}/models", 201, {"model_id": "m"})
    assert call(f"GET {one}/models", 200)["data"] == [model]
    call(f"PATCH /llm-models/{model['id']}", 200, {"display_name": "M"})
    call(f"DELETE /llm-models/{model['id']}", 204)
    call(f"DELETE {one}", 204)
    server = call("POST /mcp-servers", 201, {"name": "desk", "url": "https://tools.example.com/mcp"})
    one = f"/mcp-servers/{server['id']}"
    assert call("GET /mcp-servers", 200)["data"] == [server]
    call(f"GET {one}", 200)
    call(f"PATCH {one}", 200, {"description": "D"})
    call(f"DELETE {one}", 204)
    [organization] = call("GET /orgs", 200)["data"]
    assert call(f"GET /orgs/{organization['id']}", 200) == organization


def files(call: Walk, session: str) -> None:
    """The tree of files, and what it refuses."""
    root = f"{session}/fs"
    made = call(f"POST {root}/a/b.txt", 201, {"content": "one\ntwo"})
    assert set(made) == {
        "id", "session_id", "path", "name", "content", "encoding", "is_directory", "is_readonly", "size_bytes",
        "created_at", "updated_at",
    }  # fmt: skip
    assert UUID.fullmatch(made["id"])
    assert UUID.fullmatch(made["session_id"])
    call(f"POST {root}/c", 201, {"is_directory": True})
    assert call(f"GET {root}/a/b.txt", 200)["content"] == "one\ntwo"
    assert [one["path"] for one in call(f"GET {root}", 200)["data"]] == ["/a", "/c"]
    call(f"PUT {root}/a", 400, {"content": ""})
    call(f"PUT {root}/nothing", 404, {"content": ""})
    binary = call(f"PUT {root}/a/b.txt", 200, {"content": "AAE=", "encoding": "base64"})
    assert (binary["encoding"], binary["content"]) == ("base64", "AAE=")
    call(f"PUT {root}/a/b.txt", 200, {"content": "one\ntwo"})
    assert call(f"POST {root}/_/stat", 200, {"path": "/a/b.txt"})["size_bytes"] == 7
    call(f"POST {root}/_/copy", 201, {"src_path": "/a/b.txt", "dst_path": "/d.txt"})
    for verb in ("copy", "move"):
        call(f"POST {root}/_/{verb}", 409, {"src_path": "/a/b.txt", "dst_path": "/d.txt"})
        call(f"POST {root}/_/{verb}", 404, {"src_path": "/nothing", "dst_path": "/e.txt"})
    call(f"POST {root}/_/move", 200, {"src_path": "/d.txt", "dst_path": "/e.txt"})
    found = call(f"POST {root}/_/grep", 200, {"pattern": "^t", "path_pattern": "/a/*"})["data"]
    assert found == [{"path": "/a/b.txt", "matches": [{"path": "/a/b.txt", "line_number": 2, "line": "two"}]}]
    call(f"DELETE {root}/a", 400)
    assert call(f"DELETE {root}/a?recursive=true", 200) == {"deleted": True}


def test_health_and_the_description_need_no_key(small_server: Running) -> None:
    anonymous = small_server.client()
    health = anonymous.get("/health").json()
    assert (health["status"], bool(health["version"]), health["auth_mode"]) == ("ok", True, "api_key")
    assert anonymous.get("/api-doc/openapi.json").json()["openapi"].startswith("3.")


LATER = (
    "/v1/channels/{agent}/sessions/{session}/question-answers",
    "/v1/channels/{agent}/sessions/{session}/tool-approvals",
    "/v1/channels/{agent}/runtime-auth",
    "/v1/agents/{agent}/versions",
    "/v1/sessions/{session}/budgets",
)


@pytest.mark.parametrize("path", LATER)
def test_what_later_servers_have_and_this_one_lacks_is_not_found(http: httpx.Client, path: str) -> None:
    agent_id = agents.agent(http)["id"]
    session_id = agents.session(http, agent_id)
    answer = http.post(path.format(agent=agent_id, session=session_id), json={})
    assert (answer.status_code, answer.json()["status"]) == (404, 404)
    assert answer.json()["error"]["message"]


# Rules


def test_an_agent_that_is_posted_again_keeps_its_birth_and_comes_back_to_life(http: httpx.Client) -> None:
    body = {"id": "agent_" + "c" * 32, "name": "A", "system_prompt": "B", "description": "D"}
    first = http.post("/v1/agents", json=body).json()
    http.delete(f"/v1/agents/{first['id']}")
    again = http.post("/v1/agents", json={**body, "description": None})
    assert again.status_code == 201
    assert (again.json()["status"], again.json()["description"]) == ("active", None)
    assert again.json()["created_at"] == first["created_at"]
    assert again.json()["updated_at"] > first["updated_at"]


def test_agents_are_listed_newest_first_and_found_without_regard_to_case(http: httpx.Client) -> None:
    made = [agents.agent(http, name=name)["id"] for name in ("Invoice", "Weather", "INVOICES")]
    assert [one["id"] for one in http.get("/v1/agents").json()["data"]] == made[::-1]
    found = http.get("/v1/agents", params={"search": "invoice"}).json()["data"]
    assert [one["id"] for one in found] == [made[2], made[0]]


def test_a_session_by_name_is_that_of_the_newest_active_agent(http: httpx.Client) -> None:
    first, second, third = (agents.agent(http, name="clerk")["id"] for _ in range(3))
    http.delete(f"/v1/agents/{third}")
    opened = http.post("/v1/sessions", json={"agent_name": "clerk"}).json()
    assert opened["agent_id"] == second != first


def test_an_imported_text_without_a_name_is_named_after_the_moment(http: httpx.Client) -> None:
    text = {"content": "---\ndescription: D\n---\nDo it.", "headers": {"Content-Type": "text/plain"}}
    made = http.post("/v1/agents/import", **text).json()
    assert re.fullmatch(r"agent-\d{8}-\d{6}", made["name"])
    assert (made["description"], made["system_prompt"]) == ("D", "Do it.")


def test_an_import_over_three_mebibytes_is_refused(http: httpx.Client) -> None:
    text = {"content": "x" * (3 * 1024 * 1024 + 1), "headers": {"Content-Type": "text/plain"}}
    answer = http.post("/v1/agents/import", **text)
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "Input exceeds allowed limits")


def test_capabilities_are_searched_and_paged(http: httpx.Client) -> None:
    whole = http.get("/v1/capabilities").json()
    assert whole["total"] == len(whole["data"])
    second = http.get("/v1/capabilities", params={"offset": 1, "limit": 2}).json()
    assert second["data"] == whole["data"][1:3]
    assert (second["total"], second["offset"], second["limit"]) == (whole["total"], 1, 2)
    found = http.get("/v1/capabilities", params={"search": "WEATHER"}).json()
    assert [one["id"] for one in found["data"]] == ["test_weather"]


def test_events_are_filtered_and_paged_as_documented(http: httpx.Client) -> None:
    session_id = agents.opened(http)
    agents.say(http, session_id, "Hello")
    found = agents.at_rest(http, session_id)
    kinds = ["turn.started", "turn.completed", "never.heard.of"]
    assert agents.types(agents.events(http, session_id, types=kinds)) == kinds[:2]
    assert agents.types(agents.events(http, session_id, types=kinds, exclude="turn.started")) == ["turn.completed"]
    assert agents.events(http, session_id, after_sequence=3, limit=2) == found[3:5]
    assert agents.events(http, session_id, order_desc="true") == found[::-1]
    path = f"/v1/sessions/{session_id}/events"
    for malformed in ("event_1", found[0]["id"].replace("event_", "message_"), "since"):
        refused(http.get(path, params={"since_id": malformed}), 400, "invalid_id")


def test_previews_are_the_starts_of_the_first_message_and_the_latest_answer(http: httpx.Client) -> None:
    session_id = agents.opened(http)
    agents.say(http, session_id, "One  two\n" + "x" * 300)
    agents.at_rest(http, session_id)
    first = http.get(f"/v1/sessions/{session_id}").json()
    assert first["preview"] == "One two " + "x" * 192 + "…"
    for text in ("#error auth", "#slow 60 " + "word " * 200):
        agents.say(http, session_id, text)
        until(lambda: "turn.failed" in agents.types(agents.events(http, session_id)))
    until(lambda: agents.types(agents.events(http, session_id))[-1] == "output.message.delta")
    http.post(f"/v1/sessions/{session_id}/cancel")
    read = http.get(f"/v1/sessions/{session_id}").json()
    assert (read["preview"], read["output_preview"]) == (first["preview"], first["output_preview"])
    agents.say(http, session_id, "Last")
    until(lambda: agents.status(http, session_id) == "idle")
    assert http.get(f"/v1/sessions/{session_id}").json()["output_preview"].endswith("You said: Last")


def test_a_client_that_returns_nothing_for_five_minutes_is_waited_for_no_longer(small_server: Running) -> None:
    http = small_server.staff(small_server.tenant().api_key)
    session_id = agents.opened(http, tools=[CLIENT_TOOL])
    agents.say(http, session_id, "#tool ask_desk {}\nwell?")
    until(lambda: agents.status(http, session_id) == "waitingfortoolresults")
    small_server.advance(minutes=4)
    assert agents.status(http, session_id) == "waitingfortoolresults"
    small_server.advance(minutes=1, seconds=10)
    found = agents.at_rest(http, session_id)
    [done] = agents.of(found, "tool.completed")
    assert (done["status"], done["error"]) == ("error", "The client did not return a result in time")
    assert agents.types(found)[-2:] == ["turn.completed", "session.idled"]
    assert agents.faults(found) == []


def test_prompts_are_kept_unless_the_operator_says_otherwise(tmp_path: Any) -> None:
    for server in running(settings_for(tmp_path, secret_key=SECRET, agent_prompts=False), settable=False):
        http = server.staff(server.tenant().api_key)
        session_id = agents.opened(http, system_prompt="The words of the house")
        agents.say(http, session_id, "Hello")
        found = agents.at_rest(http, session_id)
        assert "llm.generation" not in agents.types(found)
        assert "The words of the house" not in str(found)
        assert agents.types(found)[-2:] == ["turn.completed", "session.idled"]


def test_below_the_alias_where_nothing_else_is_opened_the_missing_agent_is_named(http: httpx.Client) -> None:
    told = refused(http.post("/api/v1/sessions", json={"title": "Whose?"}), 422, "validation_failed")
    assert "agent_id" in told
    refused(http.post("/v1/sessions", json={"title": "Whose?"}), 400, "invalid_body")


def test_a_provider_without_a_key_of_its_own_gets_no_key_of_the_operators(tmp_path: Any) -> None:
    settings = settings_for(
        tmp_path, secret_key=SECRET, llm="openai:small", llm_api_key="key-of-the-operator", llm_base_url=NOWHERE
    )
    for server in running(settings, settable=False):
        http = server.staff(server.tenant().api_key)
        made = http.post("/v1/llm-providers", json={"name": "P", "provider_type": "openai"}).json()
        assert made["api_key_set"] is False
        model = http.post(f"/v1/llm-providers/{made['id']}/models", json={"model_id": "m"}).json()
        session_id = agents.opened(http, default_model_id=model["id"])
        agents.say(http, session_id, "Hello")
        found = agents.at_rest(http, session_id)
        assert agents.of(found, "turn.failed")[0]["error_code"] == "llm_error"
        assert agents.of(found, "reason.completed")[0]["error"].startswith("auth")
        assert "key-of-the-operator" not in str(found)
