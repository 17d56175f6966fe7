"""Who may do what: tenants' API keys, and the access tokens that open one session to one end user."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import ClassVar

import msgspec

from frontdesk.basics.clock import from_micros, to_micros
from frontdesk.basics.errors import Problem
from frontdesk.basics.ids import api_key, uuid7
from frontdesk.kernel.vault import Vault, digest
from frontdesk.ports.db import Db, Write

PERMISSIONS = (
    *("kyc:create", "kyc:read", "kyc:review", "kyc:delete", "kyc:export"),
    *("forms:read", "forms:write", "agents:read", "agents:write", "tenant:admin"),
)
"""Every permission there is; a key made without a choice holds them all."""

INSERT_KEY = """
INSERT INTO api_keys (id, tenant_id, name, digest, hint, permissions, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
SELECT_BY_DIGEST = """
SELECT id, tenant_id, permissions FROM api_keys WHERE digest = $1 AND disabled_at IS NULL AND revoked_at IS NULL
"""
SELECT_KEYS = """
SELECT id, tenant_id, name, hint, permissions, created_at, disabled_at, revoked_at FROM api_keys
WHERE tenant_id = $1 ORDER BY created_at, id
"""
DISABLE = "UPDATE api_keys SET disabled_at = $3 WHERE id = $1 AND tenant_id = $2 AND revoked_at IS NULL"
ENABLE = "UPDATE api_keys SET disabled_at = NULL WHERE id = $1 AND tenant_id = $2 AND revoked_at IS NULL"
RENAME = "UPDATE api_keys SET name = $3 WHERE id = $1 AND tenant_id = $2 AND revoked_at IS NULL"
REVOKE = "UPDATE api_keys SET revoked_at = $3 WHERE id = $1 AND tenant_id = $2 AND revoked_at IS NULL"

INSERT_TOKEN = "INSERT INTO access_tokens (digest, session_id, sealed, created_at) VALUES ($1, $2, $3, $4)"
DELETE_TOKENS = "DELETE FROM access_tokens WHERE session_id = $1"
SELECT_TOKEN = "SELECT sealed FROM access_tokens WHERE session_id = $1 ORDER BY created_at DESC LIMIT 1"


class UnknownPermission(Problem):
    """No permission has this name."""

    code: ClassVar[str] = "unknown_permission"


class Identity(msgspec.Struct, frozen=True):
    """Who is calling, by which key, and what that key may do."""

    tenant_id: str
    key_id: str
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as its tenant sees it: never the key itself, only its last four characters."""

    id: str
    tenant_id: str
    name: str
    hint: str
    permissions: tuple[str, ...]
    created_at: datetime
    disabled_at: datetime | None
    revoked_at: datetime | None


def new_key(tenant_id: str, name: str, permissions: tuple[str, ...], now: datetime) -> tuple[str, str, Write]:
    """A key's id, the key (shown once), and the write that keeps its digest. Raises `UnknownPermission`."""
    unknown = sorted(set(permissions) - set(PERMISSIONS))
    if unknown:
        raise UnknownPermission(f"There is no permission {', '.join(unknown)}; choose from {', '.join(PERMISSIONS)}")
    key_id, key = uuid7(), api_key()
    row = (key_id, tenant_id, name, digest(key), key[-4:], " ".join(permissions), to_micros(now))
    return key_id, key, Write(INSERT_KEY, row)


async def identify(db: Db, key: str) -> Identity | None:
    """Who holds this API key, unless it is unknown, disabled or revoked."""
    row = await db.one(SELECT_BY_DIGEST, digest(key))
    return None if row is None else Identity(row[1], row[0], _permissions_in(row[2]))


@lru_cache(maxsize=256)
def _permissions_in(text: str) -> frozenset[str]:
    return frozenset(text.split())


async def keys_of(db: Db, tenant_id: str) -> list[ApiKey]:
    """Every key of the tenant, the oldest first."""
    return [
        ApiKey(
            r[0],
            r[1],
            r[2],
            r[3],
            tuple(r[4].split()),
            from_micros(r[5]),
            None if r[6] is None else from_micros(r[6]),
            None if r[7] is None else from_micros(r[7]),
        )
        for r in await db.all(SELECT_KEYS, tenant_id)
    ]


def switched(action: str, tenant_id: str, key_id: str, now: datetime) -> Write:
    """`disable`, `enable` or `revoke` a key; a revoked one stays so. Conflicts when there is no such key."""
    if action == "enable":
        return Write(ENABLE, (key_id, tenant_id), expect=1)
    statement = {"disable": DISABLE, "revoke": REVOKE}[action]
    return Write(statement, (key_id, tenant_id, to_micros(now)), expect=1)


def renamed(tenant_id: str, key_id: str, name: str) -> Write:
    """Call a key otherwise. Conflicts when there is no such key, or it was revoked."""
    return Write(RENAME, (key_id, tenant_id, name), expect=1)


def first_granted(vault: Vault, session_id: str, token: str, now: datetime) -> Write:
    """Let `token` open the new session."""
    sealed = vault.seal(token.encode(), f"token {session_id}")
    return Write(INSERT_TOKEN, (digest(token), session_id, sealed, to_micros(now)))


def granted(vault: Vault, session_id: str, token: str, now: datetime) -> list[Write]:
    """Let `token` open the session from now on, and no other: earlier ones die with this change."""
    return [Write(DELETE_TOKENS, (session_id,)), first_granted(vault, session_id, token, now)]


async def token_of(db: Db, vault: Vault, session_id: str) -> str | None:
    """The session's token again, for a link that is shown anew."""
    row = await db.one(SELECT_TOKEN, session_id)
    return None if row is None else open_token(vault, session_id, bytes(row[0]))


def open_token(vault: Vault, session_id: str, sealed: bytes) -> str:
    """A token as it was granted. Raises `BrokenSeal`."""
    return vault.unseal(sealed, f"token {session_id}").decode()
