"""What the journeys of agents share: opening a session, waiting for its turns, and a reader that checks its log."""

from collections import Counter
from typing import Any

import httpx

from journeys.running import until

Body = dict[str, Any]
ENDS = ("turn.completed", "turn.failed", "turn.cancelled")


def agent(http: httpx.Client, **changes: Any) -> Body:
    """A new agent."""
    body = {"name": "Helper", "system_prompt": "Be brief.", **changes}
    answer = http.post("/v1/agents", json=body)
    assert answer.status_code == 201, answer.text
    found: Body = answer.json()
    return found


def session(http: httpx.Client, agent_id: str, **changes: Any) -> str:
    """The id of a new session."""
    answer = http.post("/v1/sessions", json={"agent_id": agent_id, **changes})
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found


def opened(http: httpx.Client, *capabilities: Any, **changes: Any) -> str:
    """The id of a new session of a new agent."""
    return session(http, agent(http, capabilities=list(capabilities), **changes)["id"])


def say(http: httpx.Client, session_id: str, text: str, **more: Any) -> Body:
    """Send a message."""
    body = {"message": {"content": [{"type": "text", "text": text}]}, **more}
    answer = http.post(f"/v1/sessions/{session_id}/messages", json=body)
    assert answer.status_code == 201, answer.text
    found: Body = answer.json()
    return found


def status(http: httpx.Client, session_id: str) -> str:
    """The session's status now."""
    found: str = http.get(f"/v1/sessions/{session_id}").json()["status"]
    return found


def at_rest(http: httpx.Client, session_id: str, seconds: float = 60) -> list[Body]:
    """The session's events once no turn runs."""
    until(lambda: status(http, session_id) == "idle", seconds)
    return events(http, session_id)


def events(http: httpx.Client, session_id: str, **query: Any) -> list[Body]:
    """The session's events."""
    answer = http.get(f"/v1/sessions/{session_id}/events", params=query)
    assert answer.status_code == 200, answer.text
    found: list[Body] = answer.json()["data"]
    return found


def types(found: list[Body]) -> list[str]:
    """Of which types they are."""
    return [one["type"] for one in found]


def of(found: list[Body], kind: str) -> list[Body]:
    """The facts of the events of one type."""
    return [one["data"] for one in found if one["type"] == kind]


def faults(found: list[Body]) -> list[str]:
    """What is wrong with a log of a session at rest: lost, doubled or out of order."""
    wrong = []
    if [one["sequence"] for one in found] != list(range(1, len(found) + 1)):
        wrong.append("numbers are missing or doubled")
    ids = [one["id"] for one in found]
    if ids != sorted(set(ids)):
        wrong.append("ids do not grow with the numbers")
    if [one["ts"] for one in found] != sorted(one["ts"] for one in found):
        wrong.append("time goes back")
    begun = [one["data"]["turn_id"] for one in found if one["type"] == "turn.started"]
    ended = [one["data"]["turn_id"] for one in found if one["type"] in ENDS]
    if begun != ended:
        wrong.append(f"{len(begun)} turns began and {len(ended)} ended")
    started = Counter(_call(one, one["data"]["tool_call"]["id"]) for one in found if one["type"] == "tool.started")
    done = Counter(_call(one, one["data"]["tool_call_id"]) for one in found if one["type"] == "tool.completed")
    if set(started.values()) - {1} or set(done.values()) - {1} or set(started) - set(done):
        wrong.append("a tool call was started or ended twice, or never ended")
    return wrong + _faults_of_turns(found)


def _call(event: Body, call_id: str) -> tuple[str, str]:
    return event["context"].get("turn_id", ""), call_id


def _faults_of_turns(found: list[Body]) -> list[str]:
    """Nothing of a turn stands before its beginning or behind its end, but the words that a cancel leaves."""
    wrong, running, over = [], "", set[str]()
    for one in found:
        turn = one["context"].get("turn_id")
        if one["type"] == "session.activated":
            running = one["data"]["turn_id"]
        elif one["type"] in ENDS:
            over.add(one["data"]["turn_id"])
        elif turn in over and one["type"] not in ("input.message", "output.message.completed", "session.idled"):
            wrong.append(f"{one['type']} follows the end of its turn")
        elif turn is not None and turn != running:
            wrong.append(f"{one['type']} belongs to a turn that does not run")
    return wrong
