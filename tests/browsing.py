"""A real browser for tests: Chromium, without anything that it would tell the world by itself."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

WIDE, PHONE = (1280, 900), (375, 740)
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, for as long as the context lasts."""
    program = shutil.which("chromium")
    assert program is not None, "Chromium is missing: python tools/components.py chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*QUIET, "--disable-sync", "--no-first-run"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visiting(browser: Browser, size: tuple[int, int] = WIDE) -> Iterator[Page]:
    """A fresh visitor's page; a violation of a page's policy fails the test."""
    with browser.new_context(viewport={"width": size[0], "height": size[1]}) as context:
        page = context.new_page()
        broken: list[str] = []
        page.on("console", lambda line: broken.append(line.text) if "Content Security Policy" in line.text else None)
        page.on("pageerror", lambda error: broken.append(str(error)))
        yield page
        assert broken == []


def overflows(page: Page) -> bool:
    """Whether one must scroll to the side to read the page."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
