"""The tools of the MCP surface: their arguments, and the service functions behind them."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from frontdesk.forms.rules import limits, mapping
from frontdesk.forms.rules.filling import Entry
from frontdesk.forms.rules.published import batch_id as shown_batch
from frontdesk.forms.rules.published import form_id as shown_form
from frontdesk.forms.rules.published import inner_id
from frontdesk.forms.rules.published import job_id as shown_job
from frontdesk.forms.rules.published import session_id as shown_session
from frontdesk.forms.rules.refusals import BadRequest, NothingToFill
from frontdesk.forms.service import (
    batches,
    checking,
    context,
    forms,
    links,
    rendering,
    sessions,
    talking,
    usage,
    waiting,
)
from frontdesk.forms.service.context import Material, Wish
from frontdesk.forms.service.forms import Upload
from frontdesk.forms.service.needs import Form, Needs
from frontdesk.forms.wire import answers, tables, tools, work

Content = dict[str, Any]
_AT_ONCE = 50
"""Rows of a batch that are filled within the call."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: its arguments as a type, the permission that it needs, and what it does."""

    name: str
    description: str
    arguments: type[msgspec.Struct]
    permission: Literal["forms:read", "forms:write"]
    run: Callable[[Needs, str, Any], Awaitable[Content]]


async def _list_forms(needs: Needs, tenant_id: str, given: tools.ListForms) -> Content:
    offset = int(given.cursor) if given.cursor and given.cursor.isdigit() and len(given.cursor) < 9 else 0
    limit = min(max(given.limit, 1), 50)
    if given.state == "all":
        found, _ = await forms.listed(needs, tenant_id, limit + 1, offset)
    else:
        status = "detecting" if given.state == "processing" else given.state
        found = await forms.in_status(needs, tenant_id, status, limit + 1, offset)
    following = str(offset + limit) if len(found) > limit else None
    return {"forms": [_line(form) for form in found[:limit]], "next_cursor": following}


def _line(form: Form) -> Content:
    shown = answers.form(form)
    return {
        "id": shown.id,
        "title": shown.title,
        "state": "processing" if shown.status == "detecting" else shown.status,
        "pages": shown.page_count,
        "field_count": shown.field_count,
        "created_at": shown.created_at,
    }


async def _form(needs: Needs, tenant_id: str, inner: str | None) -> Content:
    form = await forms.look(needs, tenant_id, inner)
    told = {**_line(form), "form_id": shown_form(form.id), "status": form.session.status}
    told |= {"warnings": list(form.paper.warnings), "error": form.paper.error and form.paper.error.message}
    if form.session.status == "ready":
        _, layout = await forms.contract(needs, tenant_id, inner)
        told["fields"] = [tools.field(field) for field in layout.fields]
        told["download_url"] = links.address(needs, tenant_id, "form", form.id)
    return told


async def _get_form(needs: Needs, tenant_id: str, given: tools.OneForm) -> Content:
    return await _form(needs, tenant_id, inner_id(given.form_id, "form"))


async def _create_form(needs: Needs, tenant_id: str, given: tools.CreateForm) -> Content:
    content = pdf_of(given.pdf_base64, given.pdf_url)
    form_id = await forms.create(needs, tenant_id, Upload(content, title=given.title))
    await waiting.until_read(needs, form_id)
    return await _form(needs, tenant_id, form_id)


async def _delete_form(needs: Needs, tenant_id: str, given: tools.OneForm) -> Content:
    await forms.delete(needs, tenant_id, inner_id(given.form_id, "form"))
    return {"id": given.form_id, "deleted": True}


async def _fill_form(needs: Needs, tenant_id: str, given: tools.FillForm) -> Content:
    if given.flatten:
        raise BadRequest("flatten is not offered here; call render_session with flatten instead")
    form_id = inner_id(given.form_id, "form")
    sheet = (await sessions.blank(needs, tenant_id, form_id)).sheet
    found, unmatched = mapping.by_name(sheet, given.values)
    if not found:
        raise NothingToFill("none of the values belongs to a field of this form; see get_form for ids and labels")
    opened = await sessions.open_session(needs, tenant_id, form_id)
    entries = [Entry(number, value, ("values",)) for number, value in found.items()]
    outcome = await sessions.put(needs, tenant_id, opened.id, entries, as_updates=False)
    render = await rendering.fill(needs, tenant_id, opened.id, flatten=False)
    return {
        "session_id": shown_session(opened.id),
        "download_url": links.address(needs, tenant_id, "session", opened.id),
        "applied": list(outcome.updated),
        "unmatched": unmatched,
        "warnings": [*outcome.warnings, *render.warnings],
    }


