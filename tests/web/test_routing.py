"""Paths: which endpoint answers, and what its parameters hold."""

import httpx
import pytest

from frontdesk.web.endpoint import Answer, Call, Endpoint
from frontdesk.web.metrics import Metrics
from frontdesk.web.routing import Route, Router
from web.sample import CHECKED, KEY


async def nothing(call: Call) -> Answer:
    return Answer()


def router(*lines: tuple[str, str]) -> Router:
    return Router(
        Route(Endpoint(method, path, nothing, "", ""), CHECKED, Metrics().meter("", path, method))
        for method, path in lines
    )


def found(of: Router, raw: str) -> tuple[str, dict[str, str]] | None:
    match = of.find({"path": raw, "raw_path": raw.encode("latin-1")})
    return None if match is None else (next(iter(match.routes.values())).path, match.path)


TREE = router(
    ("GET", "/forms/{id}/contract"),
    ("GET", "/forms/with-context/{job}"),
    ("GET", "/forms/with-context/{job}/log"),
    ("GET", "/forms/{id}/fs/{path...}"),
    ("POST", "/forms/{id}/fs/_/stat"),
    ("GET", "/forms"),
)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("/forms", ("/forms", {})),
        ("/forms/a/contract", ("/forms/{id}/contract", {"id": "a"})),
        ("/forms/with-context/a", ("/forms/with-context/{job}", {"job": "a"})),
        ("/forms/with-context/contract", ("/forms/with-context/{job}", {"job": "contract"})),
        ("/forms/with-context/fs/a", ("/forms/{id}/fs/{path...}", {"id": "with-context", "path": "a"})),
        ("/forms/a/fs/b/c%20d", ("/forms/{id}/fs/{path...}", {"id": "a", "path": "b/c d"})),
        ("/forms/a/fs/_/stat", ("/forms/{id}/fs/_/stat", {"id": "a"})),
        ("/forms/a%2Fb/contract", ("/forms/{id}/contract", {"id": "a/b"})),
        ("/forms/%C3%A9/contract", ("/forms/{id}/contract", {"id": "é"})),
        ("/forms/%FF/contract", ("/forms/{id}/contract", {"id": "\ufffd"})),
        ("/forms/a%00b/contract", ("/forms/{id}/contract", {"id": "a\ufffdb"})),
        ("/forms%2Fa/contract", None),
        ("/%66orms", ("/forms", {})),
        ("/forms/a", None),
        ("/forms/a/fs/", None),
        ("/forms/", None),
        ("/", None),
        ("/Forms", None),
    ],
)
def test_a_path_finds_its_endpoint(raw: str, expected: tuple[str, dict[str, str]] | None) -> None:
    assert found(TREE, raw) == expected


def test_two_answers_to_one_method_of_a_path_are_refused() -> None:
    with pytest.raises(ValueError, match="answered twice"):
        router(("GET", "/a/{x}"), ("GET", "/a/{x}"))


def test_two_names_for_one_parameter_are_refused() -> None:
    with pytest.raises(ValueError, match="other names"):
        router(("GET", "/a/{x}"), ("POST", "/a/{y}"))


async def test_a_literal_segment_comes_before_a_parameter(client: httpx.AsyncClient) -> None:
    answer = await client.get("/kyc/sessions/me", headers={"Authorization": KEY})
    assert answer.json()["tenant_id"] == "t_1"
