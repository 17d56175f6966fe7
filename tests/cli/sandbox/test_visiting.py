"""The bank's pages: what they ask, what they carry, and whom they do not believe."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from frontdesk.cli.sandbox.bank import Bank
from frontdesk.cli.sandbox.person import Page
from frontdesk.cli.sandbox.running import application
from frontdesk.cli.sandbox.visiting import COOKIE, back_to
from frontdesk.cli.sandbox.visits import VISIT_FOR, Visit
from frontdesk.ports.bank_records import AccountNumber, Beginning, ConsentRequest, PaymentRequest, Transfer

NOW = datetime(2031, 1, 20, 12, 0, tzinfo=UTC)
BACK = "https://desk.example/v1/redirects/aisp?tenant=7"
SIGNED_IN = {"user": "ana.pop", "password": "sandbox"}


class At:
    """A clock that stands still until it is moved."""

    at = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class Desk:
    """A bank, its clock, and a visit that was asked for."""

    bank: Bank
    clock: At
    visit: Visit

    @property
    def path(self) -> str:
        return f"/authorize?request={self.visit.id}"

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[httpx.AsyncClient]:
        transport = httpx.ASGITransport(application(self.bank))
        async with httpx.AsyncClient(transport=transport, base_url="http://bank.example") as client:
            yield client

    async def post(self, browser: httpx.AsyncClient, action: str, /, **fields: Any) -> httpx.Response:
        """Fill the form of the page that the visit shows now."""
        marks = {"decision": fields.pop("decision")} if "decision" in fields else {}
        page = Page("", (await browser.get(self.path)).text)
        filled = [(name, text) for name, text in page.form(action, **marks) if name not in fields]
        sent = filled + [(name, text) for name, text in fields.items() if text is not None]
        content = str(httpx.QueryParams(sent))
        return await browser.post(
            action, content=content, headers={"Content-Type": "application/x-www-form-urlencoded"}
        )


def begun(bank: Bank, request: ConsentRequest | PaymentRequest) -> Visit:
    visit = bank.visits.begin(request, NOW)
    assert visit is not None
    return visit


def asked(**others: Any) -> ConsentRequest:
    usual: dict[str, Any] = {"access": ("accounts", "balances"), "until": NOW + timedelta(days=90)}
    return ConsentRequest(Beginning("key-1", "cust-1", BACK, "state-1"), **(usual | others))


@pytest.fixture
def desk() -> Desk:
    clock = At()
    bank = Bank(clock=clock)
    return Desk(bank, clock, begun(bank, asked()))


class TestSigningIn:
    async def test_a_person_is_asked_who_it_is(self, desk: Desk) -> None:
        async with desk.browser() as browser:
            answer = await browser.get(desk.path)
            assert "desk.example" in answer.text
            assert Page("", answer.text).has("/sign-in")

    async def test_the_cookie_is_for_the_bank_alone(self, desk: Desk) -> None:
        async with desk.browser() as browser:
            told = (await browser.get(desk.path)).headers["set-cookie"]
            assert "HttpOnly" in told
            assert "SameSite=lax" in told
            assert "Secure" not in told
        desk.bank.secure = True
        async with desk.browser() as browser:
            assert "Secure" in (await browser.get(desk.path)).headers["set-cookie"]

    async def test_it_has_another_name_after_signing_in(self, desk: Desk) -> None:
        async with desk.browser() as browser:
            planted = (await browser.get(desk.path)).cookies[COOKIE]
            answer = await desk.post(browser, "/sign-in", **SIGNED_IN)
            assert answer.status_code == 303
            assert browser.cookies[COOKIE] != planted
            assert planted not in desk.bank.sittings

    @pytest.mark.parametrize(
        ("user", "password"),
        [("ana.pop", "wrong"), ("ana.pop", ""), ("", "sandbox"), ("x" * 65, "sandbox"), ("a\0b", "sandbox")],
    )
    async def test_a_mistake_is_told(self, desk: Desk, user: str, password: str) -> None:
        async with desk.browser() as browser:
            answer = await desk.post(browser, "/sign-in", user=user, password=password)
            assert answer.status_code == 422
            assert 'role="alert"' in answer.text
            assert Page("", (await browser.get(desk.path)).text).has("/sign-in")

    async def test_what_was_typed_comes_back_as_text(self, desk: Desk) -> None:
        async with desk.browser() as browser:
            answer = await desk.post(browser, "/sign-in", user='"><script>x</script>', password="wrong")
            assert "<script" not in answer.text
            assert "&quot;&gt;&lt;script&gt;" in answer.text

    async def test_somebody_else_may_sign_in(self, desk: Desk) -> None:
        async with desk.browser() as browser:
            await desk.post(browser, "/sign-in", **SIGNED_IN)
            assert (await desk.post(browser, "/sign-out")).status_code == 303
            assert Page("", (await browser.get(desk.path)).text).has("/sign-in")


class TestDeciding:
    async def test_who_agrees_goes_back_with_state_and_code(self, desk: Desk) -> None:
        async with desk.browser() as browser:
            await desk.post(browser, "/sign-in", **SIGNED_IN)
            answer = await desk.post(browser, "/decide", decision="allow")
            where = httpx.URL(answer.headers["location"])
            assert answer.status_code == 303
            assert (where.host, where.path) == ("desk.example", "/v1/redirects/aisp")
            assert dict(where.params) == {"tenant": "7", "state": "state-1", "code": desk.visit.code}

    async def test_who_refuses_goes_back_with_an_error(self, desk: Desk) -> None:
        async with desk.browser() as browser:
            answer = await desk.post(browser, "/decide", decision="refuse")
            where = httpx.URL(answer.headers["location"])
            assert where.params["error"] == "access_denied"
            assert where.params["state"] == "state-1"
            assert "code" not in where.params

    async def test_twice_is_the_same_as_once(self, desk: Desk) -> None:
        async with desk.browser() as browser:
            await desk.post(browser, "/sign-in", **SIGNED_IN)
            form = Page("", (await browser.get(desk.path)).text).form("/decide", decision="allow")
            no = [(name, "refuse" if name == "decision" else text) for name, text in form]
            first, second, third = [
                await browser.post("/decide", content=str(httpx.QueryParams(each))) for each in (form, form, no)
            ]
            assert first.headers["location"] == second.headers["location"] == third.headers["location"]
            assert (await browser.get(desk.path)).headers["location"] == first.headers["location"]

    async def test_nobody_agrees_without_signing_in_or_without_an_account(self, desk: Desk) -> None:
        async with desk.browser() as browser:
            known = Page("", (await browser.get(desk.path)).text).form("/decide", decision="refuse")
            form = [(name, "allow" if name == "decision" else text) for name, text in known]
            await browser.post("/decide", content=str(httpx.QueryParams(form)))
            assert desk.visit.decision == "open"
            await desk.post(browser, "/sign-in", **SIGNED_IN)
            await desk.post(browser, "/decide", decision="allow", account=None)
            await desk.post(browser, "/decide", decision="allow", account="of somebody else")
            assert desk.visit.decision == "open"

    async def test_only_the_accounts_that_were_asked_for_are_offered(self, desk: Desk) -> None:
        desk.visit = begun(desk.bank, ConsentRequest(Beginning("k2", "u", BACK, "s"), ("accounts",), NOW, ("RO00",)))
        async with desk.browser() as browser:
            await desk.post(browser, "/sign-in", **SIGNED_IN)
            page = await browser.get(desk.path)
            assert "none of the accounts" in page.text
            assert (await desk.post(browser, "/decide", decision="refuse")).status_code == 303

    async def test_a_payment_shows_what_is_paid_to_whom(self, desk: Desk) -> None:
        creditor = AccountNumber("IBAN", "RO09DEMO0000000000000002")
        lines = [
            Transfer(Decimal(amount), "RON", "<b>Shop</b> SRL", creditor, remittance="Order 7781")
            for amount in ("1200.00", "49.90")
        ]
        desk.visit = begun(desk.bank, PaymentRequest(Beginning("k3", "u", BACK, "s"), tuple(lines)))
        async with desk.browser() as browser:
            await desk.post(browser, "/sign-in", **SIGNED_IN)
            text = re.sub(r"[\u202f\u00a0]", " ", (await browser.get(desk.path)).text)
            for shown in ("1 249.90 RON", "49.90 RON", "RO09 DEMO 0000", "&lt;b&gt;Shop", "Order 7781"):
                assert shown in text
            assert text.count('type="radio"') == 1


class TestTakingBack:
    async def test_a_consent_is_taken_back_at_the_bank(self, desk: Desk) -> None:
        async with desk.browser() as browser:
            await desk.post(browser, "/sign-in", **SIGNED_IN)
            await desk.post(browser, "/decide", decision="allow")
            form = Page("", (await browser.get("/")).text).form("/take-back")
            await browser.post("/take-back", content=str(httpx.QueryParams(form)))
            assert desk.visit.is_revoked
            assert not Page("", (await browser.get("/")).text).has("/take-back")

    async def test_nobody_takes_back_what_is_not_theirs(self, desk: Desk) -> None:
        desk.bank.visits.allow(desk.visit, "maria", ("a",), NOW)
        async with desk.browser() as browser:
            name, sitting = desk.bank.sit("ana.pop")
            browser.cookies.set(COOKIE, name)
            form = {"request": desk.visit.id, "csrf": sitting.csrf}
            await browser.post("/take-back", data=form)
        assert not desk.visit.is_revoked


class TestWhomItDoesNotBelieve:
    @pytest.mark.parametrize("action", ["/sign-in", "/sign-out", "/decide", "/take-back"])
    async def test_a_form_of_another_site_is_refused(self, desk: Desk, action: str) -> None:
        async with desk.browser() as browser:
            await desk.post(browser, "/sign-in", **SIGNED_IN)
            for csrf in ("", "guessed", "é"):
                form = {"request": desk.visit.id, "decision": "allow", "csrf": csrf, **SIGNED_IN}
                assert (await browser.post(action, data=form)).status_code == 403
        async with desk.browser() as stranger:
            assert (await stranger.post(action, data={"request": desk.visit.id})).status_code == 403
        assert desk.visit.decision == "open"

    async def test_a_link_that_was_changed_is_refused(self, desk: Desk) -> None:
        async with desk.browser() as browser:
            for changed in ("&state=other", "&redirect_uri=https%3A%2F%2Fevil.example"):
                assert (await browser.get(desk.path + changed)).status_code == 400

    async def test_a_link_is_good_for_an_hour(self, desk: Desk) -> None:
        async with desk.browser() as browser:
            desk.clock.at = NOW + VISIT_FOR
            assert (await browser.get(desk.path)).status_code == 410
            assert (await browser.get("/authorize?request=never")).status_code == 410
            assert (await browser.get("/authorize")).status_code == 410

    async def test_a_form_of_any_size_is_not_read(self, desk: Desk) -> None:
        async with desk.browser() as browser:
            assert (await browser.post("/sign-in", content=b"a=" + b"x" * 70_000)).status_code == 413

    @pytest.mark.parametrize("path", ["/", "/authorize?request=never", "/authorize", "/nothing", "/decide"])
    async def test_every_page_is_guarded(self, desk: Desk, path: str) -> None:
        async with desk.browser() as browser:
            headers = (await browser.get(path)).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert headers["cache-control"] == "no-store"
            assert headers["referrer-policy"] == "same-origin"

    async def test_a_fault_of_its_own_is_a_page_and_tells_nothing(self, desk: Desk) -> None:
        class Stopped:
            def now(self) -> datetime:
                raise RuntimeError("the clock of ana.pop stands still")

        desk.bank.clock = Stopped()
        transport = httpx.ASGITransport(application(desk.bank), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://bank.example") as browser:
            answer = await browser.get(desk.path)
            assert answer.status_code == 500
            assert "ana.pop" not in answer.text
            assert "default-src 'none'" in answer.headers["content-security-policy"]

    async def test_no_page_has_script_or_style_in_it(self, desk: Desk) -> None:
        async with desk.browser() as browser:
            texts = [(await browser.get("/")).text, (await browser.get(desk.path)).text]
            await desk.post(browser, "/sign-in", **SIGNED_IN)
            texts.append((await browser.get(desk.path)).text)
            for text in texts:
                assert not re.search(r"<script|<style|\son\w+=|\sstyle=", text)


@pytest.mark.parametrize(
    ("return_to", "location"),
    [
        ("https://desk.example/back", "https://desk.example/back?state=s+1&code=c"),
        ("https://desk.example/back?a=1&a=2", "https://desk.example/back?a=1&a=2&state=s+1&code=c"),
    ],
)
def test_what_comes_back_is_added_to_the_query(return_to: str, location: str) -> None:
    assert back_to(return_to, state="s 1", code="c") == location
