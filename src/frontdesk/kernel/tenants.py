"""Tenants: the organizations that own everything, their secrets, their look and where they want to be told."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from frontdesk.basics.clock import from_micros, to_micros
from frontdesk.basics.ids import uuid7
from frontdesk.kernel import credentials
from frontdesk.kernel.vault import Vault, digest
from frontdesk.ports.db import Db, Write

INSERT = """
INSERT INTO tenants (id, organization_id, name, client_id, client_app_key_digest, client_secret_digest,
                     webhook_secret, settings, version, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9)
"""
SELECT = "SELECT id, organization_id, name, webhook_secret, settings, version FROM tenants WHERE id = $1"
SELECT_NEXT = """
SELECT id, organization_id, name, created_at FROM tenants WHERE name > $1 ORDER BY name LIMIT $2
"""
SELECT_BY_NAME = "SELECT id FROM tenants WHERE name = $1"
UPDATE = """
UPDATE tenants SET version = version + 1, settings = $3, webhook_secret = $4 WHERE id = $1 AND version = $2
"""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant as it was read. `settings` holds one JSON object for each subject (`notifications`, `branding`)."""

    id: str
    organization_id: str
    name: str
    webhook_secret: bytes
    settings: dict[str, Any] = field(default_factory=dict)
    version: int = 1


@dataclass(frozen=True, slots=True)
class NewTenant:
    """What is shown once when a tenant is created."""

    tenant_id: str
    organization_id: str
    key_id: str
    api_key: str
    client_id: str
    client_app_key: str
    client_secret: str
    webhook_secret: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A tenant in the list of all, which only the operator of the server sees."""

    tenant_id: str
    organization_id: str
    name: str
    created_at: datetime


def create(vault: Vault, name: str, now: datetime, key_name: str = "first key") -> tuple[NewTenant, list[Write]]:
    """A tenant with its first API key, which holds every permission."""
    tenant_id = uuid7()
    key_id, key, key_write = credentials.new_key(tenant_id, key_name, credentials.PERMISSIONS, now)
    new = NewTenant(
        tenant_id,
        uuid7(),
        key_id,
        key,
        uuid7(),
        secrets.token_urlsafe(32),
        secrets.token_urlsafe(32),
        "whsec_" + secrets.token_hex(24),
    )
    row = (
        tenant_id,
        new.organization_id,
        name,
        new.client_id,
        digest(new.client_app_key),
        digest(new.client_secret),
        seal_secret(vault, tenant_id, new.webhook_secret),
        "{}",
        to_micros(now),
    )
    return new, [Write(INSERT, row), key_write]


def seal_secret(vault: Vault, tenant_id: str, secret: str) -> bytes:
    """A webhook secret as stored: it must be used again, so it is sealed and not digested."""
    return vault.seal(secret.encode(), f"webhook-secret {tenant_id}")


def open_secret(vault: Vault, tenant: Tenant) -> str:
    """The webhook secret again. Raises `BrokenSeal`."""
    return vault.unseal(tenant.webhook_secret, f"webhook-secret {tenant.id}").decode()


@lru_cache(maxsize=256)
def settings_in(text: str) -> dict[str, Any]:
    """Settings as they are stored; for reading only. The same text comes with every session of a tenant."""
    settings: dict[str, Any] = json.loads(text)
    return settings


async def load(db: Db, tenant_id: str) -> Tenant | None:
    """The tenant, or None."""
    row = await db.one(SELECT, tenant_id)
    return None if row is None else Tenant(row[0], row[1], row[2], bytes(row[3]), json.loads(row[4]), row[5])


async def id_of(db: Db, name: str) -> str | None:
    """The id of the tenant with this name, or None."""
    row = await db.one(SELECT_BY_NAME, name)
    return None if row is None else str(row[0])


async def listed(db: Db, at_a_time: int = 500) -> list[Entry]:
    """Every tenant, by name."""
    found: list[Entry] = []
    while True:
        rows = await db.all(SELECT_NEXT, found[-1].name if found else "", at_a_time)
        found += [Entry(row[0], row[1], row[2], from_micros(row[3])) for row in rows]
        if len(rows) < at_a_time:
            return found


def changed(read: Tenant, settings: dict[str, Any], webhook_secret: bytes) -> Write:
    """Replace the settings and the secret, if nobody did so since they were read."""
    text = json.dumps(settings, separators=(",", ":"), sort_keys=True)
    return Write(UPDATE, (read.id, read.version, text, webhook_secret), expect=1)
