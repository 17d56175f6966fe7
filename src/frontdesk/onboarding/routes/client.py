"""What apps may call: begin, submit, upload, look through the catalog; and where banks send users back to."""

import base64
import binascii
from collections.abc import AsyncGenerator
from typing import Any

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import Response

from frontdesk.onboarding.routes.calls import CREATES, STEPS, Calls, Fields, repeat_of
from frontdesk.onboarding.rules.refusals import InvalidField
from frontdesk.onboarding.rules.uploading import LARGEST_BYTES
from frontdesk.onboarding.service import looking, opening, returning, submitting, uploading
from frontdesk.onboarding.wire import answers, requests
from frontdesk.web.endpoint import Answer, Call, Endpoint, QueryParam
from frontdesk.web.problems import InvalidBody, MethodNotAllowed, TooLarge, UnsupportedMediaType

BODY_LIMIT = 64 * 1024
UPLOAD_LIMIT = LARGEST_BYTES * 4 // 3 + BODY_LIMIT
"""Bytes of an upload's body: a file of the largest size in base64, and the rest."""
TAG = "Onboarding, for apps"
REFUSALS = (400, 401, 404, 408, 409, 413, 429, 500, 503)


class _InMemory(MultiPartParser):
    """What is uploaded is personal: it never lies about in a temporary file."""

    spool_max_size = UPLOAD_LIMIT


class Client:
    """The calls of apps."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._needs = calls.needs

    async def create(self, call: Call, fields: Fields) -> Answer:
        """Begin a session; the path is shared, so that this takes the body as it was read."""
        body = self._calls.read(fields, requests.CreateSession)
        self._calls.count(CREATES, body.client_id)
        wish = opening.Wish(body.tenant_user_id, body.client_id, body.client_app_key, body.skill)
        return Answer(200, answers.started(await opening.create_session(self._needs, wish, await repeat_of(call))))

    async def submit(self, call: Call, fields: Fields) -> Answer:
        body = self._calls.read(fields, requests.SubmitStep)
        self._calls.count(STEPS, body.client_id)
        sent = submitting.Submission(
            call.path["session_id"], body.client_id, body.nonce, body.skill, body.step, body.data
        )
        return Answer(200, answers.taken(await submitting.submit_step(self._needs, sent, await repeat_of(call))))

    async def catalog(self, call: Call, fields: Fields) -> Answer:
        body = self._calls.read(fields, requests.ReadCatalog)
        wanted = requests.texts(body.filter, "country", "family", "env")
        found = await looking.catalog(
            self._needs,
            body.client_id,
            body.client_app_key,
            country=wanted.get("country"),
            family=wanted.get("family"),
            env=wanted.get("env"),
        )
        return Answer(200, [answers.offer(one) for one in found])

    async def upload(self, call: Call) -> Answer:
        """A file as a form, or as JSON."""
        return await self._calls.counted(call, lambda: self._uploaded(call))

    async def _uploaded(self, call: Call) -> Answer:
        tenants = await self._calls.proved(call)
        kind = (call.header("content-type") or "").partition(";")[0].strip().lower()
        if kind == "multipart/form-data":
            fields, content = await _form(call)
        elif kind == "application/json":
            fields, content = await call.json(Fields), None
        else:
            raise UnsupportedMediaType("multipart/form-data or application/json")
        await self._calls.owned(tenants, fields)
        body = self._calls.read(fields, requests.UploadFile)
        found = _decoded(body.file) if content is None else content
        if not found:
            raise InvalidField("file", "a file that is not empty")
        if len(found) > LARGEST_BYTES:
            raise TooLarge(LARGEST_BYTES)
        file = uploading.File(call.path["step_id"], body.client_id, body.nonce, body.name, found)
        return Answer(200, answers.file_taken(await uploading.upload(self._needs, file, await repeat_of(call))))

    async def come_back(self, call: Call) -> Response:
        """From a bank to the app."""
        if call.method != "GET":
            # Whoever only looks whether the address is there must not use the state up.
            raise MethodNotAllowed(("GET",))
        names = ("state", "code", "error", "error_description")
        returned = returning.Returned(*(call.query.get(name, "") for name in names))
        target = await self._calls.counted(call, lambda: returning.come_back(self._needs, returned))
        return Response(status_code=302, headers={"Location": target, "Cache-Control": "no-store"})


async def _form(call: Call) -> tuple[Fields, bytes]:
    """The parts of a form by name, and the file's content."""
    raw = await call.body()

    async def pieces() -> AsyncGenerator[bytes, None]:
        yield raw
        yield b""

    parser = _InMemory(
        Headers({"content-type": call.header("content-type") or ""}), pieces(), max_files=2, max_fields=10
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError) as error:
        raise InvalidBody("The body is no multipart/form-data that can be taken apart") from error
    fields: Fields = {}
    content = b""
    for name, value in form.multi_items():
        if name in fields:
            raise InvalidBody("The form has a part twice")
        if isinstance(value, UploadFile):
            content = await value.read()
            await value.close()
            fields[name] = value.filename or "file"
        else:
            fields[name] = value
    if any("\0" in text for text in fields.values()):
        raise InvalidBody("A text in the body holds a NUL character")
    return fields, content


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidField("file", "base64") from error


def endpoints(calls: Calls, prefix: str) -> tuple[Endpoint, ...]:
    """The table of what apps call."""
    client = Client(calls)

    def line(path: str, run: Any, summary: str, body: Any, answer: Any, **more: Any) -> Endpoint:
        limit = more.pop("body_limit", BODY_LIMIT)
        return Endpoint(
            "POST", prefix + path, run, summary, TAG if prefix == "/v1" else "Onboarding, signed", body=body,
            answers={200: answer}, refusals=REFUSALS, auth="none", cors=True, body_limit=limit, **more,
        )  # fmt: skip

    return (
        line(
            "/sessions",
            calls.with_fields(client.create),
            "Begin a session",
            requests.CreateSession,
            answers.SessionStarted,
        ),
        line(
            "/sessions/{session_id}/steps",
            calls.with_fields(client.submit),
            "Submit a step",
            requests.SubmitStep,
            answers.StepTaken,
        ),
        line(
            "/steps/{step_id}/upload",
            client.upload,
            "Send a file for a step",
            requests.UploadFile,
            answers.FileTaken,
            body_limit=UPLOAD_LIMIT,
        ),
        line(
            "/catalogs/get",
            calls.with_fields(client.catalog),
            "List the skills",
            requests.ReadCatalog,
            list[answers.SkillShown],
        ),
    )


def redirect_endpoint(calls: Calls) -> Endpoint:
    """Where a bank sends the user back to."""
    query = (
        QueryParam("state", "What the bank was given for this user", required=True),
        QueryParam("code", "What the bank gives for a consent"),
        QueryParam("error", "Why there is none"),
        QueryParam("error_description", "The same in words; not passed on"),
    )
    return Endpoint(
        "GET", "/v1/redirects/aisp", Client(calls).come_back, "Come back from a bank", TAG, answers={302: None},
        refusals=(400, 404, 429, 500, 503), auth="none", query=query,
    )  # fmt: skip
