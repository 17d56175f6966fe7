"""The first answer to a request with an Idempotency-Key, given again when the request comes again."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from frontdesk.basics.clock import to_micros
from frontdesk.basics.errors import Problem
from frontdesk.kernel.vault import Vault
from frontdesk.ports.db import Db, Write

KEPT_FOR = timedelta(hours=24)
SELECT = """
SELECT request_digest, sealed FROM idempotency WHERE owner_id = $1 AND scope = $2 AND key = $3 AND expires_at > $4
"""
DELETE_STALE = "DELETE FROM idempotency WHERE owner_id = $1 AND scope = $2 AND key = $3 AND expires_at <= $4"
INSERT = """
INSERT INTO idempotency (owner_id, scope, key, request_digest, sealed, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
"""
DELETE_EXPIRED = "DELETE FROM idempotency WHERE expires_at <= $1"


class KeyReused(Problem):
    """The same Idempotency-Key came with another request."""

    code: ClassVar[str] = "idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class Claim:
    """One request that may come again: whose it is (tenant or session), which call, its key and its body."""

    owner_id: str
    scope: str
    key: str
    request: bytes

    @property
    def about(self) -> str:
        """What the kept answer is sealed to."""
        return f"answer {self.owner_id} {self.scope} {self.key}"

    @property
    def request_digest(self) -> bytes:
        """What a repeated request is compared by."""
        return hashlib.sha256(self.request).digest()


async def earlier_answer(db: Db, vault: Vault, claim: Claim, now: datetime) -> bytes | None:
    """The answer kept for this claim. Raises `KeyReused`."""
    row = await db.one(SELECT, claim.owner_id, claim.scope, claim.key, to_micros(now))
    if row is None:
        return None
    if bytes(row[0]) != claim.request_digest:
        raise KeyReused("This Idempotency-Key was used with another request; use a new key for a new request")
    return vault.unseal(bytes(row[1]), claim.about)


def kept(vault: Vault, claim: Claim, answer: bytes, now: datetime) -> list[Write]:
    """Keep the answer in the change that it reports. A racing twin conflicts, and then finds the answer."""
    place = (claim.owner_id, claim.scope, claim.key)
    sealed = vault.seal(answer, claim.about)
    return [
        Write(DELETE_STALE, (*place, to_micros(now))),
        Write(INSERT, (*place, claim.request_digest, sealed, to_micros(now + KEPT_FOR))),
    ]
