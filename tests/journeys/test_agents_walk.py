"""Random walks over the calls: whatever order they come in, every log is whole and no call is a fault."""

import json
from typing import Any

import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, rule, run_state_machine_as_test

from journeys import agents
from journeys.running import Running, until

TEXTS = st.sampled_from(
    [
        "Hello",
        '#tool add {"a": 1, "b": 2}\nwell?',
        '#tool ask_desk {"q": 1}\n#tool add {"a": 1, "b": 2}\nwell?',
        "#tool nobody_knows {}\nwell?",
        "#slow 0.2 one two three four five",
        "#error auth",
    ]
)
TOOL = {"type": "client_side", "name": "ask_desk", "description": "Ask.", "parameters": {"type": "object"}}


class Walk(RuleBasedStateMachine):
    """What clients may do with sessions, in any order."""

    http: httpx.Client
    sessions = Bundle("sessions")

    @initialize()
    def begin(self) -> None:
        self.agent_id = agents.agent(self.http, capabilities=["test_math"])["id"]
        self.said: dict[str, list[str]] = {}

    @rule(target=sessions)
    def open(self) -> str:
        session_id = agents.session(self.http, self.agent_id, tools=[TOOL])
        self.said[session_id] = []
        return session_id

    @rule(session_id=sessions, text=TEXTS)
    def say(self, session_id: str, text: str) -> None:
        self.said[session_id].append(agents.say(self.http, session_id, text)["id"])

    @rule(session_id=sessions)
    def cancel(self, session_id: str) -> None:
        answer = self.http.post(f"/v1/sessions/{session_id}/cancel", json={})
        assert answer.json()["status"] in ("cancelled", "no_op")

    @rule(session_id=sessions)
    def return_results(self, session_id: str) -> None:
        open_calls = agents.of(agents.events(self.http, session_id), "tool.call_requested")
        wanted = open_calls[-1]["tool_calls"] if open_calls else []
        results = [{"tool_call_id": call["id"], "result": 1} for call in wanted]
        answer = self.http.post(f"/v1/sessions/{session_id}/tool-results", json={"tool_results": results})
        assert answer.status_code in (200, 400, 409), answer.text

    @rule(session_id=sessions, since=st.integers(0, 40))
    def read(self, session_id: str, since: int) -> None:
        found = agents.events(self.http, session_id, after_sequence=since)
        assert [one["sequence"] for one in found] == list(range(since + 1, since + 1 + len(found)))

    @rule(session_id=sessions)
    def change(self, session_id: str) -> None:
        answer = self.http.patch(f"/v1/sessions/{session_id}", json={"title": "Another"})
        assert answer.json()["title"] == "Another"

    @rule(session_id=consumes(sessions))
    def delete(self, session_id: str) -> None:
        assert self.http.delete(f"/v1/sessions/{session_id}").status_code == 204
        assert self.http.get(f"/v1/sessions/{session_id}").status_code == 404
        del self.said[session_id]

    def teardown(self) -> None:
        for session_id, said in getattr(self, "said", {}).items():
            until(lambda session_id=session_id: self._rests(session_id), 60)
            found = agents.events(self.http, session_id)
            waits = agents.status(self.http, session_id) == "waitingfortoolresults"
            assert waits or agents.faults(found) == [], json.dumps(agents.types(found))
            heard = [one["message"]["id"] for one in agents.of(found, "input.message")]
            assert [one for one in heard if one in said] == said

    def _rests(self, session_id: str) -> bool:
        return agents.status(self.http, session_id) != "active"


def test_any_order_of_calls_leaves_whole_logs(small_server: Running) -> None:
    class Here(Walk):
        http = small_server.staff(small_server.tenant().api_key)

    checks: Any = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    pace = settings(max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=checks, database=None)
    run_state_machine_as_test(Here, settings=pace)
