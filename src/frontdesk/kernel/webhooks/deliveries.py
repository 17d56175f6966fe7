"""Deliveries: kept with the change that they tell of, tried by a job, logged try by try."""

import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from frontdesk.basics.clock import from_micros, to_micros
from frontdesk.basics.errors import Problem
from frontdesk.kernel import change as changes
from frontdesk.kernel import outbox, tenants
from frontdesk.kernel.change import Change
from frontdesk.kernel.outbox import Intent
from frontdesk.kernel.vault import Seal, Vault
from frontdesk.ports.db import Db, Write
from frontdesk.ports.wakeup import Wakeup

JOB = "webhooks.deliver"
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720))
"""Before the second to the sixth try; after that the delivery is failed."""

INSERT = """
INSERT INTO deliveries (id, tenant_id, session_id, event_type, sealed, state, tries, created_at, next_at)
VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, $6)
"""
SELECT = """
SELECT d.tenant_id, d.session_id, d.event_type, d.sealed, d.state, d.tries, s.wrapped_key
FROM deliveries d LEFT JOIN sessions s ON s.id = d.session_id WHERE d.id = $1
"""
UPDATE = "UPDATE deliveries SET state = $3, tries = $4, next_at = $5 WHERE id = $1 AND tries = $2"
REOPEN = "UPDATE deliveries SET state = 'waiting', next_at = $4 WHERE id = $1 AND tenant_id = $2 AND tries = $3"
INSERT_TRY = """
INSERT INTO delivery_attempts (delivery_id, number, at, status, outcome, milliseconds) VALUES ($1, $2, $3, $4, $5, $6)
"""
SELECT_TRIES = """
SELECT number, at, status, outcome, milliseconds FROM delivery_attempts WHERE delivery_id = $1 ORDER BY number
"""
SELECT_LIST = """
SELECT id, session_id, event_type, state, tries, created_at, next_at FROM deliveries
WHERE tenant_id = $1 AND (created_at, id) < ($2, $3) ORDER BY created_at DESC, id DESC LIMIT $4
"""
SELECT_ONE = "SELECT session_id, tries FROM deliveries WHERE id = $1 AND tenant_id = $2"


class UnknownDelivery(Problem):
    """The tenant has no delivery with this id."""

    code: ClassVar[str] = "unknown_delivery"


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be sent: the signature goes over `signed_prefix` and the body, into `signature_header`."""

    id: str
    event_type: str
    url: str
    headers: dict[str, str]
    body: str
    signature_header: str
    signed_prefix: str = ""
    pauses: tuple[timedelta, ...] = PAUSES
    refused_is_final: bool = False
    """Whether an answer of 4xx ends it: whoever reads the request and refuses it will do so again."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as it was read."""

    tenant_id: str
    session_id: str
    state: str
    tries: int
    letter: Letter


@dataclass(frozen=True, slots=True)
class Result:
    """One try: the HTTP status that came back, if any, and in one word what happened."""

    outcome: str
    status: int | None
    milliseconds: int


def kept(letter: Letter, tenant_id: str, session_id: str, seal: Seal | Vault, now: datetime) -> tuple[Write, Intent]:
    """The write and the job for the change of which the letter tells; the vault seals what outlives its session."""
    record = {
        "url": letter.url,
        "headers": letter.headers,
        "body": letter.body,
        "signature_header": letter.signature_header,
        "signed_prefix": letter.signed_prefix,
        "pauses": [pause.total_seconds() for pause in letter.pauses],
        "refused_is_final": letter.refused_is_final,
    }
    sealed = seal.seal(json.dumps(record).encode(), f"delivery {letter.id}")
    row = (letter.id, tenant_id, session_id, letter.event_type, sealed, to_micros(now))
    return Write(INSERT, row), Intent(JOB, f"{letter.id} 1", {"delivery_id": letter.id, "tries": 0}, session_id)


