"""Calls on sessions: open, look, talk, decide, set, render, download."""

from starlette.responses import Response

from frontdesk.forms.rules.filling import Entry
from frontdesk.forms.rules.published import inner_id
from frontdesk.forms.rules.refusals import BadRequest, UnprocessableValues
from frontdesk.forms.service import rendering, sessions, talking
from frontdesk.forms.service.needs import Needs
from frontdesk.forms.wire import answers, requests
from frontdesk.web.endpoint import Answer, Call, Endpoint, QueryParam
from frontdesk.web.problems import InvalidField

from .forms import line, pdf_response

TAG = "Form sessions"
_BODY_REFUSALS = (400, 401, 403, 404, 408, 409, 413, 415, 429, 503)


class SessionCalls:
    """The calls on sessions, with what they need."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def open(self, call: Call) -> Answer:
        body = await call.json(requests.SessionBody)
        if not body.form_id.strip():
            raise BadRequest("form_id must not be empty")
        found = await sessions.open_session(self._needs, call.caller.tenant_id, inner_id(body.form_id, "form"))
        return Answer(201, answers.session(found))

    async def get(self, call: Call) -> Answer:
        return Answer(200, answers.session(await sessions.look(self._needs, call.caller.tenant_id, _session_in(call))))

    async def turn(self, call: Call) -> Answer:
        body = await call.json(requests.TurnBody)
        reply, outcome = await talking.take_turn(self._needs, call.caller.tenant_id, _session_in(call), body.message)
        return Answer(200, answers.turn(reply, outcome))

    async def confirm(self, call: Call) -> Answer:
        return await self._act(call, "confirm")

    async def skip(self, call: Call) -> Answer:
        return await self._act(call, "skip")

    async def decline(self, call: Call) -> Answer:
        return await self._act(call, "decline")

    async def _act(self, call: Call, verb: str) -> Answer:
        body = await call.json(requests.FieldBody)
        found = await sessions.act(self._needs, call.caller.tenant_id, _session_in(call), verb, body.field_id)
        return Answer(200, answers.action(found, body.field_id))

    async def put(self, call: Call) -> Answer:
        entries, as_updates = await _entries(call)
        outcome = await sessions.put(
            self._needs, call.caller.tenant_id, _session_in(call), entries, as_updates=as_updates
        )
        return Answer(200, answers.set_values(outcome))

    async def fill(self, call: Call) -> Answer:
        flatten = call.query.get("flatten", "").lower() in ("true", "1", "yes")
        session_id = _session_in(call)
        render = await rendering.fill(self._needs, call.caller.tenant_id, session_id, flatten=flatten)
        return Answer(200, answers.filled(session_id or "", render))

    async def pdf(self, call: Call) -> Response:
        content, name = await rendering.pdf(self._needs, call.caller.tenant_id, _session_in(call))
        return pdf_response(content, name)


def _session_in(call: Call) -> str | None:
    return inner_id(call.path["session_id"], "sess")


async def _entries(call: Call) -> tuple[list[Entry], bool]:
    """The values of either body, and whether they came as `updates`."""
    try:
        body = await call.json(requests.ValuesBody)
    except InvalidField as wrong:
        if wrong.field and wrong.field.startswith("updates"):
            fault = {"loc": ["body", wrong.field], "msg": wrong.message, "type": UnprocessableValues.code}
            raise UnprocessableValues(wrong.message, details={"errors": [fault]}) from wrong
        raise
    if isinstance(body.fields, list) and isinstance(body.updates, list):
        raise BadRequest("send fields or updates, not both")
    if isinstance(body.updates, list):
        return [Entry(one.field_id, one.value, ("updates", number)) for number, one in enumerate(body.updates)], True
    if isinstance(body.fields, list):
        return [Entry(one.id, one.value, ("fields", number)) for number, one in enumerate(body.fields)], False
    raise BadRequest("fields is missing: send a list of field ids and values")


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """The table of calls on sessions."""
    calls = SessionCalls(needs)
    one = "/sessions/{session_id}"

    def act(verb: str, run: object, summary: str) -> Endpoint:
        return line(
            "POST",
            f"{one}/{verb}",
            run,
            summary,
            tag=TAG,
            body=requests.FieldBody,
            answers={200: answers.ActionAnswer},
            refusals=_BODY_REFUSALS,
        )

    return (
        line(
            "POST",
            "/sessions",
            calls.open,
            "Open a session over a form",
            tag=TAG,
            body=requests.SessionBody,
            answers={201: answers.SessionShown},
            refusals=_BODY_REFUSALS,
        ),
        line("GET", one, calls.get, "Look at a session", tag=TAG, answers={200: answers.SessionShown}),
        line(
            "POST",
            f"{one}/turns",
            calls.turn,
            "Say something",
            tag=TAG,
            body=requests.TurnBody,
            answers={200: answers.TurnAnswer},
            refusals=_BODY_REFUSALS,
        ),
        act("confirm", calls.confirm, "Confirm a proposed value"),
        act("skip", calls.skip, "Leave a field blank on purpose"),
        act("decline", calls.decline, "Drop a proposed value"),
        line(
            "PUT",
            f"{one}/fields",
            calls.put,
            "Set values directly",
            tag=TAG,
            body=requests.ValuesBody,
            answers={200: answers.ValuesAnswer},
            refusals=(*_BODY_REFUSALS, 422),
        ),
        line(
            "POST",
            f"{one}/fill",
            calls.fill,
            "Render the confirmed values and complete the session",
            tag=TAG,
            answers={200: answers.FillAnswer},
            refusals=(400, 401, 403, 404, 409, 410, 429, 500, 503),
            query=(QueryParam("flatten", "`true` draws the values for good: the PDF has no fields then."),),
        ),
        line(
            "GET",
            f"{one}/pdf",
            calls.pdf,
            "Download the rendered PDF",
            tag=TAG,
            answers={200: bytes},
            answer_type="application/pdf",
            refusals=(400, 401, 403, 404, 409, 410, 429, 503),
        ),
    )
