"""One conversation with an agent: its message needs two tools, and every event is told as it comes."""

import json
from typing import Any

from frontdesk.cli.demo.calling import Caller, Content
from frontdesk.cli.demo.telling import Teller

AGENT = {
    "name": "Desk clerk",
    "system_prompt": "You look after the desk's figures. Be brief.",
    "capabilities": [{"ref": "test_math", "config": {}}],
}
QUESTION = '#tool add {"a": 1250, "b": 349.5}\n#tool get_current_time {"timezone": "Europe/Amsterdam"}\nWhat do we owe?'
"""Without a language model the simulator answers: `#tool` tells it what a model would decide by itself."""


async def walk(caller: Caller, teller: Teller) -> bool:
    """Walk the session; whether its turn was completed with both tools."""
    teller.chapter("An agent is asked something that needs two tools")
    agent = await caller.as_tenant("POST", "/v1/agents", lambda found: f"agent {found['name']}", AGENT)
    body = {
        "agent_id": agent["id"],
        "capabilities": [{"ref": "current_time", "config": {}}],
        "model_id": None,
        "tags": ["debugging", "urgent"],
        "title": "Debug login issue",
    }
    session = await caller.as_tenant("POST", "/v1/sessions", lambda found: f"status {found['status']}", body)
    path = f"/v1/sessions/{session['id']}"
    message = {"message": {"content": [{"type": "text", "text": QUESTION}]}}
    await caller.as_tenant("POST", f"{path}/messages", lambda found: f"sequence {found['sequence']}", message)
    types: list[str] = []
    async for event in caller.events(f"{path}/sse"):
        types.append(event["type"])
        teller.event(event["sequence"], event["type"], _gist(event["type"], event["data"]))
        if event["type"] == "session.idled":
            break
    found = await caller.as_tenant("GET", path, lambda found: _usage(found["usage"]))
    finished = types.count("tool.completed") == 2 and "turn.completed" in types and found["status"] == "idle"
    teller.result("agents", session["id"], found["status"], finished=finished)
    return finished


def _gist(kind: str, facts: Content) -> str:
    """What an event says, in a few words."""
    if kind == "tool.started":
        call = facts["tool_call"]
        return f"{call['name']} {json.dumps(call['arguments'])}"
    if kind == "tool.completed":
        return f"{facts['tool_name']}: {_text(facts.get('result')) or facts.get('error', '')}"
    if kind == "output.message.delta":
        return str(facts["delta"]).replace("\n", " ")
    if kind in ("turn.completed", "session.idled"):
        return _usage(facts["usage"])
    return ""


def _text(parts: Any) -> str:
    return " ".join(part.get("text", "") for part in parts or ())


def _usage(usage: Content) -> str:
    return f"{usage['input_tokens']} tokens in, {usage['output_tokens']} out"
