"""What the bank tells programs that call it wrongly; what it does when it is called rightly is the port's contract."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from frontdesk.cli.sandbox.bank import Bank
from frontdesk.cli.sandbox.running import application

BEGINNING = {"key": "k-1", "user": "ana.pop", "return_to": "https://desk.example/back", "state": "s-1"}
CONSENT = {
    "beginning": BEGINNING,
    "access": ["accounts"],
    "until": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
}


async def posted(path: str, told: Any, method: str = "POST") -> httpx.Response:
    content = told if isinstance(told, bytes) else json.dumps(told).encode()
    transport = httpx.ASGITransport(application(Bank()))
    async with httpx.AsyncClient(transport=transport, base_url="http://bank.example") as client:
        return await client.request(method, path, content=content)


@pytest.mark.parametrize("path", ["/api/consents", "/api/payments", "/api/grants"])
@pytest.mark.parametrize(
    ("told", "status"), [(b"", 400), (b"{", 400), (b"[]", 422), (b"{}", 422), (b"x" * 70_000, 413)], ids=repr
)
async def test_what_is_no_request_is_refused(path: str, told: bytes, status: int) -> None:
    answer = await posted(path, told)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message"}


async def test_a_request_is_answered_with_the_way_to_the_bank() -> None:
    answer = await posted("/api/consents", CONSENT)
    assert answer.status_code == 201
    assert answer.json()["url"].startswith("/authorize?response_type=code&request=")


@pytest.mark.parametrize(
    "changed",
    [
        {"return_to": "javascript:alert(1)"},
        {"return_to": "myapp://done"},
        {"return_to": "https://desk.example/back#part"},
        {"return_to": "/back"},
        {"return_to": ""},
        {"state": ""},
        {"key": ""},
    ],
    ids=repr,
)
async def test_a_visitor_must_have_somewhere_to_go_back_to(changed: dict[str, str]) -> None:
    assert (await posted("/api/consents", CONSENT | {"beginning": BEGINNING | changed})).status_code == 422


@pytest.mark.parametrize("told", [{}, {"fault": "odd"}, {"fault": "down", "calls": ["odd"]}], ids=repr)
async def test_a_fault_is_one_of_those_that_there_are(told: dict[str, Any]) -> None:
    assert (await posted("/api/faults", told, "PUT")).status_code == 422