async def _fill_from_context(needs: Needs, tenant_id: str, given: tools.FillFromContext) -> Content:
    materials = _materials(given)
    wish = Wish(materials)
    if given.form_id:
        begun = await context.begin(needs, tenant_id, inner_id(given.form_id, "form"), wish, None)
    else:
        upload = Upload(pdf_of(given.pdf_base64, given.pdf_url), retention=given.retention)
        begun = await context.begin_new(needs, tenant_id, upload, wish, None)
    return {"job_id": shown_job(begun.job_id)}


def _materials(given: tools.FillFromContext) -> tuple[Material, ...]:
    if given.context_urls:
        raise BadRequest("context_urls is switched off on this server; send context_text or context_files")
    found = []
    if given.context_text:
        if len(given.context_text) > limits.CONTEXT_LETTERS:
            raise BadRequest(f"context_text may have at most {limits.CONTEXT_LETTERS} letters")
        found.append(Material(given.context_text.encode(), "context.txt", "text/plain", is_file=True))
    for file in given.context_files:
        content = _decoded(file.content_base64, "context_files")
        found.append(Material(content, file.name, file.mime_type, is_file=True))
    return tuple(found)


async def _get_job(needs: Needs, tenant_id: str, given: tools.OneJob) -> Content:
    job = await context.look(needs, tenant_id, inner_id(given.job_id, "job"))
    record = job.record
    told: Content = {
        "job_id": given.job_id,
        "status": "processing" if job.session.status in ("queued", "running") else job.session.status,
        "form_id": shown_form(job.form_id),
        "warnings": list(record.warnings),
        "error": None if record.error is None else {"code": record.error.code, "message": record.error.message},
        "artifacts": [],
    }
    if record.session_id is not None and record.report is not None:
        told["session_id"] = shown_session(record.session_id)
        told["download_url"] = links.address(needs, tenant_id, "session", record.session_id)
        told["filled"] = len(record.report.filled)
        told["dropped"] = [msgspec.to_builtins(one) for one in record.report.dropped]
    return told


async def _get_usage(needs: Needs, tenant_id: str, given: tools.Nothing) -> Content:
    return _plain(work.usage(await usage.of_tenant(needs, tenant_id)))


async def _open_session(needs: Needs, tenant_id: str, given: tools.OneForm) -> Content:
    return _plain(answers.session(await sessions.open_session(needs, tenant_id, inner_id(given.form_id, "form"))))


async def _get_session(needs: Needs, tenant_id: str, given: tools.OneSession) -> Content:
    return _plain(answers.session(await sessions.look(needs, tenant_id, inner_id(given.session_id, "sess"))))


async def _session_turn(needs: Needs, tenant_id: str, given: tools.Turn) -> Content:
    session_id = inner_id(given.session_id, "sess")
    reply, outcome = await talking.take_turn(needs, tenant_id, session_id, given.message)
    return _plain(answers.turn(reply, outcome))


def _acting(verb: str) -> Callable[[Needs, str, tools.OneField], Awaitable[Content]]:
    async def act(needs: Needs, tenant_id: str, given: tools.OneField) -> Content:
        session_id = inner_id(given.session_id, "sess")
        found = await sessions.act(needs, tenant_id, session_id, verb, given.field_id)
        return _plain(answers.action(found, given.field_id))

    return act


async def _render_session(needs: Needs, tenant_id: str, given: tools.Render) -> Content:
    session_id = inner_id(given.session_id, "sess")
    render = await rendering.fill(needs, tenant_id, session_id, flatten=given.flatten)
    told = _plain(answers.filled(session_id or "", render))
    return {**told, "download_url": links.address(needs, tenant_id, "session", session_id or "")}


async def _read_form(needs: Needs, tenant_id: str, given: tools.ReadForm) -> Content:
    form_id = inner_id(given.form_id, "form") if given.form_id else None
    content = pdf_of(given.pdf_base64, given.pdf_url)
    found = await checking.read(needs, tenant_id, content, form_id, known=bool(given.form_id))
    return _plain(tables.read(found))


async def _verify_form(needs: Needs, tenant_id: str, given: tools.VerifyForm) -> Content:
    content = pdf_of(given.pdf_base64, given.pdf_url)
    found = await checking.verify(needs, tenant_id, content, inner_id(given.form_id, "form"))
    return _plain(tables.verified(found))


async def _suggest_mapping(needs: Needs, tenant_id: str, given: tools.SuggestMapping) -> Content:
    content = _csv(given)
    return _plain(tables.mapped(await batches.suggest(needs, tenant_id, inner_id(given.form_id, "form"), content)))


