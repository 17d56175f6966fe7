"""Screening by an HTTP service that speaks our small JSON contract (docs/reference/screening.md)."""

import asyncio
import hmac
import json
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import msgspec

from frontdesk.basics.errors import Rejected, Unavailable
from frontdesk.basics.ids import uuid4
from frontdesk.ports.screening import Match, Subject

TIMEOUT_SECONDS = 10.0
LARGEST_ANSWER = 1024 * 1024
MOST_MATCHES = 200
Guard = Callable[[str], Awaitable[str]]
"""Gives the one address that a URL leads to, or raises `Rejected` when it must not be reached."""


class _Found(msgspec.Struct, frozen=True):
    subject: str
    source: str
    confidence: float
    title: str
    category: str | None = None
    url: str | None = None


class _Answer(msgspec.Struct, frozen=True):
    checked: list[str]
    matches: list[_Found]


class HttpScreening:
    """`key` signs each question as webhooks are signed; `guard` says where the connection may go."""

    def __init__(self, url: str, key: str, guard: Guard, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._url = url
        self._key = key
        self._guard = guard
        self._timeout = timeout_seconds

    async def screen(self, check: str, subjects: Sequence[Subject]) -> tuple[Match, ...]:
        body = json.dumps(
            {"check": check, "request_id": uuid4(), "subjects": [_written(one) for one in subjects]},
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
        try:
            # Over all of it: httpx bounds each read alone.
            async with asyncio.timeout(self._timeout):
                status, content = await self._post(body, await self._guard(self._url))
        except (TimeoutError, httpx.HTTPError) as error:
            raise Unavailable("The screening service did not answer") from error
        if status in (408, 425, 429) or status >= 500:
            raise Unavailable(f"The screening service answered {status}")
        if status != 200:
            raise Rejected(f"The screening service answered {status}")
        return _read(content, check, [one.id for one in subjects])

    async def _post(self, body: bytes, address: str) -> tuple[int, bytes]:
        parts = urlsplit(self._url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        pinned = urlunsplit((parts.scheme, f"{_bracketed(address)}:{port}", parts.path or "/", parts.query, ""))
        stamp = str(int(time.time()))
        signature = hmac.new(self._key.encode(), stamp.encode() + b"." + body, "sha256").hexdigest()
        headers = {
            "Host": parts.netloc,
            "Content-Type": "application/json",
            "Accept": "application/json",
            "X-Frontdesk-Timestamp": stamp,
            "X-Frontdesk-Signature": f"sha256={signature}",
        }
        async with httpx.AsyncClient(
            timeout=self._timeout, follow_redirects=False, trust_env=False, verify=_trust()
        ) as client:
            asked = client.build_request(
                "POST", pinned, content=body, headers=headers, extensions={"sni_hostname": host}
            )
            answer = await client.send(asked, stream=True)
            try:
                return answer.status_code, await _bounded(answer)
            finally:
                await answer.aclose()


@cache
def _trust() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


async def _bounded(answer: httpx.Response) -> bytes:
    content = bytearray()
    async for part in answer.aiter_bytes():
        content += part
        if len(content) > LARGEST_ANSWER:
            raise Rejected("The screening service answered too much")
    return bytes(content)


def _written(subject: Subject) -> dict[str, Any]:
    if subject.kind == "wallet":
        written: dict[str, Any] = {"id": subject.id, "kind": subject.kind, "address": subject.name}
        return written if subject.network is None else {**written, "network": subject.network}
    written = {"id": subject.id, "kind": subject.kind, "name": subject.name, "countries": list(subject.countries)}
    return written if subject.date_of_birth is None else {**written, "date_of_birth": subject.date_of_birth}


def _read(content: bytes, check: str, asked: Sequence[str]) -> tuple[Match, ...]:
    try:
        answer = msgspec.json.decode(content, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:  # a ValidationError is a DecodeError
        raise Rejected("The screening service answered something else than was agreed") from error
    if not set(asked) <= set(answer.checked):
        raise Rejected("The screening service has not looked at everybody")
    if len(answer.matches) > MOST_MATCHES:
        raise Rejected("The screening service answered too much")
    for one in answer.matches:
        if one.subject not in asked or not 0 <= one.confidence <= 1:
            raise Rejected("The screening service answered something else than was agreed")
    return tuple(
        Match(one.subject, one.source, one.category or check, one.confidence, one.title, one.url)
        for one in answer.matches
    )


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
