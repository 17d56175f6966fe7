"""Context jobs: a form, new or known, filled from supporting material without a conversation."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from msgspec import structs

from frontdesk.basics.errors import Missing, Unavailable
from frontdesk.forms.documents import works
from frontdesk.forms.documents.sources import Read, recognised
from frontdesk.forms.model.form import Fault
from frontdesk.forms.model.job import JOB, Context, ContextJob, Report
from frontdesk.forms.model.session import LIFECYCLE, Sheet
from frontdesk.forms.rules import filling, limits, matching
from frontdesk.forms.rules.matching import Answered
from frontdesk.forms.rules.refusals import BadRequest, Refusal, TooLarge, UnsupportedFile
from frontdesk.forms.service import announcing
from frontdesk.forms.service import forms as forms_service
from frontdesk.forms.service.detecting import PICTURE_WIDTH, context_intent
from frontdesk.forms.service.forms import Upload, claimed, earlier
from frontdesk.forms.service.needs import (
    LARGEST_BLOB,
    Needs,
    commit,
    document_of,
    fault_of,
    layout_of,
    new_session,
    ready_form,
    sandboxed,
    store,
    used,
    work_change,
    work_of,
)
from frontdesk.forms.service.talking import questions
from frontdesk.forms.service.usage import counted
from frontdesk.forms.store import forms, jobs, sessions
from frontdesk.forms.store.forms import Form
from frontdesk.forms.store.jobs import Work
from frontdesk.kernel import change as changes
from frontdesk.kernel.change import Change
from frontdesk.kernel.events import Fact
from frontdesk.kernel.idempotency import Claim
from frontdesk.ports.db import Write
from frontdesk.ports.interpreter import Matched, Passage
from frontdesk.ports.ocr import RefusedFile

FAILED = "context_fill_failed"
PATIENT_FOR = timedelta(minutes=3)
MOST_PICTURES = 5
"""Pages of one file whose text is recognised."""


@dataclass(frozen=True, slots=True)
class Material:
    """One `context` part: a file, or (in the older edition) a JSON object as a form value."""

    content: bytes
    name: str
    mime_type: str
    is_file: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """What a context job is asked for."""

    materials: tuple[Material, ...]
    policy: str | None = None
    callback_url: str | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A job that was accepted: its id inside, and whether material came in files."""

    job_id: str
    in_files: bool


async def begin_new(needs: Needs, tenant_id: str, upload: Upload, wish: Wish, claim: Claim | None) -> Begun:
    """A new form, and a job that fills it once it has been read."""
    known = await earlier(needs, claim)
    if known is not None:
        return Begun(*known)
    policy, url = _checked(needs, wish)
    # The caller is told of the job, which ends after the form does: one letter, not two.
    taken = await forms_service.take(needs, tenant_id, replace(upload, callback_url=None))
    record, kept = await _stored(needs, taken.session.id, wish, policy, url)
    job, seal = new_session(needs, tenant_id, jobs.KIND, JOB, taken.session.id)

    async def turn() -> Begun:
        known = await earlier(needs, claim)
        if known is not None:
            return Begun(*known)
        writes = [jobs.inserted(job, seal, record), *kept, *claimed(needs, claim, (job.id, record.in_files))]
        writes += counted(needs, tenant_id, "with_context", pages=taken.paper.page_count or 0)
        begun = changes.start(job, seal, [_queued(record)], needs.clock.now(), writes)
        await commit(needs, taken.change(needs) + begun)
        return Begun(job.id, record.in_files)

    return await changes.again(turn)


async def begin(needs: Needs, tenant_id: str, form_id: str | None, wish: Wish, claim: Claim | None) -> Begun:
    """A job that fills a form which has been read."""
    known = await earlier(needs, claim)
    if known is not None:
        return Begun(*known)
    form = await ready_form(needs, tenant_id, form_id)
    await document_of(needs, form)
    policy, url = _checked(needs, wish)
    record, kept = await _stored(needs, form.id, wish, policy, url)
    job, seal = new_session(needs, tenant_id, jobs.KIND, JOB, form.id)

    async def turn() -> Begun:
        known = await earlier(needs, claim)
        if known is not None:
            return Begun(*known)
        form = await ready_form(needs, tenant_id, form_id)
        writes = [jobs.inserted(job, seal, record), *kept, *claimed(needs, claim, (job.id, record.in_files))]
        writes += counted(needs, tenant_id, "with_context", pages=form.paper.page_count or 0)
        intents = [context_intent(job.id)]
        begun = changes.start(job, seal, [_queued(record)], needs.clock.now(), writes, intents)
        await commit(needs, begun + used(needs, form))
        return Begun(job.id, record.in_files)

    return await changes.again(turn)


