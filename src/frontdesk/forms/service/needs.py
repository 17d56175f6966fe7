"""What the verbs of forms need, how forms and sessions are found, and how a decision is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from frontdesk.basics.clock import Clock
from frontdesk.basics.errors import Missing
from frontdesk.basics.ids import prefixed, uuid7
from frontdesk.forms.documents import works
from frontdesk.forms.model import form as form_model
from frontdesk.forms.model import session as session_model
from frontdesk.forms.model.field import Layout
from frontdesk.forms.model.form import Fault, Paper
from frontdesk.forms.model.job import BATCH, JOB, ContextJob
from frontdesk.forms.model.session import Outcome
from frontdesk.forms.rules.refusals import DocumentsDeleted, NotFound, NotReady, PdfCorrupt, Refusal
from frontdesk.forms.store import forms, jobs, sessions
from frontdesk.forms.store.forms import Form as Form
from frontdesk.forms.store.forms import Layouts
from frontdesk.forms.store.jobs import Kept
from frontdesk.forms.store.jobs import Work as Work
from frontdesk.forms.store.sessions import Dossier as Dossier
from frontdesk.kernel import blobs
from frontdesk.kernel import change as changes
from frontdesk.kernel.change import Change
from frontdesk.kernel.events import START, Fact
from frontdesk.kernel.lifecycle import Lifecycle
from frontdesk.kernel.outbox import Intent
from frontdesk.kernel.sessions import Session, unmoved
from frontdesk.kernel.vault import Seal, Vault
from frontdesk.kernel.webhooks.destinations import Allowed
from frontdesk.ports.blobs import Blobs
from frontdesk.ports.db import Db, Write
from frontdesk.ports.interpreter import Interpreter
from frontdesk.ports.ocr import Ocr
from frontdesk.ports.sandbox import Died, RanOutOfMemory, Sandbox, TookTooLong
from frontdesk.ports.wakeup import Wakeup

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""When a session, a job or a form that is kept until it is deleted expires."""
EPHEMERAL_FOR = timedelta(minutes=60)
LARGEST_BLOB = 256 * 1024 * 1024
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Needs:
    """`public_url` is what links begin with; `admin_token` opens the administration of keys, if there is one."""

    db: Db
    blobs: Blobs
    wakeup: Wakeup
    ocr: Ocr
    sandbox: Sandbox
    interpreter: Interpreter
    vault: Vault
    clock: Clock
    allowed: Allowed
    public_url: str = ""
    admin_token: str = ""
    layouts: Layouts = field(default_factory=Layouts)


async def form_of(needs: Needs, tenant_id: str, form_id: str | None) -> Form:
    """The tenant's form. `form_id` is the id inside, None for what cannot be one. Raises `NotFound`."""
    found = None if form_id is None else await forms.load(needs.db, needs.vault, form_id, tenant_id)
    if found is None:
        raise NotFound("there is no such form")
    return found


async def ready_form(needs: Needs, tenant_id: str, form_id: str | None) -> Form:
    """The tenant's form once it has been read. Raises `NotFound`, `NotReady`."""
    form = await form_of(needs, tenant_id, form_id)
    refuse_unless_ready(form)
    return form


def refuse_unless_ready(form: Form) -> None:
    """Raises `NotReady`, with the reason."""
    if form.session.status == "failed":
        reason = form.paper.error.message if form.paper.error else "the form could not be read"
        raise NotReady(f"the form could not be read: {reason}")
    if form.session.status != "ready":
        raise NotReady("the form is still being read; ask again when its status is ready")


async def session_of(needs: Needs, tenant_id: str, session_id: str | None) -> Dossier:
    """The tenant's session. Raises `NotFound`."""
    found = None
    if session_id is not None:
        found = await sessions.load(needs.db, needs.vault, needs.layouts, session_id, tenant_id)
    if found is None:
        raise NotFound("there is no such session")
    return found


async def work_of(needs: Needs, kind: type[Kept], tenant_id: str, work_id: str | None) -> Work[Kept]:
    """The tenant's job or batch. Raises `NotFound`."""
    found = None if work_id is None else await jobs.load(needs.db, needs.vault, kind, work_id, tenant_id)
    if found is None:
        raise NotFound("there is no such job")
    return found


async def layout_of(needs: Needs, form: Form) -> Layout:
    """The layout of a form that is ready."""
    return await needs.layouts.load(needs.db, needs.vault, form.id, form.session.wrapped_key)


async def document_of(needs: Needs, form: Form) -> bytes:
    """The PDF as it was uploaded. Raises `DocumentsDeleted`."""
    return await blob_of(needs, form.paper, form.paper.blob_key)


