"""HTTP for tools: only to public addresses, looked up once and judged at every redirect, bounded in bytes and time."""

import asyncio
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from functools import cache
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from frontdesk.agents.capabilities.contract import Fetched, ToolFailed
from frontdesk.kernel.webhooks.destinations import Allowed, Destination, RefusedDestination, resolve

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TO_GET = frozenset({301, 302, 303})
_COMPRESSED = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_AGENT = "Frontdesk (agent tool)"


class SafeFetcher:
    """`Fetcher` over httpx. `allowed` are hosts and networks that may be reached although they are private."""

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed

    async def fetch(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        max_bytes: int = 1024 * 1024,
        first_byte_seconds: float = 10.0,
        seconds: float = 30.0,
        max_redirects: int = 5,
        is_enough: Callable[[bytes], bool] | None = None,
    ) -> Fetched:
        """One exchange. Raises `ToolFailed`."""
        deadline = time.monotonic() + seconds
        sent = dict(headers or {})
        transport = httpx.AsyncHTTPTransport(verify=_trust())
        async with httpx.AsyncClient(transport=transport, timeout=seconds, follow_redirects=False) as client:
            for _ in range(max_redirects + 1):
                destination = await self._resolve(url, deadline)
                request = client.build_request(
                    method,
                    _pinned(destination),
                    content=body or None,
                    headers={"User-Agent": _AGENT, **sent, "Host": _host(destination), "Accept-Encoding": "identity"},
                    extensions={"sni_hostname": destination.host},
                )
                answer = await _answer(client, request, min(first_byte_seconds, deadline - time.monotonic()))
                try:
                    target = _redirect(url, answer)
                    if target is None or max_redirects == 0:
                        content, is_cut = await _content(answer, max_bytes, deadline, is_enough)
                        known = {name.lower(): value for name, value in answer.headers.items()}
                        return Fetched(url, answer.status_code, known, content, is_cut)
                finally:
                    await answer.aclose()
                if answer.status_code in _TO_GET and method != "HEAD":
                    method, body = "GET", b""
                if urlsplit(target).netloc != urlsplit(url).netloc:
                    sent = {}  # keys are for the host that they were given for
                url = target
        raise ToolFailed(f"The address redirects more than {max_redirects} times")

    async def _resolve(self, url: str, deadline: float) -> Destination:
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                return await resolve(url, self._allowed, plain_http=True)
        except RefusedDestination as error:
            raise ToolFailed(error.message) from error
        except TimeoutError as error:
            raise ToolFailed("The host name of the address could not be resolved in time") from error


async def _answer(client: httpx.AsyncClient, request: httpx.Request, seconds: float) -> httpx.Response:
    try:
        async with asyncio.timeout(seconds):
            return await client.send(request, stream=True)
    except TimeoutError as error:
        raise ToolFailed("The server did not answer in time") from error
    except httpx.HTTPError as error:
        raise ToolFailed("The server could not be reached, or does not speak HTTP") from error


async def _content(
    answer: httpx.Response, max_bytes: int, deadline: float, is_enough: Callable[[bytes], bool] | None
) -> tuple[bytes, bool]:
    """The body up to the limit, and whether it was cut: what came before a limit or a lost connection is kept."""
    content = bytearray()
    try:
        async with asyncio.timeout(max(deadline - time.monotonic(), 0.0)):
            async for chunk in _plain(answer, max_bytes):
                content += chunk
                if len(content) > max_bytes:
                    return bytes(content[:max_bytes]), True
                if is_enough is not None and is_enough(bytes(content)):
                    return bytes(content), False
    except (TimeoutError, httpx.HTTPError):
        return bytes(content), True
    except zlib.error as error:
        raise ToolFailed("The answer's compression is broken") from error
    return bytes(content), False


async def _plain(answer: httpx.Response, max_bytes: int) -> AsyncIterator[bytes]:
    """The body, unpacked without ever holding more than the limit: a small answer may be a bomb."""
    packing = answer.headers.get("content-encoding", "identity").strip().lower()
    if packing in ("", "identity"):
        async for chunk in answer.aiter_raw():
            yield chunk
        return
    if packing not in _COMPRESSED:
        raise ToolFailed("The answer is compressed in a way that was not asked for")
    unpacker = zlib.decompressobj(_COMPRESSED[packing])
    async for chunk in answer.aiter_raw():
        yield unpacker.decompress(chunk, max_bytes + 1)


def _redirect(url: str, answer: httpx.Response) -> str | None:
    location = answer.headers.get("location")
    return urljoin(url, location) if answer.status_code in _REDIRECTS and location else None


def _pinned(destination: Destination) -> str:
    parts = urlsplit(destination.url)
    authority = f"{_bracketed(destination.address)}:{destination.port}"
    return urlunsplit((parts.scheme, authority, parts.path or "/", parts.query, ""))


def _host(destination: Destination) -> str:
    usual = destination.port == (443 if destination.scheme == "https" else 80)
    return _bracketed(destination.host) + ("" if usual else f":{destination.port}")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@cache
def _trust() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)  # reading the certificates costs 20 ms: once is enough