def _queued(record: ContextJob) -> Fact:
    return Fact("forms.context_given", {"contexts": len(record.contexts), "policy": record.policy})


def _checked(needs: Needs, wish: Wish) -> tuple[str, str | None]:
    check_materials(wish.materials)
    return matching.policy_of(wish.policy), announcing.checked_url(needs, wish.callback_url)


def check_materials(materials: Sequence[Material]) -> None:
    """Refuse material that cannot be used, before anything is stored. Raises refusals."""
    if not materials:
        raise BadRequest("context is missing: send at least one part named context")
    if len(materials) > limits.CONTEXTS:
        raise TooLarge(f"at most {limits.CONTEXTS} context parts are accepted")
    for material in materials:
        if len(material.content) > limits.PDF_BYTES:
            raise TooLarge(f"a context file may have at most {limits.PDF_BYTES // (1024 * 1024)} MB")
        if material.is_file:
            continue
        if len(material.content) > limits.CONTEXT_LETTERS * 4:
            raise TooLarge(f"context as a form value may have at most {limits.CONTEXT_LETTERS} letters")
        try:
            told = json.loads(material.content)
        except (ValueError, RecursionError) as error:
            raise BadRequest("context as a form value must be a JSON object; send text as a file part") from error
        if not isinstance(told, dict):
            raise BadRequest("context as a form value must be a JSON object; send text as a file part")


async def _stored(
    needs: Needs, session_id: str, wish: Wish, policy: str, url: str | None
) -> tuple[ContextJob, list[Write]]:
    contexts: list[Context] = []
    kept: list[Write] = []
    for number, material in enumerate(wish.materials):
        key, write = await store(needs, session_id, f"context-{number}", material.content, "application/octet-stream")
        contexts.append(Context(key, material.name, material.mime_type))
        kept.append(write)
    in_files = any(material.is_file for material in wish.materials)
    return ContextJob(tuple(contexts), policy, in_files, url), kept


async def look(needs: Needs, tenant_id: str, job_id: str | None) -> Work[ContextJob]:
    """The job as it is now."""
    return await work_of(needs, ContextJob, tenant_id, job_id)


async def run(needs: Needs, job_id: str) -> None:
    """The job: fill the form, unless that was done already. It waits for a form that is still being read."""
    work = await jobs.for_job(needs.db, needs.vault, ContextJob, job_id)
    form = None if work is None else await forms.for_job(needs.db, needs.vault, work.form_id)
    if work is None or form is None or work.session.status in JOB.final or form.session.status == "detecting":
        return
    if form.session.status == "failed":
        reason = form.paper.error.message if form.paper.error else "the form could not be read"
        await _fail(needs, job_id, Fault(FAILED, f"the form could not be read: {reason}"))
        return
    if work.session.status == "queued":
        await commit(needs, work_change(needs, work, "begin", work.record))
    try:
        await _fill(needs, work, form)
    except Refusal as refusal:
        await _fail(needs, job_id, replace(fault_of(refusal), code=FAILED))
    except Unavailable:
        # The engine tries again, but a client that polls must not be left without an answer for ever.
        if needs.clock.now() - work.session.created_at < PATIENT_FOR:
            raise
        await _fail(needs, job_id, Fault(FAILED, "the language model does not answer; try again later"))


async def _fill(needs: Needs, work: Work[ContextJob], form: Form) -> None:
    materials = []
    for context in work.record.contexts:
        try:
            content = await needs.blobs.get(context.blob_key, LARGEST_BLOB)
        except Missing:
            return  # erased meanwhile
        materials.append(Material(content, context.name, context.mime_type, is_file=True))
    sheet = filling.begun(Sheet(await layout_of(needs, form)))
    passages, notes = await passages_of(needs, materials)
    matched = await match(needs, sheet, passages)
    after, report, warnings = matching.judged(sheet, answers_of(matched), matched.dropped, work.record.policy)
    document = await document_of(needs, form)
    filled = await sandboxed(needs, works.fill, document, after.layout.fields, filling.drawn(after), False)
    await _finish(needs, work, form, after, filled, report, (*notes, *warnings, *filled.warnings))


