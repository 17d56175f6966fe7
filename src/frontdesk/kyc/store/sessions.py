"""What a session has collected: one sealed record beside the kernel's row, and the queries that find it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from frontdesk.basics.clock import to_micros
from frontdesk.kernel import credentials, idempotency, sessions, tenants
from frontdesk.kernel.sessions import Session
from frontdesk.kernel.vault import Seal, Vault, digest
from frontdesk.kyc.model.definition import Definition
from frontdesk.kyc.model.findings import Finding, Triggered
from frontdesk.kyc.model.liveness import LivenessAttempt
from frontdesk.kyc.model.session import Correction, Document, Progress, Related, Review, StepState
from frontdesk.kyc.store import customers
from frontdesk.kyc.store.recent import Recent
from frontdesk.kyc.store.workflows import Definitions
from frontdesk.ports.db import Db, Row, Value, Write

KIND = "kyc"
_OURS = "k.workflow_id, k.workflow_version, k.customer_id, k.step_id, k.record, t.settings, t.version"
_RECORD, _TENANT_VERSION = 4, 6
"""Where these stand among ours."""
_WORTH_KEEPING = 16_384
"""Bytes of a sealed record: a session of uncommon size is opened anew each time."""
_JOINED = "JOIN kyc_sessions k ON k.session_id = s.id JOIN tenants t ON t.id = s.tenant_id"
INSERT = """
INSERT INTO kyc_sessions (session_id, workflow_id, workflow_version, customer_id, step_id, record, tenant_id, rests_as,
                          rests_since)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
UPDATE = "UPDATE kyc_sessions SET record = $2, rests_as = $3, rests_since = $4 WHERE session_id = $1"
UPDATE_RECORD = "UPDATE kyc_sessions SET record = $2 WHERE session_id = $1"
"""Names no column that is indexed, as `UPDATE_IN_PLACE` of the kernel."""
DELETE_CLAIM = "DELETE FROM idempotency WHERE owner_id = $1 AND scope = $2 AND key = $3"
DELETE = "DELETE FROM kyc_sessions WHERE session_id = $1"
SELECT = f"""
SELECT {sessions.COLUMNS}, {_OURS} FROM sessions s {_JOINED} WHERE s.id = $1 AND s.tenant_id = $2 AND s.kind = 'kyc'
"""
SELECT_FOR_JOB = f"SELECT {sessions.COLUMNS}, {_OURS} FROM sessions s {_JOINED} WHERE s.id = $1 AND s.kind = 'kyc'"
SELECT_BY_TOKEN = f"""
SELECT {sessions.COLUMNS}, {_OURS} FROM access_tokens a JOIN sessions s ON s.id = a.session_id {_JOINED}
WHERE a.digest = $1 AND s.kind = 'kyc'
"""
SELECT_MARKS = "SELECT s.id, s.version, t.version FROM sessions s JOIN tenants t ON t.id = s.tenant_id WHERE s.id = $1"
"""What `Recent` goes by: every change of a session, its access tokens too, or of a tenant counts up its version."""
SELECT_KEPT = "SELECT key FROM blobs WHERE session_id = $1 AND stored_by IS NULL ORDER BY key"
SELECT_CHILDREN = f"""
SELECT {sessions.COLUMNS}, {_OURS}, a.sealed
FROM sessions s {_JOINED} LEFT JOIN access_tokens a ON a.session_id = s.id
WHERE s.parent_id = $1 ORDER BY s.created_at, s.id
"""


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is sealed: everything personal, and everything that only has meaning together with it."""

    ttl_days: int
    metadata: Mapping[str, Any] = {}
    label: str | None = None
    tag: str | None = None
    steps: tuple[StepState, ...] = ()
    form_data: Mapping[str, Mapping[str, Any]] = {}
    documents: tuple[Document, ...] = ()
    corrections: tuple[Correction, ...] = ()
    completed_at: datetime | None = None
    processed_at: datetime | None = None
    final_decision: str | None = None
    review: Review | None = None
    findings: tuple[Finding, ...] = ()
    validated_at: datetime | None = None
    triggered: tuple[Triggered, ...] = ()
    claim: tuple[str, str] | None = None
    """Scope and key of the kept answer to the request that opened the session: it goes with the session."""
    liveness: tuple[LivenessAttempt, ...] = ()


_decoder = msgspec.msgpack.Decoder(Record)
_encoder = msgspec.msgpack.Encoder()


class Told(msgspec.Struct, eq=False):
    """What was answered to a customer who asked for the state, in bytes, and of which state that is true."""

    of: Progress | None = None
    body: msgspec.Raw = msgspec.Raw()


class Dossier(msgspec.Struct, frozen=True):
    """A session as read: the kernel's row, its seal, what rules need of it, and what they do not."""

    session: Session
    seal: Seal
    progress: Progress
    workflow_id: str
    workflow_version: int
    customer_id: str | None
    step_id: str | None
    metadata: dict[str, Any]
    label: str | None
    tag: str | None
    tenant_settings: dict[str, Any]
    claim: tuple[str, str] | None = None
    told: Told = msgspec.field(default_factory=Told)

    @property
    def definition(self) -> Definition:
        """The workflow version that the session was opened with."""
        return self.progress.definition


