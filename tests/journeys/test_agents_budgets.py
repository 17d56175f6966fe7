"""What turns and sessions may spend: each limit, wherever it is set, ends the turn with its own reason."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from journeys import agents
from journeys.agents import Body
from journeys.conftest import SECRET, running
from journeys.running import Running, settings_for
from journeys.test_agents import refused

CALLS = "\n\n".join(['#tool add {"a": 1, "b": 1}'] * 9)
SLOW = "#slow 60 " + "word " * 100


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with the machine's clock and limits of its own, which no test but the last ones reach."""
    settings = settings_for(
        tmp_path_factory.mktemp("budgets"), secret_key=SECRET, agent_turn_iterations=8, agent_session_iterations=12
    )
    yield from running(settings, settable=False)


@pytest.fixture
def http(limited: Running) -> httpx.Client:
    return client_of(limited)


def client_of(server: Running) -> httpx.Client:
    return server.staff(server.tenant().api_key)


def budget(**config: Any) -> Body:
    return {"ref": "budgeting", "config": config}


def ended(http: httpx.Client, session_id: str, text: str) -> Body:
    """The facts of the turn's failure; its log is whole and the session can be used."""
    before = len(agents.events(http, session_id))
    agents.say(http, session_id, text)
    found = agents.at_rest(http, session_id)
    assert agents.faults(found) == []
    assert agents.types(found)[-2:] == ["turn.failed", "session.idled"]
    facts: Body = agents.of(found[before:], "turn.failed")[0]
    return facts


def priced(http: httpx.Client) -> str:
    """The id of a model with a price: a million USD for a million tokens."""
    made = http.post("/v1/llm-providers", json={"name": "Dear", "provider_type": "llmsim"}).json()
    profile = {"cost": {"input": 1_000_000.0, "output": 1_000_000.0}}
    body = {"model_id": "dear", "profile": profile}
    model_id: str = http.post(f"/v1/llm-providers/{made['id']}/models", json=body).json()["id"]
    return model_id


@pytest.mark.parametrize("whose", ["agent", "session"])
@pytest.mark.parametrize(
    ("config", "code", "words"),
    [
        ({"iterations": 2}, "max_iterations", "2 iterations"),
        ({"tokens": 40}, "max_tokens", "40 tokens"),
        ({"cost": 0.5}, "max_cost", "0.5 USD"),
    ],
)
def test_a_turn_ends_at_the_limit_of_its_agent_or_session(
    http: httpx.Client, whose: str, config: Body, code: str, words: str
) -> None:
    given = budget(turn=config)
    agent_id = agents.agent(http, capabilities=["test_math", *([given] if whose == "agent" else [])])["id"]
    more = {"capabilities": [given]} if whose == "session" else {}
    session_id = agents.session(http, agent_id, model_id=priced(http) if "cost" in config else None, **more)
    facts = ended(http, session_id, CALLS)
    assert facts["error_code"] == code
    assert facts["error"] == f"The turn ended because it reached its limit of {words}"
    agents.say(http, session_id, "Hello")
    assert agents.types(agents.at_rest(http, session_id))[-2:] == ["turn.completed", "session.idled"]


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"iterations": 1}, "session_max_iterations"),
        ({"tokens": 20}, "session_max_tokens"),
        ({"cost": 0.5}, "session_max_cost"),
    ],
)
def test_a_session_that_has_spent_everything_answers_no_more(http: httpx.Client, config: Body, code: str) -> None:
    model_id = priced(http) if "cost" in config else None
    session_id = agents.opened(http, budget(session=config), default_model_id=model_id)
    agents.say(http, session_id, "Hello, is anybody there?")
    found = agents.at_rest(http, session_id)
    assert len(agents.of(found, "turn.completed")) == 1
    for _ in range(2):
        assert ended(http, session_id, "And now?")["error_code"] == code
    assert len(agents.of(agents.events(http, session_id), "llm.generation")) == 1
    changed = http.patch(f"/v1/sessions/{session_id}", json={"capabilities": [budget(session={"iterations": 9})]})
    assert changed.status_code == 200
    agents.say(http, session_id, "And with a greater budget?")
    assert agents.types(agents.at_rest(http, session_id))[-2:] == ["turn.completed", "session.idled"]


@pytest.mark.parametrize(("whole", "code"), [("turn", "max_duration"), ("session", "session_max_duration")])
def test_a_model_call_that_outlasts_the_time_ends_the_turn_for_that_reason(
    http: httpx.Client, whole: str, code: str
) -> None:
    session_id = agents.opened(http, budget(**{whole: {"seconds": 0.3}}))
    assert ended(http, session_id, SLOW)["error_code"] == code
    found = agents.events(http, session_id)
    assert "timeout" in agents.of(found, "reason.completed")[0]["error"]


def test_a_budget_cannot_allow_more_than_the_server(http: httpx.Client) -> None:
    session_id = agents.opened(http, "test_math", budget(turn={"iterations": 100}, session={"iterations": 100}))
    assert ended(http, session_id, CALLS)["error_code"] == "max_iterations"
    assert len(agents.of(agents.events(http, session_id), "llm.generation")) == 8
    assert ended(http, session_id, CALLS)["error_code"] == "session_max_iterations"
    assert len(agents.of(agents.events(http, session_id), "llm.generation")) == 12


@pytest.mark.parametrize(
    "config", [{"turn": {"tokens": 0}}, {"turn": {"cost": "much"}}, {"session": {"iterations": 1.5}}, {"turn": 5}]
)
def test_a_budget_that_is_none_is_refused(http: httpx.Client, config: Body) -> None:
    body = {"name": "A", "system_prompt": "B", "capabilities": [budget(**config)]}
    refused(http.post("/v1/agents", json=body), 400, "invalid_capability_config")


@pytest.mark.parametrize(
    ("settings", "codes"),
    [
        ({"agent_turn_tokens": 40}, ["max_tokens"]),
        ({"agent_session_tokens": 60}, ["session_max_tokens"]),
        ({"agent_turn_cost": 0.5, "agent_session_cost": 100.0}, ["max_cost"]),
        ({"agent_session_cost": 0.5}, ["session_max_cost"]),
        ({"agent_turn_for": 1, "agent_session_for": 100}, ["max_duration"]),
        ({"agent_session_for": 1}, ["session_max_duration", "session_max_duration"]),
    ],
    ids=lambda value: "-".join(value),
)
def test_a_limit_of_the_settings_holds_for_every_session(tmp_path: Any, settings: Any, codes: list[str]) -> None:
    for server in running(settings_for(tmp_path, secret_key=SECRET, **settings), settable=False):
        http = client_of(server)
        session_id = agents.opened(http, "test_math", default_model_id=priced(http))
        text = SLOW if codes[0].endswith("duration") else CALLS
        assert [ended(http, session_id, text)["error_code"] for _ in codes] == codes
