"""Who takes part in an onboarding journey: a tenant's app and its server, a user at a bank, and the bank itself."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from frontdesk.cli.sandbox.bank import Bank
from frontdesk.cli.sandbox.person import Person
from frontdesk.cli.sandbox.running import beside
from frontdesk.config import Settings
from frontdesk.kernel.tenants import NewTenant
from journeys.people import photo
from journeys.running import Running, Serving, TickingClock
from journeys.searching import search
from journeys.watching import Description

AISP, PISP, DEPOSIT = "demobank_ro_aisp_sbx_#1.0", "demobank_ro_pisp_sbx_#1.0", "demobank_ro_depo_sbx_#1.0"
USER = "cust-88213"
BACK = "myapp://bank-done"
FORM = {"value": "25000", "currency": "EUR", "period": "6"}
PERSON = {"first_name": "Ana", "last_name": "Pop", "email": "ana@example.net", "phone": "+40 721 555 221"}
PAYMENT = [
    {
        "payment_info_id": "P-1",
        "requested_execution_date": "2031-01-05",
        "debtor": {"name": "Ana Pop"},
        "credit_transfers": [
            {
                "end_to_end_id": "INV-7781",
                "instructed_amount": {"amount": "49.90", "currency": "RON"},
                "creditor": {"name": "Shop SRL"},
                "creditor_account": {"scheme_name": "IBAN", "identification": "RO49AAAA1B31007593840000"},
                "remittance_information": "Order 7781",
            }
        ],
    }
]
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
Body = dict[str, Any]


@dataclass
class World:
    """A server and the bank that its skills talk to."""

    server: Running
    bank: Bank


@contextmanager
def world(settings: Settings) -> Iterator[World]:
    """Both run for as long as the context lasts, by one clock. No journey may leave a fault in the log, nor anything
    that opens something in a place where it has no business."""
    clock = TickingClock()
    bank = Bank(clock=clock)
    with beside(settings, "127.0.0.1", bank) as named:
        serving = Serving(named, clock)
        try:
            found = serving.running
            with found.client() as client:
                found.watch.description = Description(client.get("/openapi.json").json())
            yield World(found, bank)
            assert found.journal.faults == []
            search(found)
        finally:
            for client in serving.running.clients:
                client.close()
            serving.stop()


class App:
    """A tenant's app and its server, in one."""

    def __init__(self, server: Running, tenant: NewTenant | None = None) -> None:
        self.server = server
        self.tenant = tenant or server.tenant()
        # Not the server's own client: what that watches for is identity checks.
        hooks: Any = {"response": [server.given]}
        self.http = httpx.Client(base_url=server.url, timeout=120, trust_env=False, event_hooks=hooks)
        server.clients.append(self.http)
        server.given.texts |= {self.tenant.client_app_key, self.tenant.client_secret}

    @property
    def client_id(self) -> str:
        return self.tenant.client_id

    def post(self, path: str, body: Any = None, *, repeat: str | None = None, **more: Any) -> httpx.Response:
        """A call; its answer is held against the description, and its headers against section 3.0."""
        headers = {**more.pop("headers", {}), **({"Idempotency-Key": repeat} if repeat is not None else {})}
        if body is not None:
            more["json"] = body
        response = self.http.post(path, headers=headers, **more)
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-request-id"]
        description = self.server.watch.description
        assert description is not None
        if response.status_code not in (404, 405) or "/sessions/" in path:
            description.check("POST", path, response.status_code, response.json())
        return response

    def begun(self, skill: str = DEPOSIT, user: str = USER, **more: Any) -> httpx.Response:
        body = {
            "tenant_user_id": user,
            "client_id": self.client_id,
            "client_app_key": self.tenant.client_app_key,
            "skill": skill,
        }
        return self.post("/v1/sessions", {**body, **more})

    def begin(self, skill: str = DEPOSIT, user: str = USER) -> "Walk":
        started = good(self.begun(skill, user))
        return Walk(self, skill, started["session_id"], started["nonce"])

    def secret(self, **more: Any) -> Body:
        return {"client_id": self.client_id, "client_secret": self.tenant.client_secret, **more}

    def exchanged(self, temp_token: str, **more: Any) -> httpx.Response:
        return self.post("/v1/tokens", self.secret(temp_token=temp_token), **more)

    def exchange(self, temp_token: str) -> Body:
        """The body that opens what was granted, without the user."""
        found = good(self.exchanged(temp_token))
        return self.secret(credentials_id=found["credentials_id"], access_token=found["access_token"])

    def implicit(self, user: str = USER) -> Body:
        """A consent without a browser."""
        walk = self.begin(AISP, user)
        return self.exchange(good(walk.submit("sca_implicit"))["temp_token"])

    def read(self, path: str, holder: Body, user: str = USER, **more: Any) -> httpx.Response:
        return self.post(path, {**holder, "tenant_user_id": user, **more})


