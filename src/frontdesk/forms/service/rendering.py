"""Rendering: claimed, done at once, and done by a job instead if the server dies meanwhile; then the PDF."""

from datetime import timedelta

from frontdesk.basics.errors import Conflict
from frontdesk.forms.documents import works
from frontdesk.forms.model.session import Render
from frontdesk.forms.rules import filling, uploads
from frontdesk.forms.rules.published import session_id as shown_id
from frontdesk.forms.rules.refusals import Refusal, RenderFailed
from frontdesk.forms.service.needs import (
    Needs,
    blob_of,
    commit,
    document_of,
    form_of,
    sandboxed,
    session_change,
    session_of,
    store,
)
from frontdesk.forms.service.usage import counted
from frontdesk.forms.store import forms, sessions
from frontdesk.forms.store.sessions import Dossier
from frontdesk.kernel import change as changes
from frontdesk.kernel import outbox
from frontdesk.kernel.outbox import Intent

JOB = "forms.render"
GIVEN_UP_AFTER = timedelta(seconds=15)
"""Whoever claims a rendering does it at once; after this time a job looks whether that was so."""


async def fill(needs: Needs, tenant_id: str, session_id: str | None, *, flatten: bool) -> Render:
    """Render the confirmed values and complete the session. Of two at the same moment one is refused."""

    async def claim() -> str:
        read = await session_of(needs, tenant_id, session_id)
        # Not opened for nothing: what has no document any more cannot be rendered.
        await document_of(needs, await form_of(needs, tenant_id, read.form_id))
        outcome = filling.begin_fill(read.sheet, shown_id(read.id), flatten=flatten)
        job = Intent(
            JOB,
            _key(read.id, read.session.version + 1),
            {"session_id": read.id},
            read.id,
            needs.clock.now() + GIVEN_UP_AFTER,
        )
        await commit(needs, session_change(needs, read, outcome, jobs=[job]))
        return read.id

    inner_id = await changes.again(claim)
    await run(needs, inner_id)
    after = await session_of(needs, tenant_id, inner_id)
    if after.sheet.status == "open":
        raise RenderFailed("the PDF could not be made; the session is open again, and its values are as they were")
    return filling.rendered(after.sheet, shown_id(inner_id))


async def run(needs: Needs, session_id: str) -> None:
    """Render a session that was claimed, unless that was done already; also the job."""
    read = await sessions.for_job(needs.db, needs.vault, needs.layouts, session_id)
    form = None if read is None else await forms.for_job(needs.db, needs.vault, read.form_id)
    if read is None or form is None or read.sheet.status != "filling":
        return
    try:
        document = await document_of(needs, form)
        sheet = read.sheet
        filled = await sandboxed(needs, works.fill, document, sheet.layout.fields, filling.drawn(sheet), sheet.flatten)
    except Refusal as refusal:
        await _commit_once(needs, read, None, refusal.code)
        return
    await _commit_once(needs, read, filled, "")


async def _commit_once(needs: Needs, read: Dossier, filled: works.FilledPdf | None, code: str) -> None:
    """Keep what came of a rendering. Whoever did the same at the same time and was first has the last word."""
    stood_by = outbox.withdrawn(_key(read.id, read.session.version))
    if filled is None:
        change = session_change(needs, read, filling.give_up_fill(read.sheet, code), writes=[stood_by])
    else:
        key, kept = await store(needs, read.id, "filled.pdf", filled.pdf, "application/pdf")
        render = filling.render_of(read.sheet, key, filled.warnings)
        pages = len(read.sheet.layout.pages)
        writes = [kept, stood_by, *counted(needs, read.session.tenant_id, "straight_fill", pages=pages)]
        change = session_change(needs, read, filling.finish_fill(read.sheet, render), writes=writes)
    try:
        await commit(needs, change)
    except Conflict:
        return


def _key(session_id: str, version: int) -> str:
    """Of the job that stands by while the session has this version."""
    return f"{JOB} {session_id} {version}"


async def pdf(needs: Needs, tenant_id: str, session_id: str | None) -> tuple[bytes, str]:
    """The rendered PDF, and a name for the file. Raises `NotFilled`."""
    read = await session_of(needs, tenant_id, session_id)
    render = filling.rendered(read.sheet, shown_id(read.id))
    form = await form_of(needs, tenant_id, read.form_id)
    content = await blob_of(needs, form.paper, render.blob_key)
    return content, uploads.file_name_of(form.paper.title, "filled")
