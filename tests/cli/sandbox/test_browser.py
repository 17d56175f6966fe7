"""A person with a real browser at the sandbox bank: there, through the pages, and back over two other origins."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page

from browsing import PHONE, WIDE, chromium, overflows, visiting
from frontdesk.cli.listening import listen
from frontdesk.cli.sandbox.bank import Bank
from frontdesk.cli.sandbox.running import serving
from frontdesk.cli.sandbox.visits import Visit
from frontdesk.ports.bank_records import AccountNumber, Beginning, ConsentRequest, PaymentRequest, Transfer

pytestmark = pytest.mark.xdist_group("browser")


class Desk(BaseHTTPRequestHandler):
    """Stands where the desk and the app are: `/back` goes on to another origin, as the desk goes on to the app."""

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        if where.path == "/back":
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{self.server.server_port}/app?{where.query}")  # type: ignore[attr-defined]
        else:
            self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def desk() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/back"
        server.shutdown()


@contextmanager
def bank_with(request: ConsentRequest | PaymentRequest) -> Iterator[tuple[Visit, str]]:
    """A running bank that was asked for something, and the link to there."""
    bank = Bank()
    visit = bank.visits.begin(request, datetime.now(UTC))
    assert visit is not None
    with listen("127.0.0.1", 0) as listener, serving(bank, listener.socket):
        yield visit, f"{listener.url}/authorize?request={visit.id}"


def consent(desk: str) -> ConsentRequest:
    until = datetime.now(UTC) + timedelta(days=90)
    return ConsentRequest(Beginning(str(uuid4()), "cust-1", desk, "s-1"), ("accounts", "balances"), until)


def sign_in(page: Page, user: str = "ana.pop") -> None:
    page.get_by_label("User name").fill(user)
    page.get_by_label("Password").fill("sandbox")
    page.get_by_role("button", name="Sign in").click()


def arrived(page: Page) -> dict[str, list[str]]:
    """What the app was told, once the browser is there."""
    page.wait_for_url("http://localhost:*/app?*")
    return parse_qs(urlsplit(page.url).query)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_person_shares_one_account_and_is_back_at_the_app(browser: Browser, desk: str, size: tuple[int, int]) -> None:
    with bank_with(consent(desk)) as (visit, link), visiting(browser, size) as page:
        page.goto(link)
        assert not overflows(page)
        sign_in(page)
        assert not overflows(page)
        boxes = page.get_by_role("checkbox")
        for number in range(1, boxes.count()):
            boxes.nth(number).uncheck()
        page.get_by_role("button", name="Share", exact=True).click()
        assert arrived(page) == {"state": ["s-1"], "code": [visit.code]}
        assert len(visit.account_ids) == 1


def test_a_person_refuses_and_is_back_at_the_app(browser: Browser, desk: str) -> None:
    with bank_with(consent(desk)) as (visit, link), visiting(browser, PHONE) as page:
        page.goto(link)
        page.get_by_role("button", name="Cancel and go back").click()
        assert arrived(page)["error"] == ["access_denied"]
        assert visit.decision == "refused"


def test_the_back_button_changes_nothing(browser: Browser, desk: str) -> None:
    with bank_with(consent(desk)) as (visit, link), visiting(browser) as page:
        page.goto(link)
        sign_in(page)
        page.get_by_role("button", name="Share", exact=True).click()
        first = arrived(page)
        page.goto(link)
        assert arrived(page) == first
        assert visit.code == first["code"][0]


def test_a_wrong_password_is_told_where_it_was_typed(browser: Browser, desk: str) -> None:
    with bank_with(consent(desk)) as (_, link), visiting(browser, PHONE) as page:
        page.goto(link)
        page.get_by_label("User name").fill("ana.pop")
        page.get_by_label("Password").fill("guess")
        page.keyboard.press("Enter")
        assert "not the password" in page.get_by_role("alert").inner_text()
        assert page.get_by_label("User name").input_value() == "ana.pop"
        assert page.evaluate("document.activeElement.id") == "password"


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_person_pays(browser: Browser, desk: str, size: tuple[int, int]) -> None:
    creditor = AccountNumber("IBAN", "RO09DEMO0000000000000002")
    lines = (
        Transfer(Decimal("49.90"), "RON", "Shop SRL", creditor, remittance="Order 7781"),
        Transfer(Decimal("1200.00"), "RON", "AVeryLongNameWithoutAnySpaceThatGoesOnAndOnAndOnAndOnSrl", creditor),
    )
    request = PaymentRequest(Beginning(str(uuid4()), "cust-1", desk, "s-1"), lines)
    with bank_with(request) as (visit, link), visiting(browser, size) as page:
        page.goto(link)
        sign_in(page)
        assert not overflows(page)
        page.get_by_role("button", name="Pay", exact=True).click()
        assert arrived(page)["code"] == [visit.code]
