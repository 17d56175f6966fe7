"""Calls on filled PDFs and tables: read, verify, preview, map, fill row by row; and signed addresses."""

from starlette.responses import Response

from frontdesk.forms.rules import limits
from frontdesk.forms.rules.published import batch_id as shown_batch
from frontdesk.forms.rules.published import inner_id
from frontdesk.forms.rules.refusals import BadRequest
from frontdesk.forms.rules.uploads import retention_of
from frontdesk.forms.service import batches, checking, links, previewing
from frontdesk.forms.service.needs import Needs
from frontdesk.forms.wire import tables
from frontdesk.web.endpoint import Answer, Call, Endpoint

from .context import materials_in
from .forms import UPLOAD_REFUSALS, form_in, line, pdf_response
from .parts import Part, Parts, parts_of

TAG = "Forms in bulk"


class TableCalls:
    """The calls, with what they need."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def read(self, call: Call) -> Answer:
        parts = await parts_of(call)
        named = parts.value("form_id")
        form_id = inner_id(named.strip(), "form") if named else None
        found = await checking.read(
            self._needs, call.caller.tenant_id, _file(parts).content, form_id, known=bool(named)
        )
        return Answer(200, tables.read(found))

    async def verify(self, call: Call) -> Answer:
        parts = await parts_of(call)
        found = await checking.verify(self._needs, call.caller.tenant_id, _file(parts).content, form_in(call))
        return Answer(200, tables.verified(found))

    async def preview(self, call: Call) -> Answer:
        parts = await parts_of(call)
        found = await previewing.preview(
            self._needs,
            call.caller.tenant_id,
            form_in(call),
            materials_in(parts),
            parts.value("locked"),
            parts.value("asked_field_ids"),
        )
        return Answer(200, tables.preview(found))

    async def suggest(self, call: Call) -> Answer:
        parts = await parts_of(call)
        found = await batches.suggest(self._needs, call.caller.tenant_id, form_in(call), _file(parts).content)
        return Answer(200, tables.mapped(found))

    async def begin(self, call: Call) -> Answer:
        parts = await parts_of(call)
        retention_of(parts.value("retention"))
        file = _file(parts)
        begun = await batches.begin(
            self._needs,
            call.caller.tenant_id,
            form_in(call),
            file.content,
            file.file_name or "",
            parts.value("mapping"),
        )
        return Answer(202, tables.BatchMade(shown_batch(begun)))

    async def get(self, call: Call) -> Answer:
        return Answer(200, tables.batch(await batches.look(self._needs, call.caller.tenant_id, _batch_in(call))))

    async def row(self, call: Call) -> Response:
        text = call.path["number"]
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
        return pdf_response(*await batches.row_pdf(self._needs, call.caller.tenant_id, _batch_in(call), number))

    async def archive(self, call: Call) -> Response:
        content = await batches.archive(self._needs, call.caller.tenant_id, _batch_in(call))
        headers = {"Content-Disposition": 'attachment; filename="filled.zip"'}
        return Response(content, media_type="application/zip", headers=headers)

    async def fetch(self, call: Call) -> Response:
        content, name, mime_type = await links.fetch(self._needs, call.path["signed"])
        answer = pdf_response(content, name)
        answer.headers["content-type"] = mime_type
        return answer


def _file(parts: Parts) -> Part:
    file = parts.file("file")
    if file is None:
        raise BadRequest("file is missing: send it as a part named file")
    return file


def _batch_in(call: Call) -> str | None:
    return inner_id(call.path["batch_id"], "batch")


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """The table of calls."""
    calls = TableCalls(needs)
    form, batch = "/forms/{form_id}", "/forms/fill-batch/{batch_id}"
    sent = {"raw_body": True, "body_type": "multipart/form-data", "body_limit": limits.REQUEST_BYTES, "tag": TAG}
    refusals = (*UPLOAD_REFUSALS, 410)
    fetched = {"tag": TAG, "refusals": (400, 401, 403, 404, 409, 410, 429, 503)}

    def post(path: str, run: object, summary: str, answer: type, status: int = 200) -> Endpoint:
        return line("POST", path, run, summary, answers={status: answer}, refusals=refusals, **sent)

    return (
        post("/forms/read", calls.read, "Read a filled PDF", tables.ReadAnswer),
        post(f"{form}/verify", calls.verify, "Verify a filled PDF of this form", tables.VerifyAnswer),
        post(f"{form}/preview-fill", calls.preview, "What material would fill", tables.PreviewAnswer),
        post(f"{form}/suggest-mapping", calls.suggest, "Map a table's columns to fields", tables.MappingAnswer),
        post(f"{form}/fill-batch", calls.begin, "Fill the form once for each row", tables.BatchMade, 202),
        line("GET", batch, calls.get, "Look at a batch", tag=TAG, answers={200: tables.BatchShown}),
        line(
            "GET",
            f"{batch}/rows/{{number}}/pdf",
            calls.row,
            "The PDF of one row, counted from 1",
            answers={200: bytes},
            answer_type="application/pdf",
            **fetched,
        ),
        line(
            "GET",
            f"{batch}/zip",
            calls.archive,
            "All filled PDFs",
            answers={200: bytes},
            answer_type="application/zip",
            **fetched,
        ),
        Endpoint(
            "GET",
            "/forms/files/{signed}",
            calls.fetch,
            "Fetch a document at a signed address",
            TAG,
            answers={200: bytes},
            answer_type="application/pdf",
            refusals=(404, 409, 410, 429, 503),
            auth="signed_url",
        ),
    )
