"""Batches: one filled PDF for each row of a table."""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from frontdesk.basics.errors import Missing
from frontdesk.forms.documents import tables, works
from frontdesk.forms.model.form import Fault
from frontdesk.forms.model.job import BATCH, Batch, Row
from frontdesk.forms.model.session import Sheet
from frontdesk.forms.rules import filling, limits, mapping, uploads
from frontdesk.forms.rules.refusals import BadRequest, DocumentsDeleted, NoMapping, NotFound, NotReady, Refusal
from frontdesk.forms.service.needs import (
    LARGEST_BLOB,
    Needs,
    commit,
    document_of,
    fault_of,
    form_of,
    layout_of,
    new_session,
    ready_form,
    sandboxed,
    store,
    used,
    work_change,
    work_of,
)
from frontdesk.forms.service.usage import counted
from frontdesk.forms.store import forms, jobs
from frontdesk.forms.store.jobs import Work
from frontdesk.kernel import change as changes
from frontdesk.kernel.events import Fact
from frontdesk.kernel.outbox import Intent
from frontdesk.ports.db import Write

JOB = "forms.fill_batch"
_AT_A_TIME = 20
Table = tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Columns by the field that they belong to, and those without one."""

    mapping: dict[str, int]
    unmapped: tuple[str, ...]


async def suggest(needs: Needs, tenant_id: str, form_id: str | None, content: bytes) -> Suggestion:
    """Which column belongs to which field; only the header matters."""
    form = await ready_form(needs, tenant_id, form_id)
    header, _ = await _table(needs, content, limits.BATCH_ROWS * 100)
    found, unmapped = mapping.suggested(header, (await layout_of(needs, form)).fields)
    return Suggestion(found, tuple(unmapped))


async def begin(needs: Needs, tenant_id: str, form_id: str | None, content: bytes, name: str, given: str | None) -> str:
    """Accept a batch and return its id inside. `given` is a mapping as JSON text; without one it is suggested."""
    form = await ready_form(needs, tenant_id, form_id)
    await document_of(needs, form)
    header, rows = await _table(needs, content, limits.BATCH_ROWS)
    sheet = Sheet(await layout_of(needs, form))
    if given and given.strip():
        columns = mapping.checked(_json(given), header, sheet)
    else:
        columns, _ = mapping.suggested(header, sheet.layout.fields)
    if not columns:
        raise NoMapping("no column of the table belongs to a field of the form; send a mapping")
    session, seal = new_session(needs, tenant_id, jobs.BATCH_KIND, BATCH, form.id)
    key, kept = await store(needs, session.id, "table", content, "application/octet-stream")
    record = Batch(key, name, "", tuple(columns.items()), total=len(rows))

    async def turn() -> str:
        form = await ready_form(needs, tenant_id, form_id)
        begun = Fact("forms.batch_begun", {"rows": len(rows), "columns": len(columns)})
        writes = [jobs.inserted(session, seal, record), kept]
        change = changes.start(session, seal, [begun], needs.clock.now(), writes, [_intent(session.id, 0)])
        await commit(needs, change + used(needs, form))
        return session.id

    return await changes.again(turn)


def _intent(batch_id: str, done: int) -> Intent:
    return Intent(JOB, f"{JOB} {batch_id} {done}", {"batch_id": batch_id}, batch_id)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequest("mapping must be a JSON object of columns and field ids") from error


async def _table(needs: Needs, content: bytes, most_rows: int) -> Table:
    if not content:
        raise BadRequest("file is missing: send a table as a part named file")
    return await sandboxed(needs, tables.table, content, most_rows)


async def run(needs: Needs, batch_id: str) -> None:
    """The job: fill the next rows, then queue itself again until the last."""
    work = await jobs.for_job(needs.db, needs.vault, Batch, batch_id)
    form = None if work is None else await forms.for_job(needs.db, needs.vault, work.form_id)
    if work is None or form is None or work.session.status != BATCH.start:
        return
    try:
        content = await needs.blobs.get(work.record.blob_key, LARGEST_BLOB)
        header, rows = await _table(needs, content, limits.BATCH_ROWS)
        document = await document_of(needs, form)
    except (Refusal, Missing) as error:
        fault = fault_of(error) if isinstance(error, Refusal) else Fault("gone", "the table is gone")
        failed = Fact("forms.batch_failed", {"code": fault.code})
        await commit(needs, work_change(needs, work, "fail", replace(work.record, error=fault), [failed]))
        return
    sheet = Sheet(await layout_of(needs, form))
    done = len(work.record.rows)
    made: list[Row] = []
    kept: list[Write] = []
    for number, row in enumerate(rows[done : done + _AT_A_TIME], done + 1):
        line, write = await _filled(needs, work, sheet, document, number, (header, row))
        made.append(line)
        kept += write
    await _keep(needs, work, made, kept, len(sheet.layout.pages))


async def _filled(
    needs: Needs,
    work: Work[Batch],
    sheet: Sheet,
    document: bytes,
    number: int,
    table_row: tuple[Sequence[str], Sequence[str]],
) -> tuple[Row, list[Write]]:
    found, wrong = mapping.row_values(sheet, *table_row, dict(work.record.mapping))
    if wrong:
        return Row(number, "failed", error=Fault("invalid_value", "; ".join(wrong))), []
    after = filling.from_context(sheet, found, "direct")
    try:
        pdf = await sandboxed(needs, works.fill, document, sheet.layout.fields, filling.drawn(after), False)
    except Refusal as refusal:
        return Row(number, "failed", error=fault_of(refusal)), []
    key, kept = await store(needs, work.id, f"row-{number}.pdf", pdf.pdf, "application/pdf")
    return Row(number, "filled", key, warnings=pdf.warnings), [kept]


async def _keep(needs: Needs, work: Work[Batch], made: list[Row], kept: list[Write], pages: int) -> None:
    record = replace(work.record, rows=(*work.record.rows, *made))
    filled = sum(row.status == "filled" for row in made)
    if filled:
        kept += counted(needs, work.session.tenant_id, "straight_fill", filled, filled * pages)
    is_last = len(record.rows) >= record.total
    facts = [Fact("forms.batch_completed", {"rows": record.total})] if is_last else []
    again = [] if is_last else [_intent(work.id, len(record.rows))]
    verb = "finish" if is_last else "advance"
    await commit(needs, work_change(needs, work, verb, record, facts, writes=kept, jobs_after=again))


async def look(needs: Needs, tenant_id: str, batch_id: str | None) -> Work[Batch]:
    """The batch as it is now."""
    return await work_of(needs, Batch, tenant_id, batch_id)


async def row_pdf(needs: Needs, tenant_id: str, batch_id: str | None, number: int) -> tuple[bytes, str]:
    """The PDF of one row (from 1), and a name for the file."""
    work = await look(needs, tenant_id, batch_id)
    row = next((row for row in work.record.rows if row.number == number), None)
    if row is None:
        if 1 <= number <= work.record.total and work.session.status == BATCH.start:
            raise NotReady("this row is not filled yet")
        raise NotFound("there is no such row")
    if row.blob_key is None:
        raise NotFound("this row could not be filled: it has no PDF")
    form = await form_of(needs, tenant_id, work.form_id)
    return await _stored(needs, row.blob_key), uploads.file_name_of(form.paper.title, f"row-{number}")


async def archive(needs: Needs, tenant_id: str, batch_id: str | None) -> bytes:
    """All filled PDFs of a batch that has ended, as a ZIP."""
    work = await look(needs, tenant_id, batch_id)
    if work.session.status == BATCH.start:
        raise NotReady("the batch is still being filled")
    packed = io.BytesIO()
    # Stored, not compressed: a PDF holds nothing that would get smaller.
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archived:
        for row in work.record.rows:
            if row.blob_key is not None:
                archived.writestr(f"row-{row.number:04d}.pdf", await _stored(needs, row.blob_key))
    return packed.getvalue()


async def _stored(needs: Needs, key: str) -> bytes:
    try:
        return await needs.blobs.get(key, LARGEST_BLOB)
    except Missing as error:
        raise DocumentsDeleted("the documents of this form were deleted") from error
