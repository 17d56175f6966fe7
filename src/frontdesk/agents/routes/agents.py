"""What clients do with agents."""

from starlette.responses import Response

from frontdesk.agents.model.agent import Definition
from frontdesk.agents.rules.definitions import IMPORT_BYTES, check_harness, refs_in, tools_in
from frontdesk.agents.rules.refusals import Invalid
from frontdesk.agents.service import agents, importing
from frontdesk.agents.service.needs import Needs
from frontdesk.agents.wire import answers, requests
from frontdesk.agents.wire.requests import AgentBody
from frontdesk.web.endpoint import Answer, Call, Endpoint, QueryParam

from .calls import changes_in, tenant_of
from .table import line

BODY_LIMIT = 8 * 1024 * 1024
"""Bytes: a system prompt of 1 MiB may be twice or six times as long in JSON."""
_ALL, _ONE = "/v1/agents", "/v1/agents/{agent_id}"


def definition_in(body: AgentBody) -> Definition:
    """What a body says of an agent."""
    check_harness(body.harness_id, body.harness_name)
    return Definition(
        body.name,
        body.system_prompt,
        body.description,
        body.default_model_id,
        tuple(body.tags or ()),
        refs_in(body.capabilities or ()),
        tools_in(body.tools or ()),
    )


class Agents:
    """The calls on agents, with what they need."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def create(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        body = await call.json(AgentBody)
        whole = await agents.put(self._needs, tenant_id, body.id, definition_in(body))
        return Answer(201, answers.agent(whole))

    async def list(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        found = await agents.listed(self._needs, tenant_id, call.query.get("search", ""))
        return Answer(200, answers.AgentList([answers.agent(one) for one in found]))

    async def get(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        return Answer(200, answers.agent(await agents.load(self._needs, tenant_id, call.path["agent_id"])))

    async def change(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        given = changes_in(await call.json(requests.AgentChange))
        return Answer(200, answers.agent(await agents.change(self._needs, tenant_id, call.path["agent_id"], given)))

    async def put(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        body = await call.json(AgentBody)
        whole = await agents.put(self._needs, tenant_id, call.path["agent_id"], definition_in(body))
        return Answer(201 if whole.created else 200, answers.agent(whole))

    async def archive(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        await agents.archive(self._needs, tenant_id, call.path["agent_id"])
        return Answer(204)

    async def take_in(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        try:
            text = (await call.body()).decode()
        except UnicodeDecodeError as error:
            raise Invalid("The text is not UTF-8") from error
        if "\0" in text:
            raise Invalid("The text holds a NUL character")
        whole = await agents.put(self._needs, tenant_id, None, importing.parsed(text, self._needs.clock.now()))
        return Answer(201, answers.agent(whole))

    async def export(self, call: Call) -> Response:
        tenant_id = await tenant_of(call, self._needs)
        whole = await agents.load(self._needs, tenant_id, call.path["agent_id"])
        named = f'attachment; filename="{importing.file_name(whole.agent)}"'
        headers = {"Content-Disposition": named}
        return Response(importing.written(whole.agent), media_type="text/markdown", headers=headers)

    async def copy(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        return Answer(201, answers.agent(await agents.copy(self._needs, tenant_id, call.path["agent_id"])))


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """The table of calls on agents."""
    calls, tag, one = Agents(needs), "Agents", answers.Agent
    search = (QueryParam("search", "Text that name or description holds."),)
    bodied = {"body": AgentBody, "body_limit": BODY_LIMIT}
    return (
        line("POST", _ALL, calls.create, "Create, or replace the one of this id", tag, {201: one}, **bodied),
        line("GET", _ALL, calls.list, "List the active ones", tag, {200: answers.AgentList}, query=search),
        line(
            "POST",
            _ALL + "/import",
            calls.take_in,
            "Create from Markdown, JSON, YAML or a bare prompt",
            tag,
            {201: one},
            raw_body=True,
            body_type="text/plain",
            body_limit=IMPORT_BYTES + 1,
        ),
        line("GET", _ONE, calls.get, "One agent", tag, {200: one}),
        line(
            "PATCH",
            _ONE,
            calls.change,
            "Change what is named",
            tag,
            {200: one},
            body=requests.AgentChange,
            body_limit=BODY_LIMIT,
        ),
        line("PUT", _ONE, calls.put, "Create under this id, or replace", tag, {200: one, 201: one}, **bodied),
        line("DELETE", _ONE, calls.archive, "Archive", tag, {204: None}),
        line(
            "GET",
            _ONE + "/export",
            calls.export,
            "As Markdown with front matter",
            tag,
            {200: str},
            answer_type="text/markdown",
        ),
        line("POST", _ONE + "/copy", calls.copy, "An equal agent under a new id", tag, {201: one}, raw_body=True),
    )
