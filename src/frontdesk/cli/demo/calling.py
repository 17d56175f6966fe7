"""A client of the HTTP API as anybody could write it: nothing here knows the inside of the server."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from frontdesk.cli.demo.telling import Teller, gist_of_refusal

Content = dict[str, Any]
Gist = Callable[[Content], str]
_LONG = re.compile(r"(?<=/)([0-9a-f]{8})-[0-9a-f-]{27}|(?<=/)((?:[a-z]+_)?[A-Za-z0-9_-]{8})[A-Za-z0-9_-]{24,}")
_BUSY = 503
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

    async def open_session(self, workflow: Content) -> Content:
        """A session of this workflow, which is made unless an earlier demo did."""
        name = workflow["name"]
        listed = await self.as_tenant("GET", "/kyc/workflows?limit=100", lambda found: f"{found['count']} so far")
        known = [one["workflow_id"] for one in listed["workflows"] if one["name"] == name]
        if not known:
            made = await self.as_tenant("POST", "/kyc/workflows", lambda made: f"workflow “{made['name']}”", workflow)
            known = [made["workflow_id"]]
        return await self.as_tenant(
            "POST", "/kyc/sessions", lambda made: f"session …{made['session_id'][-6:]}", {"workflow_id": known[0]}
        )

    async def as_customer(
        self, method: str, path: str, gist: Gist, body: Content | None = None, patience: float = 0.0
    ) -> Content:
        """A call of the end user, whose access token is in the path. A server that is busy (503) is asked again for so
        many seconds. Raises `WentWrong`."""
        return await self._call(method, path, gist, body, {}, patience)

    async def as_client(self, path: str, gist: Callable[[Any], str], body: Content) -> Any:
        """A call whose keys are in its body, and whose answer has no envelope. Raises `WentWrong`."""
        began = time.monotonic()
        answer = await self._sent(self._client.build_request("POST", path, json=body))
        told = answer.json()
        self._tell(answer, gist(told) if answer.is_success else gist_of_refusal(told), began)
        return told

    async def send_form(self, path: str, gist: Gist, fields: Content, name: str, content: bytes) -> Content:
        """A form with a file. Raises `WentWrong`."""
        began = time.monotonic()
        files = {"file": (name, content)}
        answer = await self._sent(self._client.build_request("POST", path, data=fields, files=files))
        told: Content = answer.json()
        self._tell(answer, gist(told) if answer.is_success else gist_of_refusal(told), began)
        return told

    async def follow(self, url: str) -> str:
        """Where a redirect leads. Raises `WentWrong`."""
        began = time.monotonic()
        answer = await self._sent(self._client.build_request("GET", url))
        target = answer.headers.get("location", "")
        method, path = answer.request.method, shortened(answer.request.url.path)
        self._teller.call(method, path, answer.status_code, target.partition("?")[0], time.monotonic() - began)
        if not answer.is_redirect:
            raise WentWrong(f"{method} {path} was answered with {answer.status_code}, which leads nowhere")
        return str(target)

    async def put(self, url: str, content: bytes, headers: Mapping[str, str]) -> None:
        """Send a file to the address that was given for it. Raises `WentWrong`."""
        began = time.monotonic()
        answer = await self._sent(self._client.build_request("PUT", url, content=content, headers=dict(headers)))
        gist = f"{len(content):,} bytes of {headers.get('Content-Type')}"
        self._tell(answer, gist if answer.is_success else answer.text[:200], began)

    async def film(self, path: str, pictures: Sequence[bytes], each_ms: int) -> None:
        """Pictures of a camera, one after the other, told as one line. Raises `WentWrong`."""
        began = time.monotonic()
        for number, content in enumerate(pictures):
            headers = {"Content-Type": "image/jpeg"}
            request = self._client.build_request(
                "POST", path, params={"at_ms": number * each_ms}, content=content, headers=headers
            )
            answer = await self._sent(request)
            if number + 1 == len(pictures) or not answer.is_success:
                gist = f"{number + 1} pictures of {number * each_ms / 1000:.1f} s"
                self._tell(answer, gist if answer.is_success else answer.text[:200], began)

    async def upload(self, path: str, gist: Gist, parts: Sequence[tuple[str, tuple[str, bytes, str]]]) -> Content:
        """A multipart call of the tenant's backend: name, file name, content and type of each part."""
        began = time.monotonic()
        request = self._client.build_request("POST", path, files=parts, headers=self._authorization)
        return self._told(await self._sent(request), gist, began)

    async def fetch(self, path: str) -> bytes:
        """A document, with the tenant's key. Raises `WentWrong`."""
        began = time.monotonic()
        answer = await self._sent(self._client.build_request("GET", path, headers=self._authorization))
        kind = answer.headers.get("content-type")
        self._tell(
            answer, f"{len(answer.content):,} bytes of {kind}" if answer.is_success else answer.text[:200], began
        )
        return answer.content

    async def peek(self, path: str) -> Content:
        """A look that is not told, for waiting. Raises `WentWrong`."""
        answer = await self._sent(self._client.build_request("GET", path, headers=self._authorization))
        if not answer.is_success:
            raise WentWrong(f"GET {shortened(path)} was answered with {answer.status_code}")
        found: Content = answer.json()
        return found

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
        self,
        method: str,
        path: str,
        gist: Gist,
        body: Content | None,
        headers: Mapping[str, str],
        patience: float = 0.0,
    ) -> Content:
        began = time.monotonic()
        while True:
            answer = await self._sent(self._client.build_request(method, path, json=body, headers=dict(headers)))
            if answer.status_code != _BUSY or time.monotonic() - began >= patience:
                return self._told(answer, gist, began)
            await asyncio.sleep(1)

    def _told(self, answer: httpx.Response, gist: Gist, began: float) -> Content:
        try:
            told: Content = answer.json()
        except ValueError:
            told = {}
        # Identity checks wrap what they answer, forms do not.
        content: Content = told.get("data") or {} if "data" in told else told
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
