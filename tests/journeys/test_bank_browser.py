"""A person with a real browser: from the app to the bank, through its pages, over the desk, and back to the app."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page

from browsing import PHONE, WIDE, chromium, overflows, visiting
from frontdesk.cli.listening import listen
from frontdesk.cli.sandbox.bank import Bank
from frontdesk.cli.sandbox.running import serving
from journeys.conftest import SECRET, running
from journeys.running import Running, settings_for, until
from journeys.searching import search

pytestmark = pytest.mark.xdist_group("browser")

ACCOUNTS, PAYMENT = "demobank_ro_aisp_sbx_#1.0", "demobank_ro_pisp_sbx_#1.0"


class App(BaseHTTPRequestHandler):
    """The app's page: it shows nothing, its address has all that it is told."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *_: object) -> None:
        """Say nothing."""


@dataclass
class Tenant:
    """A tenant's app and server, and the bank beside."""

    server: Running
    bank: Bank
    bank_url: str
    app_url: str

    def __post_init__(self) -> None:
        new = self.server.tenant()
        hooks: Any = {"response": [self.server.given]}
        self._client = httpx.Client(base_url=self.server.url, timeout=60, trust_env=False, event_hooks=hooks)
        self.server.clients.append(self._client)
        self._app = {"client_id": new.client_id, "client_app_key": new.client_app_key}
        self._secret = {"client_id": new.client_id, "client_secret": new.client_secret}

    def call(self, path: str, status: int = 200, **body: Any) -> Any:
        answer = self._client.post(path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def begin(self, skill: str) -> dict[str, Any]:
        return {**self.call("/v1/sessions", **self._app, skill=skill, tenant_user_id="cust-1"), "skill": skill}

    def send_to_the_bank(self, session: dict[str, Any], step: str, **data: Any) -> str:
        """Submit the step that leads there; the link. The session has the next nonce then."""
        told = self.call(
            f"/v1/sessions/{session['session_id']}/steps",
            client_id=self._app["client_id"],
            nonce=session["nonce"],
            skill=session["skill"],
            step=step,
            data={"psu_redirect_link": self.app_url, **data},
        )
        session["nonce"] = told["nonce"]
        assert told["data"]["method"] == "GET"
        return str(told["data"]["url"])

    def exchange(self, temp_token: str) -> dict[str, Any]:
        """What opens the consent."""
        told = self.call("/v1/tokens", **self._secret, temp_token=temp_token)
        return {**self._secret, "credentials_id": told["credentials_id"], "access_token": told["access_token"]}

    def standing(self, session: dict[str, Any]) -> str:
        return str(self.call("/v1/sessions/get", **self._secret, session_id=session["session_id"])["status"])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenant]:
    bank = Bank(settles_for=timedelta(seconds=0))
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), App) as app,
        listen("127.0.0.1", 0) as listener,
        serving(bank, listener.socket),
    ):
        threading.Thread(target=app.serve_forever, daemon=True).start()
        settings = settings_for(tmp_path_factory.mktemp("server"), secret_key=SECRET, bank_url=listener.url)
        for server in running(settings, settable=False):
            yield Tenant(server, bank, listener.url, f"http://localhost:{app.server_port}/done?app=1#top")
            search(server)
        app.shutdown()


def sign_in(page: Page) -> None:
    page.get_by_label("User name").fill("ana.pop")
    page.get_by_label("Password").fill("sandbox")
    page.get_by_role("button", name="Sign in").click()


def told(page: Page) -> dict[str, str]:
    """What the app was told, once the browser is back there."""
    page.wait_for_url("http://localhost:*/done?*")
    where = urlsplit(page.url)
    assert where.fragment == "top"
    query = {name: texts[0] for name, texts in parse_qs(where.query).items()}
    assert query.pop("app") == "1"
    return query


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_person_shares_accounts_and_the_tenant_reads_them(
    browser: Browser, tenant: Tenant, size: tuple[int, int]
) -> None:
    session = tenant.begin(ACCOUNTS)
    link = tenant.send_to_the_bank(session, "sca")
    with visiting(browser, size) as page:
        page.goto(link)
        assert not overflows(page)
        sign_in(page)
        assert not overflows(page)
        page.get_by_role("checkbox").last.uncheck()
        kept = page.get_by_role("checkbox").count() - 1
        page.get_by_role("button", name="Share", exact=True).click()
        back = told(page)
        assert set(back) == {"temp_token"}
        page.goto(tenant.bank_url)
        assert page.get_by_role("button", name="Take back").count() >= 1
    assert tenant.standing(session) == "SESSION_COMPLETED"
    consent = tenant.exchange(back["temp_token"])
    reading = {**consent, "tenant_user_id": "cust-1"}
    accounts = tenant.call("/v1/accounts/get", **reading)
    assert len(accounts) == kept
    assert {each["account_id"] for each in tenant.call("/v1/balances/get", **reading)} == {
        each["id"] for each in accounts
    }
    assert len(tenant.call("/v1/transactions/get", **reading)) > 50
    tenant.call("/v1/consents/delete", **consent)
    assert tenant.call("/v1/accounts/get", 401, **reading)["code"] == "inactive_credentials"
    until(lambda: not tenant.bank.visits.given_by("ana.pop", tenant.bank.clock.now()))


