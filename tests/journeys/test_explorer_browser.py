"""The page at `/docs` in a real browser, wide and on a phone: finding a call, reading it, sending it."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page

from browsing import PHONE, WIDE, chromium, overflows, visiting
from frontdesk.config import Settings
from journeys.conftest import running
from journeys.running import Running

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def server(files: Settings) -> Iterator[Running]:
    yield from running(files)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(params=[WIDE, PHONE], ids=["wide", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, server: Running) -> Iterator[Page]:
    with visiting(browser, request.param) as found:
        found.goto(f"{server.url}/docs")
        found.wait_for_selector("nav details")
        yield found
        assert not overflows(found)


def test_groups_stand_in_the_order_of_the_description(page: Page, server: Running) -> None:
    named = [tag["name"] for tag in httpx.get(f"{server.url}/openapi.json").json()["tags"]]
    shown = [text.rsplit(" ", 1)[0] for text in page.locator("nav summary").all_inner_texts()]
    assert shown == named


def test_a_call_is_found_read_and_sent(page: Page) -> None:
    page.fill("#find", "health")
    page.click("nav a:has-text('/health')")
    page.click("text=Send")
    page.wait_for_selector(".result.good")
    assert page.inner_text(".result .status").startswith("200")
    assert '"status"' in page.inner_text(".result pre >> nth=0")


def test_a_key_is_sent_where_the_call_needs_one(page: Page, server: Running) -> None:
    key = server.tenant().api_key
    page.fill("#find", "kyc/workflows")
    page.locator("nav a", has=page.locator("text=GET")).first.click()
    page.click("text=Send")
    page.wait_for_selector(".result.bad")
    assert page.inner_text(".result .status").startswith("401")
    page.fill("#key", key)
    page.click("text=Send")
    page.wait_for_selector(".result.good")


def test_a_newcomer_is_told_what_opens_the_calls(page: Page) -> None:
    told = page.inner_text("#operation")
    for words in ("Choose an operation", "frontdesk tenants create NAME", "access token", "client_app_key"):
        assert words in told


def test_what_matches_nothing_says_so(page: Page) -> None:
    page.fill("#find", "no such call")
    assert page.inner_text("#list") == "No operation matches."
