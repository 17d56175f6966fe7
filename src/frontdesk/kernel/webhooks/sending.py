"""The job that sends a delivery: one POST, ten seconds, no redirects, to the address that was looked up once."""

import asyncio
import ssl
import time
from datetime import datetime
from functools import cache
from urllib.parse import urlsplit, urlunsplit

import httpx

from frontdesk.kernel import change as changes
from frontdesk.kernel.vault import Vault
from frontdesk.kernel.webhooks import deliveries
from frontdesk.kernel.webhooks.deliveries import Letter, Result
from frontdesk.kernel.webhooks.destinations import Allowed, Destination, RefusedDestination, resolve
from frontdesk.ports.db import Db
from frontdesk.ports.wakeup import Wakeup

TIMEOUT_SECONDS = 10


async def deliver(
    db: Db,
    wakeup: Wakeup,
    vault: Vault,
    allowed: Allowed,
    delivery_id: str,
    tries: int,
    now: datetime,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> None:
    """Try a delivery if `tries` is still the number of tries made; otherwise another run of this job did."""
    delivery = await deliveries.load(db, vault, delivery_id)
    if delivery is None or delivery.tries != tries or delivery.state != "waiting":
        return
    secret = await deliveries.secret_of(db, vault, delivery.tenant_id)
    began = time.monotonic()
    outcome, status = await _post(delivery.letter, secret, allowed, timeout_seconds)
    result = Result(outcome, status, round((time.monotonic() - began) * 1000))
    await changes.commit(db, wakeup, deliveries.tried(delivery, result, now))


async def _post(letter: Letter, secret: str, allowed: Allowed, timeout_seconds: float) -> tuple[str, int | None]:
    try:
        # Over all of it: httpx bounds each read alone, and whoever answers byte by byte would never come to an end.
        async with asyncio.timeout(timeout_seconds):
            destination = await resolve(letter.url, allowed)
            status = await _status(letter, secret, destination, timeout_seconds)
    except RefusedDestination:
        return "refused_destination", None
    except (TimeoutError, httpx.TimeoutException):
        return "timeout", None
    except httpx.HTTPError:
        return "no_connection", None
    return "delivered" if 200 <= status < 300 else "refused", status


async def _status(letter: Letter, secret: str, destination: Destination, timeout_seconds: float) -> int:
    headers = {**deliveries.signed(letter, secret), "Host": _authority(destination)}
    async with httpx.AsyncClient(
        timeout=timeout_seconds, follow_redirects=False, trust_env=False, verify=_trust()
    ) as client:
        request = client.build_request(
            "POST",
            _pinned(destination),
            content=letter.body.encode(),
            headers=headers,
            extensions={"sni_hostname": destination.host},
        )
        answer = await client.send(request, stream=True)
        await answer.aclose()
    return answer.status_code


@cache
def _trust() -> ssl.SSLContext:
    """What vouches for receivers. Reading it takes longer than a delivery, so it is read once."""
    return httpx.create_ssl_context(trust_env=False)


def _pinned(destination: Destination) -> str:
    parts = urlsplit(destination.url)
    return urlunsplit(
        (parts.scheme, f"{_bracketed(destination.address)}:{destination.port}", parts.path or "/", parts.query, "")
    )


def _authority(destination: Destination) -> str:
    host = _bracketed(destination.host)
    usual = destination.port == (443 if destination.scheme == "https" else 80)
    return host if usual else f"{host}:{destination.port}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