async def by_token(
    db: Db, vault: Vault, definitions: Definitions, recent: Recent[Dossier], token: str
) -> Dossier | None:
    """The session that this access token opens, whether it has expired or not."""
    key = digest(token)
    kept = recent.find(key)
    if kept is not None:
        marks, dossier = kept
        now = await db.one(SELECT_MARKS, marks[0])
        if now is not None and tuple(now) == marks:
            return dossier
    row = await db.one(SELECT_BY_TOKEN, key)
    if row is None:
        return None
    dossier = await _dossier(db, vault, definitions, row)
    ours = row[sessions.WIDTH :]
    if len(ours[_RECORD]) <= _WORTH_KEEPING:
        _remember(recent, key, dossier, ours[_TENANT_VERSION])
    return dossier


def remember_new(recent: Recent[Dossier], token: str, dossier: Dossier, tenant_version: int) -> None:
    """A session that was just opened, with its tenant as it was read for that: the customer comes soon."""
    _remember(recent, digest(token), dossier, tenant_version)


def _remember(recent: Recent[Dossier], key: bytes, dossier: Dossier, tenant_version: int) -> None:
    if not _has_children(dossier.session, dossier.definition):  # children are rows of their own
        recent.keep(key, (dossier.session.id, dossier.session.version, tenant_version), dossier)


async def load(db: Db, vault: Vault, definitions: Definitions, session_id: str, tenant_id: str) -> Dossier | None:
    """The tenant's session."""
    row = await db.one(SELECT, session_id, tenant_id)
    return None if row is None else await _dossier(db, vault, definitions, row)


async def for_job(db: Db, vault: Vault, definitions: Definitions, session_id: str) -> Dossier | None:
    """The session that a job was queued for; None when it was erased meanwhile."""
    row = await db.one(SELECT_FOR_JOB, session_id)
    return None if row is None else await _dossier(db, vault, definitions, row)


class Child(msgspec.Struct, frozen=True):
    """A subsession as its parent's lists show it."""

    related: Related
    token: str | None


async def children(db: Db, vault: Vault, session_id: str) -> list[Child]:
    """The subsessions of a session, the oldest first."""
    found = []
    for row in await db.all(SELECT_CHILDREN, session_id):
        session = sessions.from_row(row)
        ours = row[sessions.WIDTH :]
        record = _open(session, vault.open_session_key(session.id, session.wrapped_key), ours)
        related = Related(
            subsession_id=session.id,
            step_id=ours[3] or "",
            status=session.status,
            label=record.label or "",
            workflow_id=ours[0],
            expires_at=session.expires_at,
            created_at=session.created_at,
            tag=record.tag,
            completed_at=record.completed_at,
        )
        sealed = row[-1]
        token = None if sealed is None else credentials.open_token(vault, session.id, bytes(sealed))
        found.append(Child(related, token))
    return found


def inserted(
    session: Session,
    seal: Seal,
    record: Record,
    rests: tuple[str, datetime],
    *,
    workflow: tuple[str, int],
    customer_id: str | None = None,
    step_id: str | None = None,
) -> Write:
    """Keep what a new session begins with. `workflow` is its id and version; `rests` is as what it rests since when."""
    row = (session.id, *workflow, customer_id, step_id, _close(session.id, seal, record))
    return Write(INSERT, (*row, session.tenant_id, rests[0], to_micros(rests[1])))


def record_of(read: Dossier, progress: Progress, metadata: Mapping[str, Any] | None = None) -> Record:
    """What is sealed of a session after a decision."""
    return Record(  # by position: naming so many fields takes five times as long
        progress.ttl_days,
        read.metadata if metadata is None else metadata,
        read.label,
        read.tag,
        progress.steps,
        progress.form_data,
        progress.documents,
        progress.corrections,
        progress.completed_at,
        progress.processed_at,
        progress.final_decision,
        progress.review,
        progress.findings,
        progress.validated_at,
        progress.triggered,
        read.claim,
        progress.liveness,
    )


def updated(
    read: Dossier, progress: Progress, rests: tuple[str, datetime] | None, metadata: Mapping[str, Any] | None = None
) -> Write:
    """Keep what a decision made of the session. `rests` is None where the session rests as before."""
    sealed = _close(read.session.id, read.seal, record_of(read, progress, metadata))
    if rests is None:
        return Write(UPDATE_RECORD, (read.session.id, sealed), expect=1)
    return Write(UPDATE, (read.session.id, sealed, rests[0], to_micros(rests[1])), expect=1)


