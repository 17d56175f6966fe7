"""What end users call, under their access token."""

import base64
import binascii
from typing import Any

from starlette.responses import Response

from frontdesk.kyc.rules.confirm import ConfirmRequest
from frontdesk.kyc.rules.public_workflow import public_workflow
from frontdesk.kyc.rules.refusals import Invalid
from frontdesk.kyc.rules.upload import UploadRequest
from frontdesk.kyc.service import extraction, journey, subsessions, uploading
from frontdesk.kyc.service.needs import Needs
from frontdesk.kyc.service.subsessions import Caller, Plan
from frontdesk.kyc.wire import answers, requests
from frontdesk.kyc.wire.answers import Envelope
from frontdesk.kyc.wire.shown import SessionState, WorkflowShown
from frontdesk.web.endpoint import Answer, Call, Endpoint, Limit, QueryParam

from .calls import body_of, success
from .page import prefers_html, waiting_page

_SESSION = "/public/sessions/{access_token}"
_REFUSALS = (400, 403, 404, 429)
_HOUR = 3600


class NotBase64(Invalid):
    """`file_data` is no base64."""

    reason = "not_base64"


class Public:
    """The public calls, with what they need."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def state(self, call: Call) -> Answer | Response:
        """A browser that follows the link gets the page, a program the state."""
        dossier = await journey.look(self._needs, call.path["access_token"])
        if prefers_html(call.header("accept")):
            return waiting_page(dossier.definition.name)
        return success(call, self._needs.clock, answers.session_state(dossier, self._needs.clock.now()))

    async def workflow(self, call: Call) -> Answer:
        dossier = await journey.look(self._needs, call.path["access_token"])
        return success(call, self._needs.clock, public_workflow(dossier.definition))

    async def upload_init(self, call: Call) -> Answer:
        body = await body_of(call, self._needs, requests.UploadInit)
        wanted = UploadRequest(
            body.step_id, body.file_name, body.mime_type, body.document_type, body.field_id, body.file_size
        )
        slot = await uploading.begin(self._needs, call.path["access_token"], wanted)
        return success(call, self._needs.clock, answers.upload_slot(slot), 201)

    async def upload_confirm(self, call: Call) -> Answer:
        body = await body_of(call, self._needs, requests.UploadConfirm)
        said = ConfirmRequest(body.doc_id, body.s3_key, body.step_id, body.mime_type, body.document_type, body.field_id)
        document = await uploading.confirm(self._needs, call.path["access_token"], said)
        return success(call, self._needs.clock, answers.uploaded(document, confirmed=True))

    async def legacy_upload(self, call: Call) -> Answer:
        body = await body_of(call, self._needs, requests.LegacyUpload)
        wanted = UploadRequest(body.step_id, body.file_name, body.mime_type, body.document_type, body.field_id)
        token = call.path["access_token"]
        document = await uploading.upload_at_once(self._needs, token, wanted, lambda: _decoded(body.file_data))
        return success(call, self._needs.clock, answers.uploaded(document, confirmed=False))

    async def extract(self, call: Call) -> Answer:
        body = await body_of(call, self._needs, requests.Extract)
        token = call.path["access_token"]
        found = await extraction.extract(self._needs, token, body.doc_id, body.document_type)
        return success(call, self._needs.clock, answers.extracted(body.doc_id, found))

    async def complete_step(self, call: Call) -> Answer:
        body = await body_of(call, self._needs, requests.CompleteStep)
        token, step_id = call.path["access_token"], call.path["step_id"]
        done = await journey.complete_step(self._needs, token, step_id, body.form_data)
        return success(call, self._needs.clock, answers.step_completed(done))

    async def create_subsession(self, call: Call) -> Answer:
        body = await body_of(call, self._needs, requests.PublicSubsession)
        plan = Plan(body.step_id, body.label, body.metadata)
        opened = await subsessions.create(self._needs, Caller(call.path["access_token"]), plan)
        return success(call, self._needs.clock, answers.subsession_created(opened, for_staff=False), 201)

    async def list_subsessions(self, call: Call) -> Answer:
        caller = Caller(call.path["access_token"])
        shown, counts = await subsessions.listed(self._needs, caller, call.query.get("step_id") or None)
        return success(call, self._needs.clock, answers.subsession_list(shown, counts))

    async def regenerate_subsession(self, call: Call) -> Answer:
        caller = Caller(call.path["access_token"])
        renewed = await subsessions.regenerate(self._needs, caller, call.path["subsession_id"])
        return success(call, self._needs.clock, answers.link_renewed(renewed, for_staff=False))

    async def delete_subsession(self, call: Call) -> Answer:
        subsession_id = call.path["subsession_id"]
        await subsessions.delete(self._needs, Caller(call.path["access_token"]), subsession_id)
        return success(call, self._needs.clock, answers.SubsessionDeleted(subsession_id))


def endpoints(needs: Needs, upload_limit: int) -> tuple[Endpoint, ...]:
    """The table of public calls. `upload_limit` is the most bytes a base64 body may have."""
    public = Public(needs)

    def line(
        method: str, suffix: str, run: Any, summary: str, content: Any, status: int = 200, **more: Any
    ) -> Endpoint:
        return Endpoint(
            method,
            _SESSION + suffix,
            run,
            summary,
            "KYC, for end users",
            answers={status: Envelope[content]},
            refusals=_REFUSALS + ((413, 415) if method == "POST" and "body" in more else ()) + (503,),
            auth="access_token",
            cors=True,
            **more,
        )

    def hourly(name: str, count: int) -> Limit:
        return Limit(name, count, _HOUR)

    upload: dict[str, Any] = {
        "body": requests.LegacyUpload,
        "body_limit": upload_limit,
        "limit": hourly("upload/init", 60),
    }
    step_query = (QueryParam("step_id", "Only the subsessions of this step"),)
    return (
        line("GET", "", public.state, "Session state", SessionState),
        line("GET", "/workflow", public.workflow, "Workflow definition", WorkflowShown),
        line(
            "POST",
            "/upload/init",
            public.upload_init,
            "Announce a file and get the address to PUT it to",
            answers.UploadSlot,
            201,
            body=requests.UploadInit,
            limit=hourly("upload/init", 60),
        ),
        line(
            "POST",
            "/upload/confirm",
            public.upload_confirm,
            "Register a file that has been sent",
            answers.Uploaded,
            body=requests.UploadConfirm,
        ),
        line("POST", "/upload", public.legacy_upload, "Upload in base64 (old clients)", answers.Uploaded, **upload),
        line("POST", "/documents", public.legacy_upload, "The same as /upload", answers.Uploaded, **upload),
        line(
            "POST",
            "/extract",
            public.extract,
            "Read a document",
            answers.Extracted,
            body=requests.Extract,
            limit=hourly("extract", 20),
        ),
        line(
            "POST",
            "/step/{step_id}/complete",
            public.complete_step,
            "Complete a step",
            answers.StepCompleted,
            body=requests.CompleteStep,
            open_body=True,
        ),
        line(
            "POST",
            "/subsessions",
            public.create_subsession,
            "Open a session for a related party",
            answers.SubsessionCreated,
            201,
            body=requests.PublicSubsession,
            limit=hourly("subsession create", 20),
        ),
        line(
            "GET", "/subsessions", public.list_subsessions, "List subsessions", answers.SubsessionList, query=step_query
        ),
        line(
            "POST",
            "/subsessions/{subsession_id}/regenerate",
            public.regenerate_subsession,
            "A new link for a subsession",
            answers.LinkRenewed,
            open_body=True,
        ),
        line(
            "DELETE",
            "/subsessions/{subsession_id}",
            public.delete_subsession,
            "Delete an unfinished subsession",
            answers.SubsessionDeleted,
        ),
    )


def _decoded(text: str) -> bytes:
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotBase64("file_data must be standard base64") from error