async def blob_of(needs: Needs, paper: Paper, key: str) -> bytes:
    """A stored document of a form or of a session over it. Raises `DocumentsDeleted`."""
    if paper.documents_deleted_at is not None:
        raise DocumentsDeleted("the documents of this form were deleted when their time was over")
    try:
        return await needs.blobs.get(key, LARGEST_BLOB)
    except Missing as error:
        raise DocumentsDeleted("the documents of this form were deleted") from error


async def store(needs: Needs, session_id: str, name: str, content: bytes, mime_type: str) -> tuple[str, Write]:
    """Store an object under a new key, and the write that keeps it when its change is committed."""
    key = f"forms/{session_id}/{prefixed('f')}-{name}"
    await needs.db.commit([blobs.reserved(key, session_id, needs.clock.now())])
    await needs.blobs.put(key, content, mime_type)
    return key, blobs.kept(key)


def new_session(
    needs: Needs, tenant_id: str, kind: str, lifecycle: Lifecycle, parent_id: str | None, expires_at: datetime = NEVER
) -> tuple[Session, Seal]:
    """The kernel's row of something new, with its seal."""
    session_id = uuid7()
    seal, wrapped = needs.vault.new_session_key(session_id)
    now = needs.clock.now()
    row = Session(session_id, tenant_id, kind, lifecycle.start, parent_id, 1, now, expires_at, 0, START, wrapped)
    return row, seal


def form_change(
    needs: Needs,
    read: Form,
    verb: str | None,
    paper: Paper,
    facts: Sequence[Fact] = (),
    *,
    writes: Sequence[Write] = (),
    jobs: Sequence[Intent] = (),
) -> Change:
    """The change that moves a form; a form whose documents go by themselves lives on from now."""
    now = needs.clock.now()
    lives_on = now + EPHEMERAL_FOR if paper.retention and paper.documents_deleted_at is None else None
    return changes.change(
        read.session,
        form_model.LIFECYCLE,
        verb,
        read.seal,
        facts,
        now,
        writes=[forms.updated(read, paper), *writes],
        jobs=jobs,
        expires_at=lives_on,
    )


def used(needs: Needs, form: Form) -> Change:
    """Joined to the change that begins something over a form: the form may be deleted at this very moment, and then
    nothing may begin. A form whose documents go by themselves lives on."""
    if form.paper.retention:
        return form_change(needs, form, "use", form.paper)
    return Change((unmoved(form.session),))


def session_change(
    needs: Needs,
    read: Dossier,
    outcome: Outcome,
    *,
    writes: Sequence[Write] = (),
    jobs: Sequence[Intent] = (),
) -> Change:
    """The change that a decision about a session is."""
    return changes.change(
        read.session,
        session_model.LIFECYCLE,
        outcome.verb,
        read.seal,
        [Fact(name, facts) for name, facts in outcome.facts],
        needs.clock.now(),
        writes=[sessions.updated(read, outcome.sheet), *writes],
        jobs=jobs,
    )


def work_change(
    needs: Needs,
    read: Work[Kept],
    verb: str,
    record: Kept,
    facts: Sequence[Fact] = (),
    *,
    writes: Sequence[Write] = (),
    jobs_after: Sequence[Intent] = (),
) -> Change:
    """The change that moves a job or a batch."""
    lifecycle = JOB if isinstance(record, ContextJob) else BATCH
    kept = [jobs.updated(read, record), *writes]
    return changes.change(
        read.session, lifecycle, verb, read.seal, facts, needs.clock.now(), writes=kept, jobs=jobs_after
    )


async def commit(needs: Needs, kept: Change) -> None:
    """Keep a change. Raises `Conflict`."""
    await changes.commit(needs.db, needs.wakeup, kept)


async def sandboxed(needs: Needs, work: Callable[..., Result], *arguments: Any, seconds: float | None = None) -> Result:
    """What the work returns. What breaks its child is the document's fault, and told as that."""
    try:
        return await needs.sandbox.run(work, *arguments, seconds=seconds)
    except TookTooLong as error:
        raise PdfCorrupt("the document takes too long to read; send a simpler copy, printed to a new PDF") from error
    except RanOutOfMemory as error:
        raise PdfCorrupt("the document needs too much memory; send a simpler copy, printed to a new PDF") from error
    except Died as error:
        raise PdfCorrupt("the document cannot be read; send a copy that was printed to a new PDF") from error


def fault_of(refusal: Refusal) -> Fault:
    """A refusal as the error of a job."""
    return Fault(refusal.code, refusal.message)


async def look_at(needs: Needs, pdf: bytes) -> int:
    """How many pages the PDF has; it is opened where that does no harm. Raises refusals."""
    return await sandboxed(needs, works.look, pdf)
