"""The bank port on the sandbox bank (`frontdesk sandbox-bank`), over HTTP."""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from frontdesk.basics.errors import Missing
from frontdesk.ports.bank import (
    BankDown,
    BankFault,
    BankForbidden,
    BankThrottled,
    BankUnauthorized,
    ConsentEnded,
    Declined,
)
from frontdesk.ports.bank_accounts import Account, Balance, Page, PaymentState
from frontdesk.ports.bank_records import ConsentRequest, Granted, PaymentRequest, Return, Visit

SECONDS = 10.0
"""A call has as long as this, all in all."""
LARGEST = 4 * 1024 * 1024
"""Bytes of an answer. Fifty transactions are a hundredth of it."""
RETRY_AFTER = 60
Told = TypeVar("Told")


class SandboxBank:
    """A client of the bank at `url`; without one every call raises `BankDown`, with the remedy."""

    def __init__(self, url: str, seconds: float = SECONDS) -> None:
        self._url, self._seconds = url.rstrip("/"), seconds
        self._tls: ssl.SSLContext | None = None

    async def begin_consent(self, request: ConsentRequest) -> Visit | Granted:
        """See `Bank`."""
        if request.implicit:
            return _read(await self._call("POST", "/api/consents", request), Granted)
        return self._here(_read(await self._call("POST", "/api/consents", request), Visit))

    async def finish(self, came: Return) -> Granted:
        """See `Bank`."""
        if came.error:
            raise Declined("The visit at the bank ended without an agreement", came.error)
        return _read(await self._call("POST", "/api/grants", came), Granted)

    async def accounts(self, grant: str) -> tuple[Account, ...]:
        """See `Bank`."""
        return _read(await self._call("GET", "/api/accounts", grant=grant), tuple[Account, ...])

    async def balances(self, grant: str, account_id: str) -> tuple[Balance, ...]:
        """See `Bank`."""
        path = f"/api/accounts/{quote(account_id, safe='')}/balances"
        return _read(await self._call("GET", path, grant=grant), tuple[Balance, ...])

    async def transactions(self, grant: str, account_id: str, cursor: str | None = None) -> Page:
        """See `Bank`."""
        path = f"/api/accounts/{quote(account_id, safe='')}/transactions"
        query = {} if cursor is None else {"cursor": cursor}
        return _read(await self._call("GET", path, grant=grant, query=query), Page)

    async def delete_consent(self, grant: str) -> None:
        """See `Bank`."""
        await self._call("DELETE", "/api/consents", grant=grant)

    async def begin_payment(self, request: PaymentRequest) -> Visit | Granted:
        """See `Bank`."""
        return self._here(_read(await self._call("POST", "/api/payments", request), Visit))

    async def payment(self, grant: str) -> PaymentState:
        """See `Bank`."""
        return _read(await self._call("GET", "/api/payments", grant=grant), PaymentState)

    def _here(self, visit: Visit) -> Visit:
        """The bank tells the path only: it does not know by which name it is reached."""
        return Visit(self._url + visit.url, visit.reference, visit.method, visit.headers)

    async def _call(
        self, method: str, path: str, body: Any = None, *, grant: str = "", query: Mapping[str, str] | None = None
    ) -> bytes:
        if not self._url:
            raise BankDown("No bank is connected here: set FRONTDESK_BANK and FRONTDESK_BANK_URL")
        headers = {"Authorization": f"Bearer {grant}"} if grant else {}
        content = None if body is None else msgspec.json.encode(body)
        try:
            # Over all of it: httpx bounds each read alone.
            async with asyncio.timeout(self._seconds), self._client() as client:
                request = client.build_request(method, self._url + path, params=query, content=content, headers=headers)
                answer = await client.send(request, stream=True)
                told = await _whole(answer)
                await answer.aclose()
        except (TimeoutError, httpx.TimeoutException) as error:
            raise BankDown("The bank did not answer in time") from error
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeEncodeError) as error:
            raise BankDown("The bank cannot be reached") from error
        if answer.is_success:
            return told
        raise _fault(answer, told)

    def _client(self) -> httpx.AsyncClient:
        if self._tls is None:
            # Reading the certificates takes longer than a call on this machine: once, and for https only.
            is_https = self._url.startswith("https")
            self._tls = ssl.create_default_context() if is_https else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return httpx.AsyncClient(verify=self._tls, timeout=self._seconds, trust_env=False)


async def _whole(answer: httpx.Response) -> bytes:
    told = b""
    async for part in answer.aiter_bytes():
        told += part
        if len(told) > LARGEST:
            raise BankDown("The bank answered with more than can be read")
    return told


def _read(told: bytes, kind: type[Told]) -> Told:
    try:
        return msgspec.json.decode(told, type=kind)
    except msgspec.DecodeError as error:
        raise BankDown("The bank answered with what cannot be read") from error


def _fault(answer: httpx.Response, told: bytes) -> BankFault | Missing:
    """The port's error for an answer; the bank's words stay here, whoever they may be about."""
    status = answer.status_code
    if status == 401:
        return BankUnauthorized("The bank does not know this grant or code")
    if status == 404:
        return Missing("The bank has no such thing under this grant")
    if status == 429:
        given = answer.headers.get("retry-after", "")
        return BankThrottled("The bank was asked too often", int(given) if given.isdecimal() else RETRY_AFTER)
    if status == 403:
        return _forbidden(told)
    if status < 500:
        return BankForbidden(f"The bank does not take this request ({status})")
    return BankDown(f"The bank has a fault of its own ({status})")


def _forbidden(told: bytes) -> BankFault:
    try:
        code = msgspec.json.decode(told, type=dict[str, str]).get("code")
    except msgspec.DecodeError:
        code = None
    if code == "consent_expired":
        return ConsentEnded("The consent has lapsed at the bank", "expired")
    if code == "consent_revoked":
        return ConsentEnded("The consent was taken back at the bank", "revoked")
    return BankForbidden("The bank refuses this")