async def _fill_batch(needs: Needs, tenant_id: str, given: tools.FillBatch) -> Content:
    form_id = inner_id(given.form_id, "form")
    mapping_text = None if given.mapping is None else msgspec.json.encode(given.mapping).decode()
    batch_id = await batches.begin(needs, tenant_id, form_id, _csv(given), "table.csv", mapping_text)
    if (await batches.look(needs, tenant_id, batch_id)).record.total <= _AT_ONCE:
        await waiting.until_filled(needs, batch_id)
    return await _get_batch(needs, tenant_id, tools.OneBatch(shown_batch(batch_id)))


async def _get_batch(needs: Needs, tenant_id: str, given: tools.OneBatch) -> Content:
    inner = inner_id(given.batch_id, "batch")
    batch = await batches.look(needs, tenant_id, inner)
    told = _plain(tables.batch(batch))
    told["results"] = told["results"][:100]
    for row in told["results"]:
        if row["pdf_url"]:
            row["pdf_url"] = links.address(needs, tenant_id, "row", batch.id, row["row"])
    if told["zip_url"]:
        told["zip_url"] = links.address(needs, tenant_id, "zip", batch.id)
    return told


def _csv(given: tools.SuggestMapping | tools.FillBatch) -> bytes:
    if given.csv_url:
        raise BadRequest("csv_url is switched off on this server; send csv_text")
    if not given.csv_text:
        raise BadRequest("csv_text is missing")
    return given.csv_text.encode()


def pdf_of(text: str | None, url: str | None) -> bytes:
    """The PDF that a tool was given. Raises `BadRequest`."""
    if url:
        raise BadRequest("pdf_url is switched off on this server; send the file as pdf_base64")
    if not text:
        raise BadRequest("pdf_base64 is missing")
    return _decoded(text, "pdf_base64")


def _decoded(text: str, name: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequest(f"{name} is not base64") from error


def _plain(struct: msgspec.Struct) -> Content:
    found: Content = msgspec.to_builtins(struct)
    return found


_READ: Literal["forms:read"] = "forms:read"
_WRITE: Literal["forms:write"] = "forms:write"
TOOLS = {
    tool.name: tool
    for tool in (
        Tool("list_forms", "List the forms, the newest first.", tools.ListForms, _READ, _list_forms),
        Tool("get_form", "A form with its fields, once it has been read.", tools.OneForm, _READ, _get_form),
        Tool("create_form", "Upload a PDF form and wait for its fields.", tools.CreateForm, _WRITE, _create_form),
        Tool("delete_form", "Delete a form with its sessions.", tools.OneForm, _WRITE, _delete_form),
        Tool("fill_form", "Fill a form by field id or label; returns the PDF.", tools.FillForm, _WRITE, _fill_form),
        Tool(
            "fill_form_from_context",
            "Fill a form from text or files in the background; see get_job.",
            tools.FillFromContext,
            _WRITE,
            _fill_from_context,
        ),
        Tool("get_job", "How far a context job is, and its PDF.", tools.OneJob, _READ, _get_job),
        Tool("get_usage", "What was done this month.", tools.Nothing, _READ, _get_usage),
        Tool("open_session", "Open a session over a form.", tools.OneForm, _WRITE, _open_session),
        Tool("get_session", "A session with every field.", tools.OneSession, _READ, _get_session),
        Tool("session_turn", "Say something; it becomes proposals.", tools.Turn, _WRITE, _session_turn),
        Tool("confirm_field", "Confirm a proposed value.", tools.OneField, _WRITE, _acting("confirm")),
        Tool("skip_field", "Leave a field blank on purpose.", tools.OneField, _WRITE, _acting("skip")),
        Tool("decline_field", "Drop a proposed value.", tools.OneField, _WRITE, _acting("decline")),
        Tool("render_session", "Render the confirmed values; returns the PDF.", tools.Render, _WRITE, _render_session),
        Tool("read_form", "Read the values of a filled PDF.", tools.ReadForm, _WRITE, _read_form),
        Tool("verify_form", "Verify a filled PDF of a form.", tools.VerifyForm, _WRITE, _verify_form),
        Tool("suggest_mapping", "Map CSV columns to fields.", tools.SuggestMapping, _WRITE, _suggest_mapping),
        Tool(
            "fill_batch",
            "Fill a form for each CSV row; up to 50 at once.",
            tools.FillBatch,
            _WRITE,
            _fill_batch,
        ),
        Tool("get_batch", "How far a batch is, and its PDFs.", tools.OneBatch, _READ, _get_batch),
    )
}
"""Every tool by its name."""
