"""The job that sends a delivery: one POST, ten seconds, no redirects, to the address that was looked up once."""

import time
from datetime import datetime
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
    db: Db, wakeup: Wakeup, vault: Vault, allowed: Allowed, delivery_id: str, tries: int, now: datetime
) -> None:
    """Try a delivery if `tries` is still the number of tries made; otherwise another run of this job did."""
    delivery = await deliveries.load(db, vault, delivery_id)
    if delivery is None or delivery.tries != tries or delivery.state != "waiting":
        return
    secret = await deliveries.secret_of(db, vault, delivery.tenant_id)
    result = await _post(delivery.letter, secret, allowed)
    await changes.commit(db, wakeup, deliveries.tried(delivery, result, now))


async def _post(letter: Letter, secret: str, allowed: Allowed) -> Result:
    began = time.monotonic()

    def ended(outcome: str, status: int | None = None) -> Result:
        return Result(outcome, status, round((time.monotonic() - began) * 1000))

    try:
        destination = await resolve(letter.url, allowed)
    except RefusedDestination:
        return ended("refused_destination")
    headers = {**deliveries.signed(letter, secret), "Host": _authority(letter.url)}
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False) as client:
            request = client.build_request(
                "POST",
                _pinned(destination),
                content=letter.body.encode(),
                headers=headers,
                extensions={"sni_hostname": destination.host},
            )
            answer = await client.send(request, stream=True)
            status = answer.status_code
            await answer.aclose()
    except httpx.TimeoutException:
        return ended("timeout")
    except httpx.HTTPError:
        return ended("no_connection")
    return ended("delivered" if 200 <= status < 300 else "refused", status)


def _pinned(destination: Destination) -> str:
    parts = urlsplit(destination.url)
    address = f"[{destination.address}]" if ":" in destination.address else destination.address
    return urlunsplit((parts.scheme, f"{address}:{destination.port}", parts.path or "/", parts.query, ""))


def _authority(url: str) -> str:
    return urlsplit(url).netloc
