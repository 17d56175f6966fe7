"""What clients can look up and set up: capabilities, models, providers, MCP servers, harness, organizations."""

from typing import Any

from frontdesk.agents.model.catalogue import MCP_SERVER, MODEL, PROVIDER, McpServer, Model, Provider
from frontdesk.agents.rules.refusals import NotFound
from frontdesk.agents.service import catalogue, equipping, organizations
from frontdesk.agents.service.needs import Needs
from frontdesk.agents.wire import answers, requests
from frontdesk.agents.wire import catalogue as wire
from frontdesk.basics.clock import iso_millis
from frontdesk.web.endpoint import Answer, Call, Endpoint, QueryParam

from .calls import number, tenant_of
from .table import line

_MOST = 1_000


class Catalogue:
    """The calls, with what they need."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def capabilities(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        wanted = call.query.get("search", "").casefold()
        found = [
            one
            for one in await equipping.all_capabilities(self._needs, tenant_id)
            if wanted in f"{one.id}\n{one.name}\n{one.description}".casefold()
        ]
        offset = number(call.query, "offset", 0)
        limit = number(call.query, "limit", _MOST, least=1, most=_MOST)
        shown = [answers.capability(one) for one in found[offset : offset + limit]]
        return Answer(200, answers.CapabilityPage(shown, len(found), offset, limit))

    async def capability(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        for one in await equipping.all_capabilities(self._needs, tenant_id):
            if one.id == call.path["capability_id"]:
                return Answer(200, answers.capability(one))
        raise NotFound("Capability not found")

    async def models(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        above = {one.id: one for one in await catalogue.listed(self._needs, tenant_id, PROVIDER)}
        found = await catalogue.listed(self._needs, tenant_id, MODEL)
        only = call.path.get("provider_id")
        if only is not None:
            await catalogue.load(self._needs, tenant_id, PROVIDER, only)
        lines = [(one, one.thing.provider_id if isinstance(one.thing, Model) else "") for one in found]
        shown = [wire.model(one, above.get(parent)) for one, parent in lines if only in (None, parent)]
        return Answer(200, wire.ModelList(shown))

    async def model(self, call: Call) -> Answer:
        return Answer(200, await self._model(await tenant_of(call, self._needs), call.path["model_id"]))

    async def _model(self, tenant_id: str, model_id: str) -> wire.ModelAnswer:
        found = await catalogue.load(self._needs, tenant_id, MODEL, model_id)
        above = {one.id: one for one in await catalogue.listed(self._needs, tenant_id, PROVIDER)}
        parent = found.thing.provider_id if isinstance(found.thing, Model) else ""
        return wire.model(found, above.get(parent))

    async def add_model(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        body = await call.json(requests.ModelBody)
        thing = Model(
            call.path["provider_id"],
            body.model_id,
            body.display_name or body.model_id,
            tuple(body.capabilities if body.capabilities is not None else ("chat", "tools")),
            body.is_default,
            body.is_favorite,
            "manual",
            body.status,
            body.profile,
        )
        added = await catalogue.add(self._needs, tenant_id, MODEL, thing)
        return Answer(201, await self._model(tenant_id, added.id))

    async def change_model(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        given = requests.given(await call.json(requests.ModelChange))
        if "capabilities" in given:
            given["capabilities"] = tuple(given["capabilities"])
        await catalogue.change(self._needs, tenant_id, MODEL, call.path["model_id"], given)
        return Answer(200, await self._model(tenant_id, call.path["model_id"]))

    async def remove_model(self, call: Call) -> Answer:
        await catalogue.remove(self._needs, await tenant_of(call, self._needs), MODEL, call.path["model_id"])
        return Answer(204)

    async def providers(self, call: Call) -> Answer:
        found = await catalogue.listed(self._needs, await tenant_of(call, self._needs), PROVIDER)
        return Answer(200, wire.ProviderList([wire.provider(one) for one in found]))

    async def provider(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        found = await catalogue.load(self._needs, tenant_id, PROVIDER, call.path["provider_id"])
        return Answer(200, wire.provider(found))

    async def add_provider(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        body = await call.json(requests.ProviderBody)
        thing = Provider(body.name, body.provider_type, body.base_url, body.api_key, body.status)
        return Answer(201, wire.provider(await catalogue.add(self._needs, tenant_id, PROVIDER, thing)))

    async def change_provider(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        given = requests.given(await call.json(requests.ProviderChange))
        found = await catalogue.change(self._needs, tenant_id, PROVIDER, call.path["provider_id"], given)
        return Answer(200, wire.provider(found))

    async def remove_provider(self, call: Call) -> Answer:
        await catalogue.remove(self._needs, await tenant_of(call, self._needs), PROVIDER, call.path["provider_id"])
        return Answer(204)

    async def servers(self, call: Call) -> Answer:
        found = await catalogue.listed(self._needs, await tenant_of(call, self._needs), MCP_SERVER)
        return Answer(200, wire.McpServerList([wire.mcp_server(one) for one in found]))

    async def server(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        found = await catalogue.load(self._needs, tenant_id, MCP_SERVER, call.path["server_id"])
        return Answer(200, wire.mcp_server(found))

    async def add_server(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        body = await call.json(requests.McpServerBody)
        thing = McpServer(
            body.name,
            body.url,
            body.description,
            body.transport_type,
            dict(body.headers or {}),
            body.api_key,
            body.status,
        )
        return Answer(201, wire.mcp_server(await catalogue.add(self._needs, tenant_id, MCP_SERVER, thing)))

    async def change_server(self, call: Call) -> Answer:
        tenant_id = await tenant_of(call, self._needs)
        given = requests.given(await call.json(requests.McpServerChange))
        found = await catalogue.change(self._needs, tenant_id, MCP_SERVER, call.path["server_id"], given)
        return Answer(200, wire.mcp_server(found))

    async def remove_server(self, call: Call) -> Answer:
        await catalogue.remove(self._needs, await tenant_of(call, self._needs), MCP_SERVER, call.path["server_id"])
        return Answer(204)

    async def harnesses(self, call: Call) -> Answer:
        return Answer(200, wire.HarnessList([self._harness()]))

    async def harness(self, call: Call) -> Answer:
        found = self._harness()
        if call.path["harness_id"] not in (found.id, found.name):
            raise NotFound("Harness not found")
        return Answer(200, found)

    def _harness(self) -> wire.Harness:
        since = iso_millis(catalogue.SINCE)
        return wire.Harness(since, since)

    async def organizations(self, call: Call) -> Answer:
        found = await organizations.own(self._needs, call.caller.tenant_id)
        return Answer(200, wire.OrganizationList([wire.OrganizationAnswer(found.id, found.name)]))

    async def organization(self, call: Call) -> Answer:
        found = await organizations.one(self._needs, call.caller.tenant_id, call.path["org_id"])
        return Answer(200, wire.OrganizationAnswer(found.id, found.name))


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """The table of calls on what can be looked up."""
    calls, tag = Catalogue(needs), "Agent catalogue"
    query = (
        QueryParam("search", "Text that id, name or description hold."),
        QueryParam("offset", "How many to leave out.", int),
        QueryParam("limit", "At most so many.", int),
    )
    return (
        line(
            "GET",
            "/v1/capabilities",
            calls.capabilities,
            "What can be switched on",
            tag,
            {200: answers.CapabilityPage},
            query=query,
        ),
        line(
            "GET",
            "/v1/capabilities/{capability_id}",
            calls.capability,
            "One capability",
            tag,
            {200: answers.CapabilityInfo},
        ),
        *_models(calls, tag),
        *_providers(calls, tag),
        *_servers(calls, tag),
        line("GET", "/v1/harnesses", calls.harnesses, "The one harness", tag, {200: wire.HarnessList}),
        line("GET", "/v1/harnesses/{harness_id}", calls.harness, "The one harness", tag, {200: wire.Harness}),
        line("GET", "/v1/orgs", calls.organizations, "The key's organization", tag, {200: wire.OrganizationList}),
        line("GET", "/v1/orgs/{org_id}", calls.organization, "An organization", tag, {200: wire.OrganizationAnswer}),
    )


def _models(calls: Catalogue, tag: str) -> tuple[Endpoint, ...]:
    one, many = {200: wire.ModelAnswer}, {200: wire.ModelList}
    below, changed = "/v1/llm-providers/{provider_id}/models", requests.ModelChange
    return (
        line("GET", "/v1/models", calls.models, "Models", tag, many),
        line("GET", "/v1/models/{model_id}", calls.model, "One model", tag, one),
        line("GET", "/v1/llm-models", calls.models, "Models, under their earlier name", tag, many),
        line("GET", "/v1/llm-models/{model_id}", calls.model, "One model", tag, one),
        line("PATCH", "/v1/llm-models/{model_id}", calls.change_model, "Change a model", tag, one, body=changed),
        line("DELETE", "/v1/llm-models/{model_id}", calls.remove_model, "Remove a model", tag, {204: None}),
        line("GET", below, calls.models, "Models of a provider", tag, many),
        line("POST", below, calls.add_model, "Add a model", tag, {201: wire.ModelAnswer}, body=requests.ModelBody),
    )


def _providers(calls: Catalogue, tag: str) -> tuple[Endpoint, ...]:
    path, kind = "/v1/llm-providers", wire.ProviderAnswer
    one, changed = path + "/{provider_id}", requests.ProviderChange
    return (
        line("GET", path, calls.providers, "Providers", tag, {200: wire.ProviderList}),
        line("POST", path, calls.add_provider, "Add a provider", tag, {201: kind}, body=requests.ProviderBody),
        line("GET", one, calls.provider, "One provider", tag, {200: kind}),
        line("PATCH", one, calls.change_provider, "Change a provider", tag, {200: kind}, body=changed),
        line("DELETE", one, calls.remove_provider, "Remove a provider and its models", tag, {204: None}),
    )


def _servers(calls: Catalogue, tag: str) -> tuple[Endpoint, ...]:
    path, kind = "/v1/mcp-servers", wire.McpServerAnswer
    one, changed = path + "/{server_id}", requests.McpServerChange
    bodied: dict[str, Any] = {"body": requests.McpServerBody}
    return (
        line("GET", path, calls.servers, "MCP servers", tag, {200: wire.McpServerList}),
        line("POST", path, calls.add_server, "Add an MCP server", tag, {201: kind}, **bodied),
        line("GET", one, calls.server, "One MCP server", tag, {200: kind}),
        line("PATCH", one, calls.change_server, "Change an MCP server", tag, {200: kind}, body=changed),
        line("DELETE", one, calls.remove_server, "Remove an MCP server", tag, {204: None}),
    )