async def load(db: Db, vault: Vault, delivery_id: str) -> Delivery | None:
    """The delivery, or None when it is gone, which it is with its session."""
    row = await db.one(SELECT, delivery_id)
    if row is None:
        return None
    tenant_id, session_id, event_type, sealed, state, tries, wrapped = row
    seal = vault if wrapped is None else vault.open_session_key(session_id, bytes(wrapped))
    record: dict[str, Any] = json.loads(seal.unseal(bytes(sealed), f"delivery {delivery_id}"))
    record["pauses"] = tuple(timedelta(seconds=pause) for pause in record["pauses"])
    return Delivery(tenant_id, session_id, state, tries, Letter(delivery_id, event_type, **record))


def signed(letter: Letter, secret: str) -> dict[str, str]:
    """The letter's headers with its signature (`sha256=` and the lower-case hex HMAC-SHA-256), if it has one."""
    if not letter.signature_header:
        return letter.headers
    signature = hmac.new(secret.encode(), (letter.signed_prefix + letter.body).encode(), "sha256").hexdigest()
    return {**letter.headers, letter.signature_header: f"sha256={signature}"}


async def secret_of(db: Db, vault: Vault, tenant_id: str) -> str:
    """The tenant's present signing secret. Raises `UnknownDelivery` when the tenant is gone."""
    tenant = await tenants.load(db, tenant_id)
    if tenant is None:
        raise UnknownDelivery("The tenant of this delivery is gone")
    return tenants.open_secret(vault, tenant)


def tried(delivery: Delivery, result: Result, now: datetime) -> Change:
    """Log the try. A delivery that did not arrive is tried again after its pause, or is failed."""
    letter, number = delivery.letter, delivery.tries + 1
    log = Write(INSERT_TRY, (letter.id, number, to_micros(now), result.status, result.outcome, result.milliseconds))
    if result.outcome == "delivered":
        state, next_at = "delivered", None
    elif number > len(letter.pauses) or (letter.refused_is_final and 400 <= (result.status or 0) < 500):
        state, next_at = "failed", None
    else:
        state, next_at = "waiting", now + letter.pauses[number - 1]
    step = Write(
        UPDATE,
        (letter.id, delivery.tries, state, number, None if next_at is None else to_micros(next_at)),
        expect=1,
    )
    if next_at is None:
        return Change((step, log))
    job = _next_job(letter.id, delivery.session_id, number, next_at)
    return Change((step, log, outbox.inserted(job, now)), frozenset({outbox.TOPIC}))


async def resend(db: Db, wakeup: Wakeup, tenant_id: str, delivery_id: str, now: datetime) -> None:
    """Try a delivery once more now, whatever became of it. Raises `UnknownDelivery`, `Conflict`."""
    row = await db.one(SELECT_ONE, delivery_id, tenant_id)
    if row is None:
        raise UnknownDelivery("There is no such delivery")
    session_id, tries = str(row[0]), int(row[1])
    reopened = Write(REOPEN, (delivery_id, tenant_id, tries, to_micros(now)), expect=1)
    key, argument = f"{delivery_id} {tries + 1} again {to_micros(now)}", {"delivery_id": delivery_id, "tries": tries}
    job = Intent(JOB, key, argument, session_id)
    kept_again = Change((reopened, outbox.inserted(job, now)), frozenset({outbox.TOPIC}))
    await changes.commit(db, wakeup, kept_again)


def _next_job(delivery_id: str, session_id: str, tries: int, due_at: datetime) -> Intent:
    argument = {"delivery_id": delivery_id, "tries": tries}
    return Intent(JOB, f"{delivery_id} {tries + 1}", argument, session_id, due_at)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the delivery log."""

    id: str
    session_id: str
    event_type: str
    state: str
    tries: int
    created_at: datetime
    next_at: datetime | None


async def listed(db: Db, tenant_id: str, before: tuple[int, str], limit: int) -> list[Line]:
    """The tenant's deliveries before an instant (microseconds) and id, the newest first."""
    rows = await db.all(SELECT_LIST, tenant_id, *before, limit)
    return [
        Line(r[0], r[1], r[2], r[3], r[4], from_micros(r[5]), None if r[6] is None else from_micros(r[6])) for r in rows
    ]


async def tries_of(db: Db, delivery_id: str) -> list[tuple[int, datetime, Result]]:
    """Every try of a delivery in order: its number, when, and what came of it."""
    rows = await db.all(SELECT_TRIES, delivery_id)
    return [(r[0], from_micros(r[1]), Result(r[3], r[2], r[4])) for r in rows]
