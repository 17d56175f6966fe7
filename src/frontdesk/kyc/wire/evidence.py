"""What is published about evidence, retention and erasure."""

import base64
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from frontdesk.basics.clock import iso
from frontdesk.kernel.erasure import Tombstone
from frontdesk.kyc.documents import signature
from frontdesk.kyc.documents.signature import Signer


class EvidenceKey(msgspec.Struct, frozen=True):
    """The key under this server's evidence: `key_id` is SHA-256 over its DER form, `public_key` base64 of 32 bytes."""

    algorithm: str
    key_id: str
    public_key: str
    pem: str


class RetentionPatch(msgspec.Struct, frozen=True):
    """Clocks to be set, in days; null keeps sessions."""

    after_decision_days: int | UnsetType | None = UNSET
    after_completion_days: int | UnsetType | None = UNSET
    after_expiry_days: int | UnsetType | None = UNSET


class Retention(msgspec.Struct, frozen=True):
    """For how many days sessions are kept; null is for ever."""

    after_decision_days: int | None
    after_completion_days: int | None
    after_expiry_days: int | None


class RetentionAnswer(msgspec.Struct, frozen=True):
    """The tenant's clocks."""

    retention: Retention


class TombstoneShown(msgspec.Struct, frozen=True):
    """What is left of an erased session. `last_digest` is that of the last event of its log, the erasure, in hex."""

    session_id: str
    created_at: str
    erased_at: str
    erased_by: str
    events: int
    objects: int
    last_digest: str


def evidence_key(signer: Signer) -> EvidenceKey:
    """The public part of it."""
    key = signer.public
    raw = base64.b64encode(signature.raw(key)).decode()
    return EvidenceKey(signature.ALGORITHM, signature.fingerprint(key), raw, signature.pem(key))


def retention(kept_for: dict[str, Any]) -> RetentionAnswer:
    """The clocks as they are set."""
    return RetentionAnswer(msgspec.convert(kept_for, Retention))


def tombstone(found: Tombstone) -> TombstoneShown:
    """The proof as it is shown."""
    return TombstoneShown(
        found.session_id,
        iso(found.created_at),
        iso(found.erased_at),
        found.erased_by,
        found.events,
        found.objects,
        found.last_digest.hex(),
    )
