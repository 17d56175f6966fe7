"""Calls that fill a form from supporting material."""

from frontdesk.forms.rules import limits
from frontdesk.forms.rules.published import inner_id
from frontdesk.forms.rules.uploads import retention_of
from frontdesk.forms.service import context
from frontdesk.forms.service.context import Material, Wish
from frontdesk.forms.service.forms import claim_of
from frontdesk.forms.service.needs import Needs
from frontdesk.forms.wire import work
from frontdesk.web.endpoint import Answer, Call, Endpoint

from .forms import UPLOAD_REFUSALS, form_in, line, upload_in
from .parts import Parts, parts_of

TAG = "Forms from context"


class ContextCalls:
    """The calls, with what they need."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def begin_new(self, call: Call) -> Answer:
        parts = await parts_of(call)
        claim = claim_of(call.caller.tenant_id, "with-context", call.header("idempotency-key"))
        begun = await context.begin_new(self._needs, call.caller.tenant_id, upload_in(parts), wish_in(parts), claim)
        return Answer(202, work.job_made(begun.job_id, in_files=begun.in_files))

    async def begin(self, call: Call) -> Answer:
        parts = await parts_of(call)
        retention_of(parts.value("retention"))
        claim = claim_of(call.caller.tenant_id, "form with-context", call.header("idempotency-key"))
        begun = await context.begin(self._needs, call.caller.tenant_id, form_in(call), wish_in(parts), claim)
        return Answer(202, work.job_made(begun.job_id, in_files=begun.in_files))

    async def get(self, call: Call) -> Answer:
        job_id = inner_id(call.path["job_id"], "job")
        return Answer(200, work.job(await context.look(self._needs, call.caller.tenant_id, job_id)))


def materials_in(parts: Parts) -> tuple[Material, ...]:
    """The supporting material of a multipart body. Parts without content say nothing."""
    return tuple(
        Material(part.content, part.file_name or "context", part.mime_type, is_file=part.file_name is not None)
        for part in parts.of("context")
        if part.content
    )


def wish_in(parts: Parts) -> Wish:
    """What a context request asks for."""
    return Wish(materials_in(parts), parts.value("policy"), parts.value("callback_url"))


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """The table of calls."""
    calls = ContextCalls(needs)

    def begin(path: str, run: object, summary: str) -> Endpoint:
        return line(
            "POST",
            path,
            run,
            summary,
            tag=TAG,
            answers={202: work.JobMade},
            refusals=(*UPLOAD_REFUSALS, 410),
            raw_body=True,
            body_type="multipart/form-data",
            body_limit=limits.REQUEST_BYTES,
        )

    return (
        begin("/forms/with-context", calls.begin_new, "Upload a form and fill it from supporting material"),
        begin("/forms/{form_id}/with-context", calls.begin, "Fill a known form from supporting material"),
        line(
            "GET",
            "/forms/with-context/{job_id}",
            calls.get,
            "Look at a context job",
            tag=TAG,
            answers={200: work.JobShown},
        ),
    )
