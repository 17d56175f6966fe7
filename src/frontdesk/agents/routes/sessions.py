"""What clients do with sessions: open, look, speak, stop."""

from starlette.responses import Response

from frontdesk.agents.rules.definitions import (
    MESSAGE_BYTES,
    check_harness,
    content_in,
    refs_in,
    tools_in,
)
from frontdesk.agents.rules.turns import Returned
from frontdesk.agents.service import messages, sessions
from frontdesk.agents.service.messages import Said
from frontdesk.agents.service.needs import Needs
from frontdesk.agents.service.sessions import Wish
from frontdesk.agents.wire import answers, requests
from frontdesk.web.endpoint import Answer, Call, Endpoint, QueryParam

from .calls import DEFAULT_LIMIT, MOST, changes_in, claim_of, number, tenant_of
from .table import line

_ALL, _ONE = "/v1/sessions", "/v1/sessions/{session_id}"
_BODY_LIMIT = 2 * 1024 * 1024


class Sessions:
    """The calls on sessions, with what they need."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def create(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        body = await call.json(requests.SessionBody)
        check_harness(body.harness_id, body.harness_name)
        wish = Wish(
            body.agent_id,
            body.agent_name,
            body.title,
            tuple(body.tags or ()),
            body.model_id,
            refs_in(body.capabilities or ()),
            tools_in(body.tools or ()),
        )
        claim = await claim_of(call, tenant_id, "POST /v1/sessions")
        return Answer(201, answers.session(await sessions.create(self._needs, tenant_id, wish, claim)))

    async def list(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        query = call.query
        offset = number(query, "offset", 0)
        limit = number(query, "limit", DEFAULT_LIMIT, least=1, most=MOST)
        found, total = await sessions.listed(
            self._needs,
            tenant_id,
            query.get("agent_id") or None,
            query.get("search", ""),
            offset=offset,
            limit=limit,
        )
        return Answer(200, answers.SessionPage([answers.session(one) for one in found], total, offset, limit))

    async def get(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        return Answer(200, answers.session(await sessions.load(self._needs, tenant_id, call.path["session_id"])))

    async def change(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        given = changes_in(await call.json(requests.SessionChange))
        read = await sessions.change(self._needs, tenant_id, call.path["session_id"], given)
        return Answer(200, answers.session(read))

    async def erase(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        await sessions.erase(self._needs, tenant_id, call.path["session_id"])
        return Answer(204)

    async def cancel(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        if await messages.cancel(self._needs, tenant_id, call.path["session_id"]):
            return Answer(200, answers.Cancelled("cancelled", "Turn cancelled successfully"))
        return Answer(200, answers.Cancelled("no_op", "No turn currently running"))

    async def send(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        body = await call.json(requests.MessageBody)
        content = content_in(body.message.content, body.message.role)
        session_id = call.path["session_id"]
        claim = await claim_of(call, tenant_id, f"POST /v1/sessions/{session_id}/messages")
        said = Said(content, body.controls, body.metadata, tuple(body.tags or ()))
        return Answer(201, answers.message(await messages.send(self._needs, tenant_id, session_id, said, claim)))

    async def messages(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        found = await messages.listed(self._needs, tenant_id, call.path["session_id"])
        return Answer(200, answers.MessageList([answers.message(one) for one in found]))

    async def take_results(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        body = await call.json(requests.ToolResultsBody)
        results = [Returned(one.tool_call_id, one.result, one.error) for one in body.tool_results]
        taken = await messages.take_results(self._needs, tenant_id, call.path["session_id"], results)
        return Answer(200, answers.ToolResultsTaken(taken, "active"))

    async def pin(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        wanted = {"is_pinned": call.method == "PUT"}
        await sessions.change(self._needs, tenant_id, call.path["session_id"], wanted)
        return Answer(204)

    async def export(self, call: Call) -> Response:
        tenant_id = await tenant_of(call, self._needs)
        found = await messages.listed(self._needs, tenant_id, call.path["session_id"])
        return Response(answers.as_lines(found), media_type="application/x-ndjson")


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """The table of calls on sessions."""
    calls, tag, one = Sessions(needs), "Agent sessions", answers.Session
    query = (
        QueryParam("agent_id", "Only sessions of this agent."),
        QueryParam("search", "Text that the title holds."),
        QueryParam("offset", "How many to leave out.", int),
        QueryParam("limit", f"Sessions of a page; {MOST} at most.", int),
    )
    return (
        line("POST", _ALL, calls.create, "Open", tag, {201: one}, body=requests.SessionBody, body_limit=_BODY_LIMIT),
        line("GET", _ALL, calls.list, "List, the newest first", tag, {200: answers.SessionPage}, query=query),
        line("GET", _ONE, calls.get, "One session", tag, {200: one}),
        line(
            "PATCH",
            _ONE,
            calls.change,
            "Change title, tags, model, capabilities or tools",
            tag,
            {200: one},
            body=requests.SessionChange,
            body_limit=_BODY_LIMIT,
        ),
        line("DELETE", _ONE, calls.erase, "Erase with all that it holds", tag, {204: None}),
        line(
            "POST",
            _ONE + "/cancel",
            calls.cancel,
            "Stop the turn that runs",
            tag,
            {200: answers.Cancelled},
            raw_body=True,
            body_type="application/json",
        ),
        line(
            "POST",
            _ONE + "/messages",
            calls.send,
            "Say something: a turn begins",
            tag,
            {201: answers.MessageAnswer},
            body=requests.MessageBody,
            body_limit=MESSAGE_BYTES,
        ),
        line("GET", _ONE + "/messages", calls.messages, "The conversation", tag, {200: answers.MessageList}),
        line(
            "POST",
            _ONE + "/tool-results",
            calls.take_results,
            "Results of the client's tools",
            tag,
            {200: answers.ToolResultsTaken},
            body=requests.ToolResultsBody,
            body_limit=MESSAGE_BYTES,
        ),
        line("PUT", _ONE + "/pin", calls.pin, "Pin", tag, {204: None}, raw_body=True, body_type="application/json"),
        line("DELETE", _ONE + "/pin", calls.pin, "Unpin", tag, {204: None}),
        line(
            "GET",
            _ONE + "/export",
            calls.export,
            "The conversation as JSON lines",
            tag,
            {200: str},
            answer_type="application/x-ndjson",
        ),
    )
