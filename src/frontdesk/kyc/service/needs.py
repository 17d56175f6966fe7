"""What the verbs of identity checks need, how a session is found, and how a decision is kept."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import msgspec
from msgspec.structs import replace

from frontdesk.basics.clock import Clock
from frontdesk.kernel import blobs, credentials
from frontdesk.kernel import change as changes
from frontdesk.kernel.change import Change
from frontdesk.kernel.events import Fact
from frontdesk.kernel.outbox import Intent
from frontdesk.kernel.vault import Vault
from frontdesk.kernel.webhooks.destinations import Allowed
from frontdesk.kyc.checks.numbers import new_numbers
from frontdesk.kyc.model.session import LIFECYCLE, Note, Outcome
from frontdesk.kyc.rules.refusals import NotFound
from frontdesk.kyc.rules.retention import resting
from frontdesk.kyc.rules.upload import URL_LIVES_FOR
from frontdesk.kyc.service import announcing
from frontdesk.kyc.store import document_numbers
from frontdesk.kyc.store import sessions as store
from frontdesk.kyc.store.recent import Recent
from frontdesk.kyc.store.sessions import Dossier
from frontdesk.kyc.store.workflows import Definitions
from frontdesk.ports.blobs import Blobs
from frontdesk.ports.db import Db, Write
from frontdesk.ports.faces import Faces
from frontdesk.ports.liveness import Liveness
from frontdesk.ports.mail import Mail
from frontdesk.ports.ocr import Ocr
from frontdesk.ports.sandbox import Sandbox
from frontdesk.ports.screening import Screening
from frontdesk.ports.wakeup import Wakeup

ADDRESSES_DEAD_AFTER = URL_LIVES_FOR + timedelta(minutes=45)
DISCARD = "discard_object"
"""The rules' word for a file that nobody shall see: the next sweep removes it."""


class Needs(msgspec.Struct, frozen=True):
    """`public_url` is what links begin with; `upload_types` are the types of file that may be sent; `liveness` are the
    providers by name, `liveness_provider` is the one for workflows that name none."""

    db: Db
    blobs: Blobs
    wakeup: Wakeup
    ocr: Ocr
    faces: Faces
    liveness: Mapping[str, Liveness]
    sandbox: Sandbox
    vault: Vault
    clock: Clock
    public_url: str
    upload_types: tuple[str, ...]
    allowed: Allowed
    mail: Mail | None = None
    screenings: Mapping[str, Screening] = msgspec.field(default_factory=dict)
    definitions: Definitions = msgspec.field(default_factory=Definitions)
    recent: Recent[Dossier] = msgspec.field(default_factory=Recent)
    liveness_provider: str = "local"


class SessionNotFound(NotFound):
    """No session, or none for this caller: unknown, revoked, expired and erased look the same."""

    reason: ClassVar[str] = "session_not_found"

    def __init__(self) -> None:
        super().__init__("Session not found or expired")


async def opened(needs: Needs, token: str, now: datetime | None = None) -> Dossier:
    """The session that the token opens now. Raises `SessionNotFound`."""
    dossier = await store.by_token(needs.db, needs.vault, needs.definitions, needs.recent, token)
    if dossier is None or dossier.session.expired(now or needs.clock.now()):
        raise SessionNotFound
    return dossier


async def owned(needs: Needs, tenant_id: str, session_id: str) -> Dossier:
    """The tenant's session, expired or not. Raises `SessionNotFound`."""
    dossier = await store.load(needs.db, needs.vault, needs.definitions, session_id, tenant_id)
    if dossier is None:
        raise SessionNotFound
    return dossier


def link(needs: Needs, token: str) -> str:
    """The address that an end user opens."""
    return f"{needs.public_url}/public/sessions/{token}"


async def token_of(needs: Needs, session_id: str) -> str | None:
    """The session's present token, if it has one."""
    return await credentials.token_of(needs.db, needs.vault, session_id)


async def keep(
    needs: Needs,
    read: Dossier,
    outcome: Outcome,
    *,
    writes: tuple[Write, ...] = (),
    metadata: dict[str, Any] | None = None,
    also: Change | None = None,
    now: datetime | None = None,
) -> Any:
    """Commit what was decided and return its answer, or raise its refusal. Raises `Conflict`."""
    if outcome.changed:
        kept = await composed(needs, read, outcome, writes=writes, metadata=metadata, now=now)
        await changes.commit(needs.db, needs.wakeup, kept if also is None else kept + also)
    if outcome.refusal is not None:
        raise outcome.refusal
    return outcome.answer


async def composed(
    needs: Needs,
    read: Dossier,
    outcome: Outcome,
    *,
    writes: tuple[Write, ...] = (),
    metadata: dict[str, Any] | None = None,
    now: datetime | None = None,
) -> Change:
    """The change that a decision is, made `now`."""
    now = now or needs.clock.now()
    progress = outcome.progress
    after = replace(read, progress=progress, metadata=read.metadata if metadata is None else metadata)
    discarded = [
        blobs.doomed(key, now)
        for name, facts in outcome.jobs
        if name == DISCARD and (document := progress.document(facts["doc_id"])) is not None
        for key in (document.kept_key, document.arriving_key)
    ]
    seen = [
        document_numbers.shown(read.session.tenant_id, number_digest(needs, read, number), read.session.id)
        for number in sorted(new_numbers(read.progress, progress))
    ]
    rests = resting(progress)
    moved_on = None if rests == resting(read.progress) else rests
    told, deliveries = await announcing.letters(needs.db, needs.vault, after, outcome.events, now)
    return changes.change(
        read.session,
        LIFECYCLE,
        outcome.verb,
        read.seal,
        [Fact(name, facts) for name, facts in outcome.events],
        now,
        writes=[store.updated(read, progress, moved_on, metadata), *told, *seen, *discarded, *writes],
        jobs=[*[_job(read, note) for note in outcome.jobs if note[0] != DISCARD], *deliveries],
        expires_at=progress.expires_at,
    )


def number_digest(needs: Needs, read: Dossier, number: str) -> bytes:
    """A paper's number as it is kept: under the server's key and for one tenant, so that nobody can try numbers."""
    return needs.vault.sign("document number", f"{read.session.tenant_id} {number}".encode())


def _job(read: Dossier, note: Note) -> Intent:
    name, argument = note
    # The version makes the key new for each change: the same document may be read again later.
    key = f"kyc.{name} {read.session.id} {read.session.version + 1} {argument.get('doc_id', '')}".rstrip()
    return Intent(f"kyc.{name}", key, {"session_id": read.session.id, **argument}, read.session.id)
