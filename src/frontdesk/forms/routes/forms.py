"""Calls on forms: upload, list, look, fetch, delete."""

from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from frontdesk.forms.rules import limits, uploads
from frontdesk.forms.rules.published import inner_id
from frontdesk.forms.rules.refusals import BadRequest
from frontdesk.forms.service import forms, usage
from frontdesk.forms.service.forms import Upload, claim_of
from frontdesk.forms.service.needs import Needs
from frontdesk.forms.wire import answers, work
from frontdesk.web.endpoint import Answer, Call, Endpoint, Limit, QueryParam

from .parts import Parts, parts_of

WRITES = Limit("forms_writes", limits.WRITES, 60, "key")
TAG = "Forms"
UPLOAD_REFUSALS = (400, 401, 403, 404, 408, 409, 413, 429, 503)
_MOST_LISTED = 200
_USUAL = 100


class FormCalls:
    """The calls on forms, with what they need."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def create(self, call: Call) -> Answer:
        parts = await parts_of(call)
        claim = claim_of(call.caller.tenant_id, "create", call.header("idempotency-key"))
        form_id = await forms.create(self._needs, call.caller.tenant_id, upload_in(parts), claim)
        return Answer(202, answers.form_made(form_id))

    async def list(self, call: Call) -> Answer:
        tenant_id = call.caller.tenant_id
        states = call.query.get("states") or "ready"
        if states not in ("ready", "all"):
            raise BadRequest("states must be ready or all")
        if states == "ready":
            found = await forms.in_status(self._needs, tenant_id, "ready", _USUAL)
            return Answer(200, answers.form_list(found, len(found), _USUAL, 0))
        limit = min(max(_number(call, "limit", _USUAL), 1), _MOST_LISTED)
        offset = max(_number(call, "offset", 0), 0)
        found, total = await forms.listed(self._needs, tenant_id, limit, offset)
        return Answer(200, answers.form_list(found, total, limit, offset))

    async def get(self, call: Call) -> Answer:
        return Answer(200, answers.form(await forms.look(self._needs, call.caller.tenant_id, form_in(call))))

    async def delete(self, call: Call) -> Answer:
        await forms.delete(self._needs, call.caller.tenant_id, form_in(call))
        return Answer(200, answers.FormDeleted(call.path["form_id"]))

    async def contract(self, call: Call) -> Answer:
        form, layout = await forms.contract(self._needs, call.caller.tenant_id, form_in(call))
        return Answer(200, answers.contract(form, layout))

    async def fillable(self, call: Call) -> Response:
        content, name = await forms.fillable(self._needs, call.caller.tenant_id, form_in(call))
        return pdf_response(content, name)

    async def thumbnail(self, call: Call) -> Response:
        content = await forms.thumbnail(self._needs, call.caller.tenant_id, form_in(call))
        return Response(content, media_type="image/png")

    async def usage(self, call: Call) -> Answer:
        return Answer(200, work.usage(await usage.of_tenant(self._needs, call.caller.tenant_id)))


def form_in(call: Call) -> str | None:
    """The form that the path names, as its id inside."""
    return inner_id(call.path["form_id"], "form")


def upload_in(parts: Parts) -> Upload:
    """The PDF of a multipart body, with what is beside it."""
    uploads.check_library(parts.value("library"))
    file = parts.file("file")
    if file is None:
        raise BadRequest("file is missing: send the PDF as a part named file")
    name = file.file_name.strip()[:255] if file.file_name else None
    return Upload(file.content, name or None, parts.value("callback_url"), parts.value("retention"))


def pdf_response(content: bytes, name: str) -> Response:
    """A PDF as a download."""
    plain = "".join(letter if letter.isascii() and letter not in '"\\' else "_" for letter in name)
    headers = {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, media_type="application/pdf", headers=headers)


def _number(call: Call, name: str, default: int) -> int:
    text = call.query.get(name)
    if not text:
        return default
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise BadRequest(f"{name} must be an integer")
    return int(text)


def line(method: str, path: str, run: Any, summary: str, **more: Any) -> Endpoint:
    """A line of the table: what changes something needs more, and is counted."""
    writes = method != "GET"
    return Endpoint(
        method,
        path,
        run,
        summary,
        more.pop("tag", TAG),
        permission="forms:write" if writes else "forms:read",
        limit=WRITES if writes else None,
        refusals=more.pop("refusals", (400, 401, 403, 404, 409, 429, 503)),
        **more,
    )


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """The table of calls on forms."""
    calls = FormCalls(needs)
    one = "/forms/{form_id}"
    return (
        line(
            "POST",
            "/forms",
            calls.create,
            "Upload a PDF form; its fields are found in the background",
            answers={202: answers.FormMade},
            refusals=UPLOAD_REFUSALS,
            raw_body=True,
            body_type="multipart/form-data",
            body_limit=limits.REQUEST_BYTES,
        ),
        line(
            "GET",
            "/forms",
            calls.list,
            "List forms",
            answers={200: answers.FormList},
            query=(
                QueryParam("states", "`ready` (default) or `all`."),
                QueryParam("limit", "1 to 200, with `states=all`.", int),
                QueryParam("offset", "With `states=all`.", int),
            ),
        ),
        line("GET", one, calls.get, "Look at a form", answers={200: answers.FormShown}),
        line("DELETE", one, calls.delete, "Delete a form with its sessions", answers={200: answers.FormDeleted}),
        line("GET", f"{one}/contract", calls.contract, "A form's fields", answers={200: answers.ContractAnswer}),
        line(
            "GET",
            f"{one}/fillable",
            calls.fillable,
            "The form with real form fields",
            answers={200: bytes},
            answer_type="application/pdf",
            refusals=(400, 401, 403, 404, 409, 410, 429, 503),
        ),
        line(
            "GET",
            f"{one}/thumbnail",
            calls.thumbnail,
            "A small picture of page one",
            answers={200: bytes},
            answer_type="image/png",
            refusals=(400, 401, 403, 404, 410, 429, 503),
        ),
        line("GET", "/usage", calls.usage, "What was done this month", answers={200: work.UsageShown}),
    )
