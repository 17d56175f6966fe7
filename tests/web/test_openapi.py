"""The published description."""

from typing import Any

import httpx
import jsonschema_rs
import pytest
import schemathesis

from web.world import World


@pytest.fixture
def description() -> dict[str, Any]:
    return World().description()


def test_it_is_the_same_each_time(description: dict[str, Any]) -> None:
    assert World().description() == description


def test_it_is_valid_by_the_meta_schema(description: dict[str, Any]) -> None:
    schemathesis.openapi.from_dict(description).validate()


def test_the_meta_schema_finds_a_fault(description: dict[str, Any]) -> None:
    del description["paths"]["/kyc/me"]["get"]["security"]
    description["paths"]["/kyc/me"]["get"]["responses"]["200"] = {"content": {}}
    with pytest.raises(jsonschema_rs.ValidationError):
        schemathesis.openapi.from_dict(description).validate()


def test_every_operation_has_its_own_name_and_an_answer(description: dict[str, Any]) -> None:
    operations = [each for item in description["paths"].values() for each in item.values()]
    names = [each["operationId"] for each in operations]
    assert len(names) == len(set(names))
    assert all(each["responses"] for each in operations)


def test_every_path_parameter_is_described(description: dict[str, Any]) -> None:
    for path, item in description["paths"].items():
        for operation in item.values():
            named = {each["name"] for each in operation.get("parameters", []) if each["in"] == "path"}
            assert named == {part[1:-1] for part in path.split("/") if part.startswith("{")}


def test_every_schema_is_valid_and_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    found: list[dict[str, Any]] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            found.append(node)
            for below in node.values():
                walk(below)
        elif isinstance(node, list):
            for below in node:
                walk(below)

    walk(description)
    references = [node["$ref"] for node in found if "$ref" in node]
    assert references
    for reference in references:
        assert reference.removeprefix("#/components/schemas/") in description["components"]["schemas"]
    for node in found:
        if "schema" in node:
            jsonschema_rs.Draft202012Validator({**node["schema"], "components": description["components"]})


def test_a_body_shows_its_type_and_example(description: dict[str, Any]) -> None:
    content = description["paths"]["/greetings"]["post"]["requestBody"]["content"]["application/json"]
    assert content == {"schema": {"$ref": "#/components/schemas/Person"}, "example": {"name": "Ida"}}


def test_refusals_show_the_surfaces_error_body(description: dict[str, Any]) -> None:
    responses = description["paths"]["/greetings"]["post"]["responses"]
    shown = {status: each["content"]["application/json"]["schema"]["$ref"] for status, each in responses.items()}
    assert shown["400"].endswith("/CheckedBody")
    assert shown["429"].endswith("/Flat")


def test_only_endpoints_with_a_key_ask_for_one(description: dict[str, Any]) -> None:
    assert description["paths"]["/kyc/me"]["get"]["security"] == [{"apiKey": []}]
    assert description["paths"]["/public/sessions/{access_token}"]["get"]["security"] == []


def test_what_is_hidden_is_left_out(description: dict[str, Any]) -> None:
    assert "/kyc/broken" not in description["paths"]
    assert "/docs/explorer.js" not in description["paths"]


class TestGetOpenapi:
    async def test_it_is_served_as_json(self, world: World) -> None:
        async with world.client() as client:
            answer: httpx.Response = await client.get("/openapi.json")
        assert answer.json() == world.description()
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-cache"
