"""Clients: a tenant by its `client_id`, keys that are still good after a rotation, and who signs for it."""

from datetime import datetime
from typing import Any

import msgspec

from frontdesk.basics.clock import from_micros, to_micros
from frontdesk.kernel.vault import digest
from frontdesk.ports.db import Db, Write

SELECT = "SELECT id, name, client_app_key_digest, client_secret_digest, settings FROM tenants WHERE client_id = $1"
SELECT_FOR_OPENING = """
SELECT id, name, client_app_key_digest, client_secret_digest, settings,
       (SELECT count(*) FROM onboarding_sessions o WHERE o.mark = $2)
FROM tenants WHERE client_id = $1
"""
SELECT_OLD_KEY = """
SELECT 1 FROM onboarding_old_keys WHERE tenant_id = $1 AND digest = $2 AND used_as = $3 AND good_until > $4
"""
INSERT_OLD_KEY = """
INSERT INTO onboarding_old_keys (tenant_id, digest, used_as, good_until) VALUES ($1, $2, $3, $4)
"""
DELETE_OLD_KEYS = "DELETE FROM onboarding_old_keys WHERE tenant_id = $1 AND good_until <= $2"
UPDATE_APP_KEY = """
UPDATE tenants SET version = version + 1, client_app_key_digest = $3 WHERE id = $1 AND client_app_key_digest = $2
"""
UPDATE_SECRET = """
UPDATE tenants SET version = version + 1, client_secret_digest = $3 WHERE id = $1 AND client_secret_digest = $2
"""
SELECT_ID = "SELECT client_id FROM tenants WHERE id = $1"
SELECT_SIGNERS = """
SELECT id, tenant_id, email, kid, public_key, created_at, good_until FROM onboarding_signers
WHERE email = $1 ORDER BY created_at, id LIMIT 100
"""
SELECT_SIGNERS_OF = """
SELECT id, tenant_id, email, kid, public_key, created_at, good_until FROM onboarding_signers
WHERE tenant_id = $1 ORDER BY created_at, id
"""
INSERT_SIGNER = """
INSERT INTO onboarding_signers (id, tenant_id, email, kid, public_key, created_at, good_until)
VALUES ($1, $2, $3, $4, $5, $6, NULL)
"""
UPDATE_SIGNER = "UPDATE onboarding_signers SET good_until = $3 WHERE id = $1 AND tenant_id = $2"
SELECT_SIGNATURE = "SELECT repeat_key FROM onboarding_signatures WHERE digest = $1"
INSERT_SIGNATURE = "INSERT INTO onboarding_signatures (digest, repeat_key, expires_at) VALUES ($1, $2, $3)"
DELETE_SIGNATURES = "DELETE FROM onboarding_signatures WHERE expires_at <= $1"

APP_KEY, SECRET = "client_app_key", "client_secret"
_settings = msgspec.json.Decoder(dict[str, Any])


class Client(msgspec.Struct, frozen=True):
    """A tenant as onboarding sees it. `open_count` is of one user and skill, where it was asked for."""

    tenant_id: str
    client_id: str
    name: str
    app_key_digest: bytes
    secret_digest: bytes
    settings: dict[str, Any]
    open_count: int = 0


class Signer(msgspec.Struct, frozen=True):
    """A public key of a service account. With `good_until` it is on its way out."""

    signer_id: str
    tenant_id: str
    email: str
    kid: str
    public_key: str
    created_at: datetime
    good_until: datetime | None


async def load(db: Db, client_id: str) -> Client | None:
    """The client."""
    row = await db.one(SELECT, client_id)
    return None if row is None else _client(client_id, row, 0)


async def for_opening(db: Db, client_id: str, mark: bytes) -> Client | None:
    """The client, and how many sessions of this mark are not over yet as far as is written down."""
    row = await db.one(SELECT_FOR_OPENING, client_id, mark)
    return None if row is None else _client(client_id, row, row[5])


async def id_of(db: Db, tenant_id: str) -> str | None:
    """The `client_id` of a tenant."""
    row = await db.one(SELECT_ID, tenant_id)
    return None if row is None else str(row[0])


async def is_old_key(db: Db, tenant_id: str, key: str, used_as: str, now: datetime) -> bool:
    """Whether the key was replaced, but is still good."""
    return await db.one(SELECT_OLD_KEY, tenant_id, digest(key), used_as, to_micros(now)) is not None


def replaced(read: Client, used_as: str, new_key: str, good_until: datetime, now: datetime) -> list[Write]:
    """Put a new key in place of the present one, which stays good until then. Conflicts when it is replaced already."""
    update, old = (UPDATE_APP_KEY, read.app_key_digest) if used_as == APP_KEY else (UPDATE_SECRET, read.secret_digest)
    writes = [
        Write(update, (read.tenant_id, old, digest(new_key)), expect=1),
        Write(DELETE_OLD_KEYS, (read.tenant_id, to_micros(now))),
    ]
    if good_until > now:
        writes.append(Write(INSERT_OLD_KEY, (read.tenant_id, old, used_as, to_micros(good_until))))
    return writes


async def signers(db: Db, email: str, now: datetime) -> list[Signer]:
    """The keys with which this account may sign now."""
    found = [_signer(row) for row in await db.all(SELECT_SIGNERS, email)]
    return [one for one in found if one.good_until is None or one.good_until > now]


async def signers_of(db: Db, tenant_id: str) -> list[Signer]:
    """Every key that was registered for the tenant, the oldest first."""
    return [_signer(row) for row in await db.all(SELECT_SIGNERS_OF, tenant_id)]


def signer_added(signer: Signer) -> Write:
    """Keep a signer's key."""
    row = (
        signer.signer_id,
        signer.tenant_id,
        signer.email,
        signer.kid,
        signer.public_key,
        to_micros(signer.created_at),
    )
    return Write(INSERT_SIGNER, row)


def signer_ended(tenant_id: str, signer_id: str, good_until: datetime) -> Write:
    """Let a key be good until then only. Conflicts when there is no such key."""
    return Write(UPDATE_SIGNER, (signer_id, tenant_id, to_micros(good_until)), expect=1)


async def signature_seen(db: Db, signature: bytes) -> str | None:
    """The Idempotency-Key (or "") that this signature came with before; None if it is new."""
    row = await db.one(SELECT_SIGNATURE, signature)
    return None if row is None else str(row[0])


def signature_kept(signature: bytes, repeat_key: str, until: datetime, now: datetime) -> list[Write]:
    """Remember a signature for as long as it could be used. Conflicts when it came before."""
    return [
        Write(INSERT_SIGNATURE, (signature, repeat_key, to_micros(until))),
        Write(DELETE_SIGNATURES, (to_micros(now),)),
    ]


def _client(client_id: str, row: Any, open_count: int) -> Client:
    settings = {} if row[4] == "{}" else _settings.decode(row[4])
    return Client(row[0], client_id, row[1], bytes(row[2]), bytes(row[3]), settings, open_count)


def _signer(row: Any) -> Signer:
    until = None if row[6] is None else from_micros(row[6])
    return Signer(row[0], row[1], row[2], row[3], row[4], from_micros(row[5]), until)
