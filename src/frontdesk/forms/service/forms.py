"""Forms: taken in, listed, shown, handed out as fillable copies and pictures, deleted."""

from dataclasses import dataclass
from typing import Any

import msgspec

from frontdesk.basics.errors import Conflict
from frontdesk.forms.documents import works
from frontdesk.forms.model.field import Layout
from frontdesk.forms.model.form import LIFECYCLE, Paper
from frontdesk.forms.rules import uploads
from frontdesk.forms.rules.refusals import InUse, NotFound
from frontdesk.forms.service import announcing
from frontdesk.forms.service.needs import (
    EPHEMERAL_FOR,
    NEVER,
    Needs,
    commit,
    document_of,
    form_of,
    layout_of,
    look_at,
    new_session,
    ready_form,
    sandboxed,
    store,
)
from frontdesk.forms.service.usage import counted
from frontdesk.forms.store import forms
from frontdesk.forms.store.forms import Form
from frontdesk.kernel import change as changes
from frontdesk.kernel import erasure, idempotency, outbox
from frontdesk.kernel.change import Change
from frontdesk.kernel.events import Fact
from frontdesk.kernel.idempotency import Claim
from frontdesk.kernel.outbox import Intent
from frontdesk.kernel.sessions import Session
from frontdesk.kernel.vault import Seal
from frontdesk.ports.db import Write

THUMBNAIL_WIDTH = 320
DETECT_JOB = "forms.detect"
CLEAR_JOB = "forms.clear"
_CHILDREN_AT_A_TIME = 50


