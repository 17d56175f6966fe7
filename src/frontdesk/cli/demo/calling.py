"""A client of the HTTP API as anybody could write it: nothing here knows the inside of the server."""

import json
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from frontdesk.cli.demo.telling import Teller, gist_of_refusal

Content = dict[str, Any]
Gist = Callable[[Content], str]
_LONG = re.compile(r"(?<=/)([0-9a-f]{8})-[0-9a-f-]{27}|(?<=/)([A-Za-z0-9_-]{8})[A-Za-z0-9_-]{32,}")
TIMEOUT_SECONDS = 180
"""Reading a paper takes seconds, and much longer on a busy machine."""


class WentWrong(Exception):
    """A call of the walk was not answered as it should be."""


class Caller:
    """Calls the server, and tells each call."""

    def __init__(self, url: str, key: str, teller: Teller) -> None:
        self._authorization = {"Authorization": f"Bearer {key}"}
        self._teller = teller
        # Settings of the surroundings must not send the demo's calls through a proxy.
        self._client = httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def as_tenant(self, method: str, path: str, gist: Gist, body: Content | None = None) -> Content:
        """A call of the tenant's backend, with its API key. Raises `WentWrong`."""
        return await self._call(method, path, gist, body, self._authorization)

    async def as_customer(self, method: str, path: str, gist: Gist, body: Content | None = None) -> Content:
        """A call of the end user, whose access token is in the path. Raises `WentWrong`."""
        return await self._call(method, path, gist, body, {})

    async def put(self, url: str, content: bytes, headers: Mapping[str, str]) -> None:
        """Send a file to the address that was given for it. Raises `WentWrong`."""
        began = time.monotonic()
        answer = await self._sent(self._client.build_request("PUT", url, content=content, headers=dict(headers)))
        gist = f"{len(content):,} bytes of {headers.get('Content-Type')}"
        self._tell(answer, gist if answer.is_success else answer.text[:200], began)

    async def events(self, path: str) -> AsyncIterator[Content]:
        """A session's events as the server streams them, until the caller has seen enough. Raises `WentWrong`."""
        try:
            async with self._client.stream("GET", path, headers=self._authorization) as answer:
                if not answer.is_success:
                    raise WentWrong(f"GET {shortened(path)} was answered with {answer.status_code}")
                async for line in answer.aiter_lines():
                    if line.startswith("data: ") and '"sequence"' in line:
                        event: Content = json.loads(line.removeprefix("data: "))
                        yield event
        except httpx.HTTPError as error:
            raise WentWrong(f"GET {shortened(path)}: {type(error).__name__}") from error

    async def _call(
        self, method: str, path: str, gist: Gist, body: Content | None, headers: Mapping[str, str]
    ) -> Content:
        began = time.monotonic()
        answer = await self._sent(self._client.build_request(method, path, json=body, headers=dict(headers)))
        try:
            told: Content = answer.json()
        except ValueError:
            told = {}
        # Some kinds wrap what they answer, others do not.
        wrapped = told.get("data")
        content: Content = wrapped if isinstance(wrapped, dict) else told
        self._tell(answer, gist(content) if answer.is_success else gist_of_refusal(told), began)
        return content

    async def _sent(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._client.send(request)
        except httpx.HTTPError as error:
            raise WentWrong(f"{request.method} {shortened(request.url.path)}: {type(error).__name__}") from error

    def _tell(self, answer: httpx.Response, gist: str, began: float) -> None:
        method, path = answer.request.method, shortened(answer.request.url.path)
        self._teller.call(method, path, answer.status_code, gist, time.monotonic() - began)
        if not answer.is_success:
            raise WentWrong(f"{method} {path} was answered with {answer.status_code}: {gist}")


def shortened(path: str) -> str:
    """A path with its ids, tokens and signatures cut after eight characters."""
    return _LONG.sub(lambda found: f"{found[1] or found[2]}…", path)


def path_of(link: str) -> str:
    """The path of a link, so that it is called on the address that the demo listens on."""
    return urlsplit(link).path