def test_a_person_refuses_and_the_app_is_told(browser: Browser, tenant: Tenant) -> None:
    session = tenant.begin(ACCOUNTS)
    link = tenant.send_to_the_bank(session, "sca")
    with visiting(browser, PHONE) as page:
        page.goto(link)
        page.get_by_role("button", name="Cancel and go back").click()
        assert told(page)["error"] == "tpp_redirect_error"
    assert tenant.standing(session) == "SESSION_FAILED"


def test_a_person_who_closed_the_bank_page_gets_another_link(browser: Browser, tenant: Tenant) -> None:
    session = tenant.begin(ACCOUNTS)
    closed = tenant.send_to_the_bank(session, "sca")
    link = tenant.send_to_the_bank(session, "sca")
    with visiting(browser) as page:
        page.goto(closed)
        sign_in(page)
        page.get_by_role("button", name="Share", exact=True).click()
        page.wait_for_url("**/v1/redirects/aisp?*")
        assert "tpp_redirect_error" in page.inner_text("body")
        page.goto(link)
        page.get_by_role("button", name="Share", exact=True).click()
        assert set(told(page)) == {"temp_token"}


def test_going_back_to_a_link_that_was_used_changes_nothing(browser: Browser, tenant: Tenant) -> None:
    session = tenant.begin(ACCOUNTS)
    link = tenant.send_to_the_bank(session, "sca")
    with visiting(browser) as page:
        page.goto(link)
        sign_in(page)
        page.get_by_role("button", name="Share", exact=True).click()
        token = told(page)["temp_token"]
        page.goto(link)
        page.wait_for_url("**/v1/redirects/aisp?*")
        assert "tpp_redirect_error" in page.inner_text("body")
    assert tenant.standing(session) == "SESSION_COMPLETED"
    tenant.exchange(token)


def test_a_person_pays_and_the_tenant_sees_it_settled(browser: Browser, tenant: Tenant) -> None:
    session = tenant.begin(PAYMENT)
    transfer = {
        "instructed_amount": {"amount": "49.90", "currency": "RON"},
        "creditor": {"name": "Shop SRL"},
        "creditor_account": {"scheme_name": "IBAN", "identification": "RO09DEMO0000000000000002"},
        "remittance_information": "Order 7781",
    }
    link = tenant.send_to_the_bank(session, "payment_intent", payment_info=[{"credit_transfers": [transfer]}])
    with visiting(browser, PHONE) as page:
        page.goto(link)
        sign_in(page)
        assert "Shop SRL" in page.inner_text("main")
        assert not overflows(page)
        page.get_by_role("button", name="Pay", exact=True).click()
        token = told(page)["temp_token"]
    paid = tenant.call("/v1/payments/get", **tenant.exchange(token), tenant_user_id="cust-1")
    assert paid["status"] == "ACSC"
    assert paid["payment_info"][0]["credit_transfers"][0]["instructed_amount"]["amount"] == "49.90"


def test_nothing_of_the_way_is_in_the_log(browser: Browser, tenant: Tenant) -> None:
    session = tenant.begin(ACCOUNTS)
    secrets = {session["nonce"]}
    link = tenant.send_to_the_bank(session, "sca")
    visit = tenant.bank.visits.find(parse_qs(urlsplit(link).query)["request"][0])
    assert visit is not None
    with visiting(browser) as page:
        page.goto(link)
        sign_in(page)
        page.get_by_role("button", name="Share", exact=True).click()
        secrets |= {told(page)["temp_token"], session["nonce"], visit.code, visit.grant, visit.request.beginning.state}
    text = repr(tenant.server.journal.lines)
    assert "/v1/redirects/aisp" in text
    assert [secret for secret in secrets if not secret or secret in text] == []
