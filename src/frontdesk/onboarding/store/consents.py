"""Consents, and what was gathered from banks under them."""

from datetime import datetime
from typing import Any, TypeVar

import msgspec

from frontdesk.basics.clock import from_micros, to_micros
from frontdesk.kernel.vault import Seal
from frontdesk.onboarding.model.session import Consent
from frontdesk.ports.db import Db, Write

COLUMNS = (
    "id, tenant_id, session_id, skill, access_digest, user_mark, status, version, created_at, updated_at, ends_at, "
    "retained_until"
)
SELECT = f"SELECT {COLUMNS} FROM onboarding_consents WHERE id = $1"
SELECT_BY_SESSION = f"SELECT {COLUMNS} FROM onboarding_consents WHERE session_id = $1 LIMIT 1"
INSERT = f"""
INSERT INTO onboarding_consents ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10, $11)
"""
UPDATE = """
UPDATE onboarding_consents SET version = version + 1, status = $3, updated_at = $4, ends_at = $5, retained_until = $6
WHERE id = $1 AND version = $2
"""
SELECT_GATHERED = "SELECT asked_at, sealed FROM onboarding_gathered WHERE consent_id = $1 AND subject = $2"
UPSERT_GATHERED = """
INSERT INTO onboarding_gathered (consent_id, subject, asked_at, sealed) VALUES ($1, $2, $3, $4)
ON CONFLICT (consent_id, subject) DO UPDATE SET asked_at = excluded.asked_at, sealed = excluded.sealed
"""
DELETE_GATHERED = "DELETE FROM onboarding_gathered WHERE consent_id = $1"
Kept = TypeVar("Kept")


async def load(db: Db, credentials_id: str) -> Consent | None:
    """The consent."""
    row = await db.one(SELECT, credentials_id)
    return None if row is None else _consent(row)


async def of_session(db: Db, session_id: str) -> Consent | None:
    """The consent that the session was exchanged for."""
    row = await db.one(SELECT_BY_SESSION, session_id)
    return None if row is None else _consent(row)


def inserted(consent: Consent) -> Write:
    """Keep a new consent."""
    return Write(
        INSERT,
        (
            consent.credentials_id,
            consent.tenant_id,
            consent.session_id,
            consent.skill,
            consent.access_digest,
            consent.user_mark,
            consent.status,
            to_micros(consent.created_at),
            to_micros(consent.updated_at),
            to_micros(consent.ends_at),
            to_micros(consent.retained_until),
        ),
    )


def updated(read: Consent, after: Consent) -> Write:
    """Replace what was read, if nobody else did so before."""
    instants = (to_micros(after.updated_at), to_micros(after.ends_at), to_micros(after.retained_until))
    return Write(UPDATE, (read.credentials_id, read.version, after.status, *instants), expect=1)


async def gathered(
    db: Db, seal: Seal, credentials_id: str, subject: str, kind: type[Kept]
) -> tuple[datetime, Kept] | None:
    """When the bank was asked about this subject, and what it told."""
    row = await db.one(SELECT_GATHERED, credentials_id, subject)
    if row is None:
        return None
    plain = seal.unseal(bytes(row[1]), f"gathered {credentials_id} {subject}")
    return from_micros(row[0]), msgspec.msgpack.decode(plain, type=kind)


def kept(seal: Seal, credentials_id: str, subject: str, asked_at: datetime, told: Any) -> Write:
    """Keep what a bank told."""
    sealed = seal.seal(msgspec.msgpack.encode(told), f"gathered {credentials_id} {subject}")
    return Write(UPSERT_GATHERED, (credentials_id, subject, to_micros(asked_at), sealed))


def forgotten(credentials_id: str) -> Write:
    """Remove all that was gathered."""
    return Write(DELETE_GATHERED, (credentials_id,))


def _consent(row: Any) -> Consent:
    created_at, updated_at, ends_at, retained_until = (from_micros(each) for each in row[8:12])
    marks = (bytes(row[4]), bytes(row[5]))
    return Consent(
        row[0], row[1], row[2], row[3], *marks, row[6], row[7], created_at, updated_at, ends_at, retained_until
    )
