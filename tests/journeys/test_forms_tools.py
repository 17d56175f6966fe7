"""The tools, driven by the official MCP client from upload to download; and what is said to strangers."""

import base64
from typing import Any

import httpx
import pytest

from journeys.applicants import Body, Developer, by_label, good, w9
from journeys.running import Running

pytestmark = pytest.mark.xdist_group("journeys-forms-tools")
OFFERED = {
    "list_forms", "get_form", "create_form", "delete_form", "fill_form", "fill_form_from_context", "get_job",
    "get_usage", "open_session", "get_session", "session_turn", "confirm_field", "skip_field", "decline_field",
    "render_session", "read_form", "verify_form", "suggest_mapping", "fill_batch", "get_batch",
}  # fmt: skip


@pytest.fixture(scope="module")
def developer(server: Running) -> Developer:
    return Developer(server)


def fetched(address: str) -> bytes:
    """A document at its signed address: no key is sent."""
    answer = httpx.get(address, trust_env=False, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.content


class Caller:
    """Calls tools, and takes errors for what they are."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def __call__(self, name: str, **arguments: Any) -> Body:
        found = await self._client.call_tool(name, arguments)
        assert not found.is_error, found.structured_content
        told: Body = found.structured_content
        return told

    async def refused(self, name: str, **arguments: Any) -> str:
        found = await self._client.call_tool(name, arguments)
        assert found.is_error
        assert set(found.structured_content) >= {"code", "message"}
        return str(found.structured_content["code"])


async def test_the_official_client_goes_from_upload_to_download(developer: Developer) -> None:
    import httpx2
    from mcp.client import Client
    from mcp.client.streamable_http import streamable_http_client

    headers = {"Authorization": f"Bearer {developer.tenant.api_key}"}
    address = developer.server.url + "/mcp"
    async with (
        httpx2.AsyncClient(headers=headers, timeout=120, trust_env=False) as http,
        Client(streamable_http_client(address, http_client=http)) as client,
    ):
        assert {tool.name for tool in (await client.list_tools()).tools} == OFFERED
        call = Caller(client)
        form_id = await _made(call)
        await _filled_by_value(call, form_id)
        await _filled_by_talking(call, form_id)
        await _filled_from_context(call, form_id)
        await _refusals(call, form_id)
        assert (await call("delete_form", form_id=form_id))["deleted"] is True
        assert await call.refused("get_form", form_id=form_id) == "not_found"


async def _made(call: Caller) -> str:
    made = await call("create_form", pdf_base64=base64.b64encode(w9()).decode(), title="Our W-9")
    assert (made["state"], made["title"], made["field_count"]) == ("ready", "Our W-9", 23)
    assert set(made["fields"][0]) == {"id", "label", "kind", "required", "options", "group", "description"}
    assert fetched(made["download_url"]).startswith(b"%PDF-")
    listed = await call("list_forms", limit=1)
    assert [form["id"] for form in listed["forms"]] == [made["id"]]
    form_id: str = made["form_id"]
    return form_id


async def _filled_by_value(call: Caller, form_id: str) -> None:
    values = {"f_001": "Analytical Engines LLC", "Individual/sole proprietor": True, "shoe size": 44}
    found = await call("fill_form", form_id=form_id, values=values)
    assert (found["applied"], found["unmatched"]) == (["f_001", "f_003"], ["shoe size"])
    content = fetched(found["download_url"])
    read = await call("read_form", pdf_base64=base64.b64encode(content).decode(), form_id=form_id)
    assert {field["id"]: field["value"] for field in read["fields"] if field["filled"]} == {
        "f_001": "Analytical Engines LLC",
        "f_003": True,
    }


async def _filled_by_talking(call: Caller, form_id: str) -> None:
    opened = await call("open_session", form_id=form_id)
    session_id = opened["session_id"]
    turn = await call("session_turn", session_id=session_id, message="My EIN is 12-3456789 and I am an LLC.")
    box = by_label({"fields": opened["fields"]}, "LLC. Enter")
    assert box in turn["updated"]
    for name in turn["updated"]:
        assert (await call("confirm_field", session_id=session_id, field_id=name))["field"]["state"] == "confirmed"
    await call("skip_field", session_id=session_id, field_id="f_002")
    await call("decline_field", session_id=session_id, field_id="f_010")
    states = {field["id"]: field["state"] for field in (await call("get_session", session_id=session_id))["fields"]}
    assert (states[box], states["f_002"], states["f_010"]) == ("confirmed", "skipped", "declined")
    rendered = await call("render_session", session_id=session_id)
    assert rendered["status"] == "completed"
    assert fetched(rendered["download_url"]).startswith(b"%PDF-")


async def _filled_from_context(call: Caller, form_id: str) -> None:
    text = "Business name: Harbor Bakery Ltd\nEIN: 12-3456789"
    begun = await call("fill_form_from_context", form_id=form_id, context_text=text)
    found: Body = {}
    while found.get("status") not in ("ready", "failed"):
        found = await call("get_job", job_id=begun["job_id"])
    assert found["status"] == "ready", found
    assert fetched(found["download_url"]).startswith(b"%PDF-")


async def _refusals(call: Caller, form_id: str) -> None:
    assert await call.refused("fill_form", form_id=form_id, values={"shoe size": 44}) == "nothing_to_fill"
    assert await call.refused("fill_form", form_id=form_id, values={"f_001": "x"}, flatten=True) == "bad_request"
    assert await call.refused("create_form", pdf_url="https://example.net/a.pdf") == "bad_request"
    assert await call.refused("create_form", pdf_base64="no base64!") == "bad_request"
    assert await call.refused("create_form", pdf_base64=base64.b64encode(b"GIF89a").decode()) == "unsupported_file"
    assert await call.refused("get_form", form_id="form_1") == "not_found"
    assert await call.refused("list_forms", state="some") == "bad_request"
    assert await call.refused("fill_form_from_context", form_id=form_id) == "bad_request"


def test_strangers_are_told_how_to_come_in(server: Running) -> None:
    for client in (server.client(), server.client({"Authorization": "Bearer sk_live_nothing"})):
        answer = client.post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
        assert answer.status_code == 401
        assert answer.json() == {"error": "invalid_token", "error_description": "Authentication required"}
        assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token"')


def test_what_is_no_message_of_the_protocol_is_told(developer: Developer) -> None:
    def post(body: bytes) -> httpx.Response:
        return developer.http.post("/mcp", content=body, headers={"Content-Type": "application/json"})

    for body, code in ((b"{", -32700), (b"[]", -32600), (b'{"jsonrpc":"1.0"}', -32600)):
        answer = post(body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert post(b'{"jsonrpc":"2.0","method":"notifications/initialized"}').status_code == 202
    unknown = post(b'{"jsonrpc":"2.0","id":"a","method":"resources/list"}').json()
    assert (unknown["id"], unknown["error"]["code"]) == ("a", -32601)
    assert post(b'{"jsonrpc":"2.0","id":1,"method":"ping"}').json()["result"] == {}
    assert developer.http.get("/mcp").status_code == 405


def test_a_key_that_may_only_read_calls_no_tool_that_writes(developer: Developer) -> None:
    key = developer.server.key(developer.tenant.tenant_id, "forms:read")
    client = developer.server.staff(key)
    form_id = developer.form()
    for name, arguments, error in (
        ("list_forms", {}, False),
        ("delete_form", {"form_id": form_id}, True),
    ):
        params = {"name": name, "arguments": arguments}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        assert good(client.post("/mcp", json=body))["result"]["isError"] is error
    assert client.delete(f"/forms/{form_id}").status_code == 403


def test_a_batch_is_filled_by_tools(developer: Developer) -> None:
    def call(name: str, **arguments: Any) -> Body:
        params = {"name": name, "arguments": arguments}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        result = good(developer.http.post("/mcp", json=body))["result"]
        assert not result["isError"], result
        told: Body = result["structuredContent"]
        return told

    def refused_as(name: str, **arguments: Any) -> str:
        params = {"name": name, "arguments": arguments}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        result = good(developer.http.post("/mcp", json=body))["result"]
        assert result["isError"], result
        code: str = result["structuredContent"]["code"]
        return code

    form_id = developer.form()
    table = "f_001,Individual/sole proprietor\nAda,x\nBea,\n"
    assert call("suggest_mapping", form_id=form_id, csv_text=table)["unmapped_columns"] == []
    found = call("fill_batch", form_id=form_id, csv_text=table)  # so few rows are done within the call
    assert call("get_batch", batch_id=found["batch_id"])["status"] == "complete"
    assert (found["status"], found["total"], found["filled"], found["failed"]) == ("complete", 2, 2, 0)
    assert fetched(found["results"][1]["pdf_url"]).startswith(b"%PDF-")
    assert fetched(found["zip_url"]).startswith(b"PK")
    for tool in ("fill_batch", "suggest_mapping"):
        assert refused_as(tool, form_id=form_id, csv_url="https://example.com/rows.csv") == "bad_request"
        assert refused_as(tool, form_id=form_id) == "bad_request"