@dataclass(frozen=True, slots=True)
class Upload:
    """A PDF with what was said beside it."""

    content: bytes
    file_name: str | None = None
    callback_url: str | None = None
    retention: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A new form: its row and seal, and the writes and jobs that keep it."""

    session: Session
    seal: Seal
    paper: Paper
    writes: tuple[Write, ...]
    job: Intent

    def change(self, needs: Needs, writes: list[Write] | None = None) -> Change:
        """The change that keeps the form."""
        fact = Fact("forms.form_created", {"bytes_from": self.paper.blob_key})
        kept = [*self.writes, *(writes or [])]
        return changes.start(self.session, self.seal, [fact], needs.clock.now(), kept, [self.job])


async def create(needs: Needs, tenant_id: str, upload: Upload, claim: Claim | None = None) -> str:
    """Take a form in and return its id inside. A repeated claim gets the first answer."""
    found = await earlier(needs, claim)
    if found is not None:
        return str(found)
    taken = await take(needs, tenant_id, upload)

    async def turn() -> str:
        again = await earlier(needs, claim)
        if again is not None:
            return str(again)
        writes = counted(needs, tenant_id, "create", pages=taken.paper.page_count or 0)
        writes += claimed(needs, claim, taken.session.id)
        await commit(needs, taken.change(needs, writes))
        return taken.session.id

    return await changes.again(turn)


async def take(needs: Needs, tenant_id: str, upload: Upload) -> Taken:
    """Judge an upload and store it. Nothing is kept before the change of what was taken is committed."""
    url = announcing.checked_url(needs, upload.callback_url)
    retention = uploads.retention_of(upload.retention)
    uploads.check_bytes(upload.content)
    pages = await look_at(needs, upload.content)
    if pages:
        uploads.check_pages(pages)
    expires_at = needs.clock.now() + EPHEMERAL_FOR if retention else NEVER
    session, seal = new_session(needs, tenant_id, forms.KIND, LIFECYCLE, None, expires_at)
    key, kept = await store(needs, session.id, "original.pdf", upload.content, "application/pdf")
    paper = Paper(
        key,
        title=upload.title,
        file_name=upload.file_name,
        page_count=pages or None,
        callback_url=url,
        retention=retention,
    )
    job = Intent(DETECT_JOB, f"{DETECT_JOB} {session.id}", {"form_id": session.id}, session.id)
    return Taken(session, seal, paper, (forms.inserted(session, seal, paper), kept), job)


async def earlier(needs: Needs, claim: Claim | None) -> Any:
    """What was answered to this claim before, or None."""
    if claim is None:
        return None
    answer = await idempotency.earlier_answer(needs.db, needs.vault, claim, needs.clock.now())
    return None if answer is None else msgspec.json.decode(answer)


def claimed(needs: Needs, claim: Claim | None, answer: Any) -> list[Write]:
    """Keep the answer to a claim in the change that it reports."""
    if claim is None:
        return []
    return idempotency.kept(needs.vault, claim, msgspec.json.encode(answer), needs.clock.now())


async def in_status(needs: Needs, tenant_id: str, status: str, limit: int, offset: int = 0) -> list[Form]:
    """The forms in one status, the newest first."""
    return await forms.in_status(needs.db, needs.vault, tenant_id, status, limit, offset)


async def listed(needs: Needs, tenant_id: str, limit: int, offset: int) -> tuple[list[Form], int]:
    """One page of all forms, the newest first, and their number."""
    return await forms.listed(needs.db, needs.vault, tenant_id, limit, offset)


async def look(needs: Needs, tenant_id: str, form_id: str | None) -> Form:
    """The form as it is now."""
    return await form_of(needs, tenant_id, form_id)


async def contract(needs: Needs, tenant_id: str, form_id: str | None) -> tuple[Form, Layout]:
    """The form with its fields. Raises `NotReady`."""
    form = await ready_form(needs, tenant_id, form_id)
    return form, await layout_of(needs, form)


async def fillable(needs: Needs, tenant_id: str, form_id: str | None) -> tuple[bytes, str]:
    """The form as a PDF with real fields, and a name for the file."""
    form, layout = await contract(needs, tenant_id, form_id)
    document = await document_of(needs, form)
    name = uploads.file_name_of(form.paper.title, "form")
    if not layout.fields:
        return document, name
    return await sandboxed(needs, works.fillable, document, layout.fields), name


async def thumbnail(needs: Needs, tenant_id: str, form_id: str | None, width: int = THUMBNAIL_WIDTH) -> bytes:
    """A small picture of page one, as PNG."""
    form = await form_of(needs, tenant_id, form_id)
    if form.session.status != "ready":
        raise NotFound("there is no picture of this form")
    document = await document_of(needs, form)
    return await sandboxed(needs, works.picture, document, 0, width)


async def delete(needs: Needs, tenant_id: str, form_id: str | None) -> None:
    """Erase a form; its sessions and jobs, which cannot be reached any more, are erased by a job that follows."""

    async def turn() -> str:
        form = await form_of(needs, tenant_id, form_id)
        if form.session.status == "detecting" or await forms.is_busy(needs.db, form.id):
            raise InUse("the form is being worked on; delete it when that is done")
        now = needs.clock.now()
        gone = await erasure.erase(needs.db, form.session, now, forms.deleted(form.id))
        clear = Intent(CLEAR_JOB, f"{CLEAR_JOB} {form.id}", {"form_id": form.id})
        await commit(needs, gone + Change((outbox.inserted(clear, now),), frozenset({outbox.TOPIC})))
        return form.id

    needs.layouts.forget(await changes.again(turn))


async def clear(needs: Needs, form_id: str) -> None:
    """The job: erase everything that belonged to a form that is gone."""
    if await forms.for_job(needs.db, needs.vault, form_id) is not None:
        return
    while children := await forms.children(needs.db, form_id, _CHILDREN_AT_A_TIME):
        for child in children:
            gone = await erasure.erase(needs.db, child, needs.clock.now(), forms.deleted(child.id))
            try:
                await commit(needs, gone)
            except Conflict:
                continue  # it was changed at this very moment: the next round finds it as it is then


def claim_of(tenant_id: str, route: str, key: str | None) -> Claim | None:
    """A request that may come again. The body does not count: a repeat gets the original whatever it holds."""
    return Claim(tenant_id, f"forms {route}", key[:255], b"") if key else None
