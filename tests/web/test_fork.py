"""A path that two surfaces answer: the body chooses, and each side words its own refusals."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from frontdesk.web.endpoint import Answer, Call, Endpoint
from frontdesk.web.fork import Choice, fork
from web.sample import CHECKED, DETAIL, KEY, PEOPLE, READING_KEY, Who
from web.world import World

CHOICE = Choice(
    first=frozenset({"skill", "client_id"}),
    second=frozenset({"agent_id"}),
    remedy="Give skill, or agent_id.",
)


async def by_skill(call: Call) -> Answer:
    return Answer(200, {"skill": (await call.json(dict[str, Any]))["skill"], "caller": call.identity})


async def by_agent(call: Call) -> Answer:
    return Answer(201, {"agent": (await call.json(dict[str, Any]))["agent_id"], "tenant": call.caller.tenant_id})


async def identify(key: str) -> Who | None:
    return PEOPLE.get(key)


@pytest.fixture
def client() -> httpx.AsyncClient:
    opens = Endpoint("POST", "/v1/both", by_skill, "Begin", "one", body=dict[str, Any], auth="none", body_limit=100)
    speaks = Endpoint(
        "POST", "/v1/both", by_agent, "Open", "other", body=dict[str, Any], permission="kyc:create", answers={201: None}
    )
    first = replace(CHECKED, endpoints=(*CHECKED.endpoints, opens))
    second = replace(DETAIL, endpoints=(*DETAIL.endpoints, speaks))
    return World(surfaces=fork("/v1/both", first, second, CHOICE, identify)).client()


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def test_a_body_goes_where_its_keys_say(client: httpx.AsyncClient) -> None:
    found = await client.post("/v1/both", json={"skill": "deposit"})
    assert (found.status_code, found.json()) == (200, {"skill": "deposit", "caller": None})
    found = await client.post("/v1/both", json={"agent_id": "agent_1"}, headers=bearer(KEY))
    assert (found.status_code, found.json()) == (201, {"agent": "agent_1", "tenant": "t_1"})


async def test_what_asks_for_both_is_refused_in_the_firsts_words(client: httpx.AsyncClient) -> None:
    found = await client.post("/v1/both", json={"client_id": "c", "agent_id": "a"})
    assert found.status_code == 400
    assert found.json()["error"]["message"] == CHOICE.remedy


@pytest.mark.parametrize("content", [b"{}", b"[1]", b"{", b'{"other": 1}', b"\xff"])
async def test_everything_else_is_the_seconds(client: httpx.AsyncClient, content: bytes) -> None:
    headers = {**bearer(KEY), "Content-Type": "application/json"}
    found = await client.post("/v1/both", content=content, headers=headers)
    assert found.status_code in (400, 422)
    assert found.json()["detail"] == CHOICE.remedy


async def test_the_seconds_key_and_permission_are_asked_for(client: httpx.AsyncClient) -> None:
    assert (await client.post("/v1/both", json={})).status_code == 401
    assert (await client.post("/v1/both", json={"agent_id": "a"})).status_code == 401
    found = await client.post("/v1/both", json={"agent_id": "a"}, headers=bearer(READING_KEY))
    assert found.status_code == 403


async def test_each_side_keeps_its_limit_of_the_body(client: httpx.AsyncClient) -> None:
    long = "x" * 200
    assert (await client.post("/v1/both", json={"skill": long})).status_code == 413
    found = await client.post("/v1/both", json={"agent_id": long}, headers=bearer(KEY))
    assert found.status_code == 201


async def test_the_description_tells_of_both(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()["paths"]["/v1/both"]["post"]
    assert described["summary"] == "Begin, or: open"
    assert {"200", "201"} <= described["responses"].keys()
