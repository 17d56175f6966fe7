"""Conversations with agents over HTTP, on each storage, told as stories."""

import json
from typing import Any, ClassVar

import httpx
import pytest

from journeys import agents
from journeys.running import Running, until

HEX_AGENT = "agent_0194e5c21a7b7c3e9d40b6f2a1885e03"
DELTA = "output.message.delta"
PLAIN_TURN = [
    "session.started",
    "input.message",
    "session.activated",
    "turn.started",
    "reason.started",
    "output.message.started",
    DELTA,
    "llm.generation",
    "output.message.completed",
    "reason.completed",
    "turn.completed",
    "session.idled",
]


@pytest.fixture
def http(server: Running) -> httpx.Client:
    return server.staff(server.tenant().api_key)


def refused(answer: httpx.Response, status: int, code: str) -> str:
    """The text of a refusal, which has every member that any client reads."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["error"]["code"] == code
    assert body["status"] == status
    assert body["detail"] == body["error"]["message"]
    assert answer.headers["x-request-id"]
    found: str = body["error"]["message"]
    return found


class TestTheSeed:
    """`POST /v1/sessions` as its page prints it, with ids of 32 digits."""

    def test_every_field_of_request_and_answer(self, http: httpx.Client) -> None:
        made = http.post("/v1/agents", json={"id": HEX_AGENT, "name": "Debugger", "system_prompt": "Find it."})
        assert made.status_code == 201
        asked = {
            "agent_id": HEX_AGENT,
            "capabilities": [{"ref": "current_time", "config": {}}, {"ref": "web_fetch"}],
            "model_id": "model_00000000000000000000000000000001",
            "tags": ["debugging", "urgent"],
            "title": "Debug login issue",
        }
        answer = http.post("/v1/sessions", json=asked)
        assert answer.status_code == 201
        found = answer.json()
        assert found["agent_id"] == HEX_AGENT
        assert found["capabilities"] == [{"ref": "current_time", "config": {}}, {"ref": "web_fetch", "config": {}}]
        assert (found["model_id"], found["tags"], found["title"]) == (asked["model_id"], asked["tags"], asked["title"])
        assert found["id"].startswith("session_")
        assert len(found["id"]) == len("session_") + 32
        assert found["organization_id"].startswith("org_")
        assert found["status"] == "started"
        assert found["created_at"] == found["updated_at"]
        assert found["created_at"].endswith("Z")
        empty = ("finished_at", "started_at", "preview", "output_preview", "usage")
        assert [found[name] for name in empty] == [None] * 5

    def test_only_the_agent_is_needed(self, http: httpx.Client) -> None:
        agent = agents.agent(http)
        found = http.post("/v1/sessions", json={"agent_id": agent["id"]}).json()
        assert (found["capabilities"], found["tags"], found["title"], found["model_id"]) == ([], [], None, None)
        by_name = http.post("/v1/sessions", json={"agent_name": agent["name"], "harness_name": "generic"})
        assert by_name.json()["agent_id"] == agent["id"]

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({"agent_id": "agent_01933b5a00007000800000000000001"}, 400, "invalid_id"),
            ({"agent_id": "session_0194e5c21a7b7c3e9d40b6f2a1885e03"}, 400, "invalid_id"),
            ({"agent_id": "agent_00000000000000000000000000000000"}, 400, "agent_not_usable"),
            ({}, 400, "invalid_body"),
            ({"agent_id": 7}, 422, "invalid_field"),
            ({"agent_id": HEX_AGENT, "tags": "urgent"}, 422, "invalid_field"),
            ({"agent_id": HEX_AGENT, "capabilities": [{"config": {}}]}, 422, "validation_failed"),
        ],
    )
    def test_what_it_refuses(self, http: httpx.Client, body: Any, status: int, code: str) -> None:
        refused(http.post("/v1/sessions", json=body), status, code)

    def test_the_malformed_id_has_the_documented_text(self, http: httpx.Client) -> None:
        answer = http.post("/v1/sessions", json={"agent_id": "agt_1"})
        assert refused(answer, 400, "invalid_id") == "Invalid agent ID"
        assert refused(http.get("/v1/sessions/sess_1"), 400, "invalid_id") == "Invalid session ID"

    def test_a_model_or_capability_that_is_unknown_is_refused(self, http: httpx.Client) -> None:
        agent_id = agents.agent(http)["id"]
        wrong = {"agent_id": agent_id, "capabilities": [{"ref": "telepathy"}]}
        refused(http.post("/v1/sessions", json=wrong), 400, "unknown_capability")
        wrong = {"agent_id": agent_id, "capabilities": [{"ref": "web_fetch", "config": {"timeout_ms": "soon"}}]}
        refused(http.post("/v1/sessions", json=wrong), 400, "invalid_capability_config")
        for model_id in ("model_1", "model_" + "f" * 32):
            refused(http.post("/v1/sessions", json={"agent_id": agent_id, "model_id": model_id}), 400, "unknown_model")


class TestATurn:
    def test_a_plain_turn_has_these_events_in_this_order(self, http: httpx.Client) -> None:
        session_id = agents.opened(http)
        message = agents.say(http, session_id, "Is invoice 8841 overdue?", metadata={"request_id": "r-71"})
        assert (message["sequence"], message["role"]) == (2, "user")
        found = agents.at_rest(http, session_id)
        assert agents.types(found) == PLAIN_TURN
        assert agents.faults(found) == []
        assert found[1]["context"] == {}
        assert {one["context"]["input_message_id"] for one in found[2:]} == {message["id"]}
        assert all("exec_id" in one["context"] for one in found[4:10])
        read = http.get(f"/v1/sessions/{session_id}").json()
        assert read["preview"] == "Is invoice 8841 overdue?"
        assert "8841" in read["output_preview"]
        assert read["usage"] == found[-1]["data"]["usage"]
        assert read["started_at"] is not None
        listed = http.get(f"/v1/sessions/{session_id}/messages").json()["data"]
        assert [one["sequence"] for one in listed] == [2, 9]
        assert listed[0]["metadata"] == {"request_id": "r-71"}

    def test_tools_run_between_two_model_calls(self, http: httpx.Client) -> None:
        session_id = agents.opened(http, "test_math")
        agents.say(http, session_id, '#tool add {"a": 2, "b": 3}\n#tool divide {"a": 1, "b": 0}\nthanks')
        found = agents.at_rest(http, session_id)
        assert agents.faults(found) == []
        done = {one["tool_name"]: one for one in agents.of(found, "tool.completed")}
        assert json.loads(done["add"]["result"][0]["text"])["result"] == 5
        assert (done["divide"]["success"], done["divide"]["status"]) == (False, "error")
        assert "error" in done["divide"]
        [acted] = agents.of(found, "act.completed")
        assert (acted["success_count"], acted["error_count"]) == (1, 1)
        roles = [one["role"] for one in http.get(f"/v1/sessions/{session_id}/messages").json()["data"]]
        assert roles == ["user", "agent", "tool_result", "tool_result", "agent"]

    def test_a_tool_that_does_not_exist_fails_and_the_turn_goes_on(self, http: httpx.Client) -> None:
        session_id = agents.opened(http)
        agents.say(http, session_id, "#tool launch_rocket {}\nplease")
        found = agents.at_rest(http, session_id)
        assert [one["status"] for one in agents.of(found, "tool.completed")] == ["error"]
        assert len(agents.of(found, "turn.completed")) == 1

    @pytest.mark.parametrize("kind", ["auth", "context_too_long", "nonsense"])
    def test_a_model_that_refuses_ends_the_turn_with_the_reason(self, http: httpx.Client, kind: str) -> None:
        session_id = agents.opened(http)
        agents.say(http, session_id, f"#error {kind}")
        found = agents.at_rest(http, session_id)
        assert agents.types(found)[-5:] == [
            "llm.generation",
            "output.message.completed",
            "reason.completed",
            "turn.failed",
            "session.idled",
        ]
        [failed] = agents.of(found, "turn.failed")
        assert failed["error_code"] == "llm_error"
        assert kind in agents.of(found, "reason.completed")[0]["error"]
        agents.say(http, session_id, "And now?")
        until(lambda: agents.of(agents.events(http, session_id), "turn.completed"))

    def test_a_second_message_steers_or_follows_but_is_never_lost(self, http: httpx.Client) -> None:
        session_id = agents.opened(http)
        agents.say(http, session_id, "#slow 0.6 one two three four")
        second = agents.say(http, session_id, "And this?")
        found = agents.at_rest(http, session_id)
        assert agents.faults(found) == []
        assert len(agents.of(found, "turn.completed")) == 2
        assert len(agents.of(found, "session.idled")) == 1
        assert agents.of(found, "turn.started")[1]["input_message_id"] == second["id"]
        assert agents.of(found, "output.message.completed")[-1]["message"]["content"][0]["text"].endswith("And this?")

    def test_slow_speech_comes_in_pieces(self, http: httpx.Client) -> None:
        session_id = agents.opened(http)
        agents.say(http, session_id, "#slow 0.8 one two three four five six seven eight")
        found = agents.at_rest(http, session_id)
        deltas = agents.of(found, DELTA)
        assert len(deltas) >= 3
        assert "".join(one["delta"] for one in deltas) == deltas[-1]["accumulated"]

    def test_thinking_is_told_apart(self, http: httpx.Client) -> None:
        session_id = agents.opened(http)
        agents.say(http, session_id, "#think hard about it\nHello")
        found = agents.at_rest(http, session_id)
        kinds = agents.types(found)
        assert kinds.index("reason.thinking.started") < kinds.index("reason.thinking.delta")
        assert kinds.index("reason.thinking.completed") < kinds.index("output.message.completed")
        [spoken] = agents.of(found, "output.message.completed")
        assert spoken["message"]["thinking"]


class TestCancelling:
    def test_the_four_events_come_as_one_run_and_nothing_of_the_turn_follows(self, http: httpx.Client) -> None:
        session_id = agents.opened(http)
        agents.say(http, session_id, "#slow 60 " + "word " * 100)
        until(lambda: DELTA in agents.types(agents.events(http, session_id)))
        answer = http.post(f"/v1/sessions/{session_id}/cancel", json={})
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
        found = agents.at_rest(http, session_id)
        kinds = ["turn.cancelled", "input.message", "output.message.completed", "session.idled"]
        assert agents.types(found)[-4:] == kinds
        assert agents.faults(found) == []
        again = http.post(f"/v1/sessions/{session_id}/cancel")
        assert (again.status_code, again.json()["status"]) == (200, "no_op")
        agents.say(http, session_id, "Go on")
        assert agents.types(agents.at_rest(http, session_id))[len(found) :] == PLAIN_TURN[1:]

    def test_a_session_without_a_turn_has_nothing_to_cancel(self, http: httpx.Client) -> None:
        answer = http.post(f"/v1/sessions/{agents.opened(http)}/cancel", json={})
        assert answer.json() == {"status": "no_op", "message": "No turn currently running"}


class TestToolsOfTheClient:
    TOOL: ClassVar = {
        "type": "client_side",
        "name": "ask_desk",
        "description": "Ask.",
        "parameters": {"type": "object"},
    }

    def test_the_turn_waits_for_the_results_and_goes_on(self, http: httpx.Client) -> None:
        session_id = agents.opened(http, "test_math", tools=[self.TOOL])
        agents.say(http, session_id, '#tool ask_desk {"q": "open?"}\n#tool add {"a": 1, "b": 1}\nthanks')
        until(lambda: agents.status(http, session_id) == "waitingfortoolresults")
        found = agents.events(http, session_id)
        [asked] = agents.of(found, "tool.call_requested")
        [call] = asked["tool_calls"]
        assert (call["name"], call["arguments"]) == ("ask_desk", {"q": "open?"})
        assert [one["tool_name"] for one in agents.of(found, "tool.completed")] == ["add"]
        path = f"/v1/sessions/{session_id}/tool-results"
        refused(http.post(path, json={"tool_results": []}), 400, "invalid_request")
        answer = http.post(path, json={"tool_results": [{"tool_call_id": call["id"], "result": {"open": True}}]})
        assert answer.json() == {"accepted": 1, "status": "active"}
        found = agents.at_rest(http, session_id)
        assert agents.of(found, "turn.completed")[0]["iterations"] == 2
        assert [one["success"] for one in agents.of(found, "tool.completed")] == [True, True]
        told = refused(http.post(path, json={"tool_results": []}), 409, "not_waiting")
        assert "not waiting for tool results" in told

    def test_a_message_meanwhile_closes_the_open_calls(self, http: httpx.Client) -> None:
        session_id = agents.opened(http, tools=[self.TOOL])
        agents.say(http, session_id, "#tool ask_desk {}\nthanks")
        until(lambda: agents.status(http, session_id) == "waitingfortoolresults")
        agents.say(http, session_id, "Never mind")
        found = agents.at_rest(http, session_id)
        [done] = agents.of(found, "tool.completed")
        assert (done["success"], done["status"]) == (False, "error")
        assert len(agents.of(found, "turn.completed")) == 1

    def test_cancelling_ends_the_wait(self, http: httpx.Client) -> None:
        session_id = agents.opened(http, tools=[self.TOOL])
        agents.say(http, session_id, "#tool ask_desk {}\nthanks")
        until(lambda: agents.status(http, session_id) == "waitingfortoolresults")
        assert http.post(f"/v1/sessions/{session_id}/cancel").json()["status"] == "cancelled"
        found = agents.events(http, session_id)
        assert agents.of(found, "tool.completed")[0]["status"] == "cancelled"
        assert agents.status(http, session_id) == "idle"


class TestOwnership:
    def test_what_is_another_tenants_does_not_exist(self, server: Running, http: httpx.Client) -> None:
        session_id = agents.opened(http)
        agent_id = http.get(f"/v1/sessions/{session_id}").json()["agent_id"]
        stranger = server.staff(server.tenant().api_key)
        for path in ("", "/events", "/messages", "/sse", "/fs"):
            refused(stranger.get(f"/v1/sessions/{session_id}{path}"), 404, "session_not_found")
        refused(stranger.get(f"/v1/agents/{agent_id}"), 404, "agent_not_found")
        refused(stranger.post("/v1/sessions", json={"agent_id": agent_id}), 400, "agent_not_usable")
        assert stranger.get("/v1/sessions").json()["total"] == 0

    def test_every_form_of_the_key_is_read(self, server: Running) -> None:
        key = server.tenant().api_key
        for form in (key, f"ApiKey {key}", f"Bearer {key}"):
            assert server.client({"Authorization": form}).get("/v1/agents").status_code == 200
        refused(server.client().get("/v1/agents"), 401, "unauthorized")

    def test_the_organization_named_in_a_header_must_be_the_keys(self, server: Running, http: httpx.Client) -> None:
        own = http.get("/v1/orgs").json()["data"][0]["id"]
        assert http.get("/v1/agents", headers={"X-Org-Id": own}).status_code == 200
        other = "org_00000000000000000000000000000001"
        refused(http.get("/v1/agents", headers={"X-Org-Id": other}), 403, "forbidden")

    def test_a_key_that_may_only_read_cannot_write(self, server: Running) -> None:
        reader = server.staff(server.key(server.tenant().tenant_id, "agents:read"))
        assert reader.get("/v1/agents").status_code == 200
        refused(reader.post("/v1/agents", json={"name": "A", "system_prompt": "B"}), 403, "forbidden")


class TestErasing:
    def test_a_deleted_session_is_gone_on_every_path(self, http: httpx.Client) -> None:
        session_id = agents.opened(http)
        agents.say(http, session_id, "#slow 30 " + "word " * 50)
        assert http.delete(f"/v1/sessions/{session_id}").status_code == 204
        for path in ("", "/events", "/messages", "/sse", "/fs"):
            refused(http.get(f"/v1/sessions/{session_id}{path}"), 404, "session_not_found")
        refused(http.delete(f"/v1/sessions/{session_id}"), 404, "session_not_found")

    def test_an_archived_agent_can_be_read_and_not_used(self, http: httpx.Client) -> None:
        agent_id = agents.agent(http)["id"]
        session_id = agents.session(http, agent_id)
        assert http.delete(f"/v1/agents/{agent_id}").status_code == 204
        assert http.get(f"/v1/agents/{agent_id}").json()["status"] == "archived"
        assert http.get("/v1/agents").json()["data"] == []
        assert http.get(f"/v1/sessions/{session_id}").status_code == 200
        refused(http.post("/v1/sessions", json={"agent_id": agent_id}), 400, "agent_not_usable")
        said = {"message": {"content": [{"type": "text", "text": "Hello?"}]}}
        refused(http.post(f"/v1/sessions/{session_id}/messages", json=said), 400, "agent_not_usable")


class TestRepeatedRequests:
    def test_the_same_key_and_body_gives_the_first_answer_again(self, http: httpx.Client) -> None:
        agent_id = agents.agent(http)["id"]
        key = {"Idempotency-Key": "open-1"}
        first = http.post("/v1/sessions", json={"agent_id": agent_id}, headers=key).json()
        assert http.post("/v1/sessions", json={"agent_id": agent_id}, headers=key).json()["id"] == first["id"]
        other = {"agent_id": agent_id, "title": "Another"}
        refused(http.post("/v1/sessions", json=other, headers=key), 409, "idempotency_key_reused")
        path = f"/v1/sessions/{first['id']}/messages"
        said = {"message": {"content": [{"type": "text", "text": "Once"}]}}
        one, two = (http.post(path, json=said, headers={"Idempotency-Key": "say-1"}).json() for _ in range(2))
        assert one == two
        assert agents.types(agents.at_rest(http, first["id"])).count("input.message") == 1