class Walk:
    """A session on its way: it goes on with the newest nonce."""

    def __init__(self, app: App, skill: str, session_id: str, nonce: str) -> None:
        self.app, self.skill, self.session_id, self.nonce = app, skill, session_id, nonce
        self.spent = ""
        self.step_id = ""

    def body(self, step: str, data: Any = None, **more: Any) -> Body:
        sent = {"client_id": self.app.client_id, "nonce": self.nonce, "skill": self.skill, "step": step}
        return {**sent, "data": {} if data is None else data, **more}

    def submit(self, step: str, data: Any = None, *, repeat: str | None = None, **more: Any) -> httpx.Response:
        path = f"/v1/sessions/{self.session_id}/steps"
        response = self.app.post(path, self.body(step, data, **more), repeat=repeat)
        if response.is_success:
            found = response.json()
            self.spent, self.nonce, self.step_id = self.nonce, found.get("nonce", ""), found["step_id"]
        return response

    def upload(self, name: str, content: bytes | None = None, **more: Any) -> httpx.Response:
        fields = {"client_id": self.app.client_id, "nonce": self.spent, "name": name, **more}
        file = {"file": (f"{name}.jpg", photo() if content is None else content, "image/jpeg")}
        return self.app.post(f"/v1/steps/{self.step_id}/upload", data=fields, files=file)

    def look(self) -> Body:
        return good(self.app.post("/v1/sessions/get", self.app.secret(session_id=self.session_id)))

    def to_code(self) -> "Walk":
        """Through the deposit as far as the code."""
        good(self.submit("product_form", FORM))
        good(self.submit("personal_data", PERSON))
        good(self.upload("id_front"))
        good(self.submit("sms_request"))
        return self

    def to_bank(self, back: str = BACK) -> str:
        """The link to the bank."""
        found = good(self.submit("sca", {"psu_redirect_link": back}))
        assert set(found["data"]) == {"method", "url", "headers"}
        return str(found["data"]["url"])

    def come_back(self, link: str, *, agrees: bool = True, user: str = "ana.pop") -> httpx.Response:
        """The user decides at the bank, and comes back to us: the answer that sends the browser on."""
        return self.app.http.get(self.at_bank(link, agrees=agrees, user=user))

    def at_bank(self, link: str, *, agrees: bool = True, user: str = "ana.pop") -> str:
        """Where the bank sends the user."""

        async def visit() -> str:
            async with Person(user) as person:
                return await (person.agree(link) if agrees else person.refuse(link))

        return asyncio.run(visit())


def good(response: httpx.Response) -> Any:
    """The body of a success."""
    assert response.status_code == 200, f"{response.status_code} {response.text}"
    return response.json()


def refused(response: httpx.Response, status: int, code: str) -> Body:
    """The body of a refusal, as section 6 has it."""
    body: Body = response.json()
    assert (response.status_code, body["code"]) == (status, code), f"{response.status_code} {response.text}"
    assert set(body) == {"id", "type", "http", "code", "message"}
    assert body["http"] == status
    assert body["id"] == response.headers["x-request-id"]
    wanted = "unauthorized" if status == 401 else "internal_error" if status >= 500 else "invalid_request"
    assert body["type"] == ("external_api_error" if code.startswith("external_api") else wanted)
    return body