async def passages_of(needs: Needs, materials: Sequence[Material]) -> tuple[list[Passage], tuple[str, ...]]:
    """What the material says, and a note for each file, or page, that could not be read."""
    found: list[Passage] = []
    notes: list[str] = []
    for material in materials:
        try:
            read = await sandboxed(needs, works.said, material.content, material.name, material.mime_type)
            found += read.passages
            if read.unread:
                found += await _seen(needs, material, read)
        except UnsupportedFile as refusal:
            notes.append(refusal.message)
        except (Refusal, RefusedFile, Unavailable):
            notes.append(f"{material.name} could not be read")
    return found, tuple(notes)


async def _seen(needs: Needs, material: Material, read: Read) -> tuple[Passage, ...]:
    """The text of pages that are pictures."""
    pages: list[tuple[int, list[str]]] = []
    for page in read.unread[:MOST_PICTURES]:
        content, kind = material.content, read.picture_type
        if kind is None:
            content, kind = await sandboxed(needs, works.picture, content, page, PICTURE_WIDTH), "image/png"
        reading = await needs.ocr.read(content, kind)
        pages.append((page, [line.text for one in reading.pages for line in one.lines]))
    return recognised(material.name, pages)


async def match(needs: Needs, sheet: Sheet, passages: Sequence[Passage]) -> Matched:
    """Which fields the passages answer."""
    return await needs.interpreter.match(questions(sheet), tuple(passages))


def answers_of(matched: Matched) -> list[Answered]:
    """What was found, as rules have it."""
    return [Answered(one.id, one.value, one.confidence, one.source, one.quote) for one in matched.findings]


async def _finish(
    needs: Needs,
    work: Work[ContextJob],
    form: Form,
    sheet: Sheet,
    filled: works.FilledPdf,
    report: Report,
    warnings: tuple[str, ...],
) -> None:
    session, seal = new_session(needs, work.session.tenant_id, sessions.KIND, LIFECYCLE, form.id)
    key, kept = await store(needs, session.id, "filled.pdf", filled.pdf, "application/pdf")
    finished = filling.finish_fill(sheet, filling.render_of(sheet, key, filled.warnings))
    session = structs.replace(session, status="completed")
    opened = Fact("forms.session_opened", {"form_id": form.id})
    facts = [opened, *(Fact(name, facts) for name, facts in finished.facts)]
    completed = changes.start(
        session, seal, facts, needs.clock.now(), [sessions.inserted(session, seal, finished.sheet), kept]
    )

    async def turn() -> None:
        read = await jobs.for_job(needs.db, needs.vault, ContextJob, work.id)
        if read is None or read.session.status in JOB.final:
            return
        record = replace(read.record, session_id=session.id, report=report, warnings=warnings)
        writes, letters = announcing.job_letter(
            read.session, read.seal, record.callback_url, needs, session_id=session.id, report=report
        )
        told = Fact("forms.context_filled", {"session_id": session.id, "fields": [one.id for one in report.filled]})
        change = work_change(needs, read, "finish", record, [told], writes=writes, jobs_after=letters)
        await commit(needs, completed + change + await _form_used(needs, form.id))

    await changes.again(turn)


async def _form_used(needs: Needs, form_id: str) -> Change:
    form = await forms.for_job(needs.db, needs.vault, form_id)
    return Change(()) if form is None else used(needs, form)


async def _fail(needs: Needs, job_id: str, fault: Fault) -> None:
    async def turn() -> None:
        read = await jobs.for_job(needs.db, needs.vault, ContextJob, job_id)
        if read is None or read.session.status in JOB.final:
            return
        record = replace(read.record, error=fault)
        writes, letters = announcing.job_letter(read.session, read.seal, record.callback_url, needs, error=fault)
        failed = Fact("forms.context_failed", {"code": fault.code})
        await commit(needs, work_change(needs, read, "fail", record, [failed], writes=writes, jobs_after=letters))

    await changes.again(turn)
