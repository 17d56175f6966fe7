"""Context jobs and batches: a sealed record beside the kernel's row."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from frontdesk.forms.model.job import Batch, ContextJob
from frontdesk.kernel import sessions
from frontdesk.kernel.sessions import Session
from frontdesk.kernel.vault import Seal, Vault
from frontdesk.ports.db import Db, Row, Write

KIND = "form_job"
BATCH_KIND = "form_batch"
_JOINED = "JOIN forms_records r ON r.session_id = s.id JOIN sessions p ON p.id = s.parent_id"
INSERT = "INSERT INTO forms_records (session_id, record) VALUES ($1, $2)"
UPDATE = "UPDATE forms_records SET record = $2 WHERE session_id = $1"
SELECT = f"""
SELECT {sessions.COLUMNS}, r.record FROM sessions s {_JOINED} WHERE s.id = $1 AND s.tenant_id = $2 AND s.kind = $3
"""
SELECT_FOR_JOB = f"SELECT {sessions.COLUMNS}, r.record FROM sessions s {_JOINED} WHERE s.id = $1 AND s.kind = $2"
SELECT_WAITING = """
SELECT s.id FROM sessions s WHERE s.parent_id = $1 AND s.kind = 'form_job' AND s.status = 'queued'
ORDER BY s.created_at, s.id
"""

Kept = TypeVar("Kept", ContextJob, Batch)
_decoders: dict[type[Any], Any] = {
    ContextJob: msgspec.msgpack.Decoder(ContextJob),
    Batch: msgspec.msgpack.Decoder(Batch),
}
_kinds: dict[type[Any], str] = {ContextJob: KIND, Batch: BATCH_KIND}
_encoder = msgspec.msgpack.Encoder()


@dataclass(frozen=True, slots=True)
class Work(Generic[Kept]):
    """A job or a batch as read."""

    session: Session
    seal: Seal
    record: Kept

    @property
    def id(self) -> str:
        """The id inside."""
        return self.session.id

    @property
    def form_id(self) -> str:
        """The form that it works on."""
        return self.session.parent_id or ""


async def load(db: Db, vault: Vault, kind: type[Kept], job_id: str, tenant_id: str) -> Work[Kept] | None:
    """The tenant's job or batch."""
    row = await db.one(SELECT, job_id, tenant_id, _kinds[kind])
    return None if row is None else _work(vault, kind, row)


async def for_job(db: Db, vault: Vault, kind: type[Kept], job_id: str) -> Work[Kept] | None:
    """What is to be done; None when it was erased meanwhile."""
    row = await db.one(SELECT_FOR_JOB, job_id, _kinds[kind])
    return None if row is None else _work(vault, kind, row)


async def waiting(db: Db, form_id: str) -> list[str]:
    """The context jobs that wait for the form to be read."""
    return [str(row[0]) for row in await db.all(SELECT_WAITING, form_id)]


def inserted(session: Session, seal: Seal, record: ContextJob | Batch) -> Write:
    """Keep a new job or batch."""
    return Write(INSERT, (session.id, _closed(session.id, seal, record)))


def updated(read: "Work[Kept]", record: Kept) -> Write:
    """Keep how far it has come."""
    return Write(UPDATE, (read.id, _closed(read.id, read.seal, record)), expect=1)


def _work(vault: Vault, kind: type[Kept], row: Row) -> Work[Kept]:
    session = sessions.from_row(row)
    seal = vault.open_session_key(session.id, session.wrapped_key)
    record: Kept = _decoders[kind].decode(seal.unseal(bytes(row[sessions.WIDTH]), f"record {session.id}"))
    return Work(session, seal, record)


def _closed(session_id: str, seal: Seal, record: ContextJob | Batch) -> bytes:
    return seal.seal(_encoder.encode(record), f"record {session_id}")