async def kept_objects(db: Db, session_id: str) -> list[str]:
    """The keys of every file that is kept for the session."""
    return [row[0] for row in await db.all(SELECT_KEPT, session_id)]


def deleted(read: Dossier, now: datetime) -> tuple[Write, ...]:
    """Remove what the session has collected, the kept answer that opened it, and its customer if it was the last."""
    session = read.session
    writes = [Write(DELETE, (session.id,))]
    # Later the same key may stand for the answer to another request.
    if read.claim is not None and now < session.created_at + idempotency.KEPT_FOR:
        writes.append(Write(DELETE_CLAIM, (session.tenant_id, *read.claim)))
    if read.customer_id is not None:
        writes += customers.deleted_with_last(read.customer_id, session.tenant_id)
    return tuple(writes)


class Query(msgspec.Struct, frozen=True):
    """Which sessions a tenant wants to see. Instants are microseconds; `after` is where the last page ended."""

    tenant_id: str
    now: int
    after: tuple[int, str]
    limit: int
    newest_first: bool = True
    status: str | None = None
    workflow_id: str | None = None
    customer_id: str | None = None
    parent_session_id: str | None = None
    top_level_only: bool = True
    expired: bool | None = None
    created_from: int | None = None
    created_to: int | None = None


async def listed(db: Db, vault: Vault, definitions: Definitions, query: Query) -> list[Dossier]:
    """The sessions that a query asks for, one page of them."""
    statement, args = list_statement(query)
    return [await _dossier(db, vault, definitions, row) for row in await db.all(statement, *args)]


def list_statement(query: Query) -> tuple[str, list[Value]]:
    """The statement for just the filters that are given: each of them narrows an index or the rows it yields."""
    args: list[Value] = []

    def arg(value: Value) -> str:
        args.append(value)
        return f"${len(args)}"

    where = [f"s.tenant_id = {arg(query.tenant_id)}", "s.kind = 'kyc'"]
    compare, direction = ("<", "DESC") if query.newest_first else (">", "ASC")
    at, session_id = query.after
    where.append(f"(s.created_at, s.id) {compare} ({arg(at)}, {arg(session_id)})")
    for column, value in (
        ("s.status", query.status),
        ("k.workflow_id", query.workflow_id),
        ("k.customer_id", query.customer_id),
        ("s.parent_id", query.parent_session_id),
    ):
        if value is not None:
            where.append(f"{column} = {arg(value)}")
    if query.parent_session_id is None and query.top_level_only:
        where.append("s.parent_id IS NULL")
    if query.expired is not None:
        where.append(f"s.expires_at {'<=' if query.expired else '>'} {arg(query.now)}")
    if query.created_from is not None:
        where.append(f"s.created_at >= {arg(query.created_from)}")
    if query.created_to is not None:
        where.append(f"s.created_at < {arg(query.created_to)}")
    statement = (
        f"SELECT {sessions.COLUMNS}, {_OURS} FROM sessions s {_JOINED} WHERE {' AND '.join(where)} "
        f"ORDER BY s.created_at {direction}, s.id {direction} LIMIT {arg(query.limit)}"
    )
    return statement, args


async def _dossier(db: Db, vault: Vault, definitions: Definitions, row: Row) -> Dossier:
    session = sessions.from_row(row)
    ours = row[sessions.WIDTH :]
    workflow_id, version, customer_id, step_id = ours[:4]
    seal = vault.open_session_key(session.id, session.wrapped_key)
    record = _open(session, seal, ours)
    definition = await definitions.load(db, workflow_id, version)
    related: tuple[Related, ...] = ()
    if _has_children(session, definition):
        related = tuple(child.related for child in await children(db, vault, session.id))
    progress = Progress(
        session_id=session.id,
        definition=definition,
        created_at=session.created_at,
        expires_at=session.expires_at,
        ttl_days=record.ttl_days,
        status=session.status,
        steps=record.steps,
        form_data=record.form_data,
        documents=record.documents,
        corrections=record.corrections,
        related=related,
        parent_session_id=session.parent_id,
        completed_at=record.completed_at,
        processed_at=record.processed_at,
        final_decision=record.final_decision,
        review=record.review,
        findings=record.findings,
        validated_at=record.validated_at,
        triggered=record.triggered,
        liveness=record.liveness,
    )
    return Dossier(
        session,
        seal,
        progress,
        workflow_id,
        version,
        customer_id,
        step_id,
        dict(record.metadata),
        record.label,
        record.tag,
        tenants.settings_in(ours[5]),
        record.claim,
    )


def _has_children(session: Session, definition: Definition) -> bool:
    return session.parent_id is None and any(step.subsession_config for step in definition.steps)


def _open(session: Session, seal: Seal, ours: Row) -> Record:
    return _decoder.decode(seal.unseal(bytes(ours[_RECORD]), f"record {session.id}"))


def _close(session_id: str, seal: Seal, record: Record) -> bytes:
    return seal.seal(_encoder.encode(record), f"record {session_id}")
