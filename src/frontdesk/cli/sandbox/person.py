"""A person at the sandbox bank, for the demo and for tests: follows the link, signs in, agrees or refuses."""

import re
from html import unescape
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpx

from frontdesk.cli.sandbox.pages import PASSWORD

_FORM = re.compile(r"<form([^>]*)>(.*?)</form>", re.DOTALL)
_INPUT = re.compile(r"<input([^>]*)>")
_ATTRIBUTE = re.compile(r'([a-z]+)(?:="([^"]*)")?(?=\s|$)')


class LostAtTheBank(Exception):
    """A page was not what a person expects there."""


class Person:
    """A browser of somebody who is called `user`. It goes on within the bank, and stops where a redirect leads out."""

    def __init__(self, user: str) -> None:
        self._user = user
        self._client = httpx.AsyncClient(timeout=30, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def agree(self, link: str, accounts: int | None = None) -> str:
        """Allow it, for the first `accounts` that are offered, or for all; where the bank sends one then."""
        page = await self._signed_in(link)
        form = page.form("/decide", decision="allow")
        offered = [text for name, text in form if name == "account"]
        kept = set(offered[: accounts or len(offered)])
        chosen = [(name, text) for name, text in form if name != "account" or text in kept]
        return await self._out(await self._post(page.url, "/decide", chosen))

    async def refuse(self, link: str) -> str:
        """Say no at once; where the bank sends one then."""
        page = await self._page(link)
        return await self._out(await self._post(page.url, "/decide", page.form("/decide", decision="refuse")))

    async def _signed_in(self, link: str) -> "Page":
        page = await self._page(link)
        if page.has("/sign-in"):
            known = [(name, text) for name, text in page.form("/sign-in") if name not in ("user", "password")]
            answer = await self._post(page.url, "/sign-in", [*known, ("user", self._user), ("password", PASSWORD)])
            page = await self._page(str(answer.headers.get("location", "")), page.url)
        return page

    async def _page(self, link: str, before: str = "") -> "Page":
        answer = await self._client.get(urljoin(before, link))
        if answer.status_code != 200:
            raise LostAtTheBank(f"The bank's page was answered with {answer.status_code}")
        return Page(str(answer.url), answer.text)

    async def _post(self, url: str, path: str, fields: list[tuple[str, str]]) -> httpx.Response:
        names = {name for name, _ in fields}
        form = {name: [text for each, text in fields if each == name] for name in names}
        return await self._client.post(urljoin(url, path), data=form)

    async def _out(self, answer: httpx.Response) -> str:
        if not answer.is_redirect:
            raise LostAtTheBank(f"The bank did not send its visitor back, but answered with {answer.status_code}")
        return str(answer.headers["location"])


class Page:
    """A page of the bank with its forms, as a browser would fill them."""

    def __init__(self, url: str, text: str) -> None:
        self.url = url
        self._forms = [(_told(form[1]).get("action", ""), _fields(form[2])) for form in _FORM.finditer(text)]

    def has(self, action: str) -> bool:
        """Whether there is such a form."""
        return any(each == action for each, _ in self._forms)

    def form(self, action: str, **marks: str) -> list[tuple[str, str]]:
        """What the form with these fields would send. Raises `LostAtTheBank`."""
        for each, fields in self._forms:
            if each == action and set(marks.items()) <= set(fields):
                return fields
        raise LostAtTheBank(f"The bank's page has no form for {action}")


def _fields(form: str) -> list[tuple[str, str]]:
    inputs = [_told(each) for each in _INPUT.findall(form)]
    sent = [told for told in inputs if told.get("type") not in ("checkbox", "radio") or "checked" in told]
    return [(told["name"], told.get("value", "")) for told in sent]


def _told(attributes: str) -> dict[str, str]:
    return {name: unescape(text) for name, text in _ATTRIBUTE.findall(attributes)}
