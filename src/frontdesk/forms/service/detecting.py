"""Reading a form: a job that finds its fields, says how far it is, and goes on after whatever killed it."""

from dataclasses import replace

from frontdesk.basics.errors import Missing, Unavailable
from frontdesk.forms.documents import works
from frontdesk.forms.model.field import Layout, PageSize
from frontdesk.forms.model.form import Fault
from frontdesk.forms.rules import uploads
from frontdesk.forms.rules.refusals import Refusal
from frontdesk.forms.service import announcing
from frontdesk.forms.service.needs import LARGEST_BLOB, Needs, commit, fault_of, form_change, sandboxed
from frontdesk.forms.store import forms, jobs
from frontdesk.forms.store.forms import Form
from frontdesk.kernel import change as changes
from frontdesk.kernel.events import Fact
from frontdesk.kernel.outbox import Intent
from frontdesk.ports.db import Write
from frontdesk.ports.ocr import Page, RefusedFile

CONTEXT_JOB = "forms.fill_from_context"
PICTURE_WIDTH = 1_275
"""Of a page that text is recognised on: 150 dots an inch on letter paper."""
READ_SECONDS, READ_SECONDS_A_PAGE = 30.0, 2.0
"""What reading a form may take: clients give up after five minutes."""
UNREAD = "the text of page {page} could not be recognised: its fields have no labels"
_OPENED, _READ = 0.1, 0.4


async def run(needs: Needs, form_id: str) -> None:
    """The job: read the form, unless that was done already."""
    form = await forms.for_job(needs.db, needs.vault, form_id)
    if form is None or form.session.status != "detecting":
        return
    try:
        document = await needs.blobs.get(form.paper.blob_key, LARGEST_BLOB)
    except Missing:
        await _fail(needs, form_id, Fault("gone", "the uploaded file is gone; send it again"))
        return
    try:
        digest = await sandboxed(needs, works.fingerprint, document)
        known = await forms.same(needs.db, needs.vault, form.session.tenant_id, digest)
        if known is None:
            layout = await _read(needs, form, document)
        else:
            layout = await sandboxed(needs, works.with_values, document, known)
    except Refusal as refusal:
        await _fail(needs, form_id, fault_of(refusal))
        return
    await _finish(needs, form_id, layout, digest, reused=known is not None)


async def _read(needs: Needs, form: Form, document: bytes) -> Layout:
    await _advance(needs, form.id, _OPENED)
    seconds = READ_SECONDS + READ_SECONDS_A_PAGE * (form.paper.page_count or 1)
    layout = await sandboxed(needs, works.read, document, seconds=seconds)
    if not layout.unread:
        return layout
    await _advance(needs, form.id, _READ)
    texts: dict[int, tuple[Page, PageSize]] = {}
    unread: list[str] = []
    for number, page in enumerate(layout.unread):
        found = await _recognised(needs, document, page)
        if found is None:
            unread.append(UNREAD.format(page=page + 1))
        else:
            texts[page] = found, layout.pages[page]
        await _advance(needs, form.id, _READ + (0.95 - _READ) * (number + 1) / len(layout.unread))
    if texts:
        layout = await sandboxed(needs, works.read, document, texts, seconds=seconds)
    return replace(layout, warnings=(*layout.warnings, *unread)) if unread else layout


async def _recognised(needs: Needs, document: bytes, page: int) -> Page | None:
    """What is printed on a page that is a picture; None where it could not be recognised."""
    try:
        picture = await sandboxed(needs, works.picture, document, page, PICTURE_WIDTH)
        reading = await needs.ocr.read(picture, "image/png")
    except (Refusal, RefusedFile, Unavailable):
        return None
    return reading.pages[0] if reading.pages else None


async def _advance(needs: Needs, form_id: str, progress: float) -> None:
    async def turn() -> None:
        form = await forms.for_job(needs.db, needs.vault, form_id)
        if form is not None and form.session.status == "detecting" and form.paper.progress < progress:
            paper = replace(form.paper, progress=round(progress, 3))
            await commit(needs, form_change(needs, form, "advance", paper))

    await changes.again(turn)


async def _finish(needs: Needs, form_id: str, layout: Layout, digest: bytes, *, reused: bool) -> None:
    async def turn() -> None:
        form = await forms.for_job(needs.db, needs.vault, form_id)
        if form is None or form.session.status != "detecting":
            return
        paper = replace(
            form.paper,
            title=form.paper.title or uploads.title_of(layout.title, form.paper.file_name),
            progress=1.0,
            page_count=len(layout.pages),
            field_count=len(layout.fields),
            source_kind=layout.source_kind,
            warnings=layout.warnings,
            reused_layout=reused,
        )
        kept = forms.layout_kept(form, layout, digest, needs.clock.now())
        facts = {"fields": len(layout.fields), "pages": len(layout.pages), "reused": reused}
        writes, letters = announcing.form_letter(form.session, form.seal, paper.callback_url, None, needs)
        waiting = await _waiting(needs, form_id)
        ready = Fact("forms.form_ready", facts)
        change = form_change(needs, form, "finish", paper, [ready], writes=[kept, *writes], jobs=[*letters, *waiting])
        await commit(needs, change)

    await changes.again(turn)


async def _fail(needs: Needs, form_id: str, fault: Fault) -> None:
    async def turn() -> None:
        form = await forms.for_job(needs.db, needs.vault, form_id)
        if form is None or form.session.status != "detecting":
            return
        paper = replace(form.paper, error=fault)
        writes: list[Write]
        writes, letters = announcing.form_letter(form.session, form.seal, paper.callback_url, fault, needs)
        waiting = await _waiting(needs, form_id)
        failed = Fact("forms.form_failed", {"code": fault.code})
        await commit(needs, form_change(needs, form, "fail", paper, [failed], writes=writes, jobs=[*letters, *waiting]))

    await changes.again(turn)


async def _waiting(needs: Needs, form_id: str) -> list[Intent]:
    """The context jobs that can begin now."""
    return [context_intent(job_id) for job_id in await jobs.waiting(needs.db, form_id)]


def context_intent(job_id: str) -> Intent:
    """The job that fills a form from its material."""
    return Intent(CONTEXT_JOB, f"{CONTEXT_JOB} {job_id}", {"job_id": job_id}, job_id)
