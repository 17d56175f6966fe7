"""What a turn works with: its model, its prompt, its tools and what these may use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from frontdesk.agents.capabilities.contract import Capability, Context, Tool, ToolFailed
from frontdesk.agents.capabilities.mcp import Server, described
from frontdesk.agents.capabilities.offering import Offer, needed, offer
from frontdesk.agents.model.agent import Agent, Ref
from frontdesk.agents.model.catalogue import MCP_SERVER, Line, McpServer
from frontdesk.agents.model.message import Message
from frontdesk.agents.model.session import Turn
from frontdesk.agents.rules.history import assemble
from frontdesk.agents.rules.prompting import MCP_PREFIX, canonical
from frontdesk.agents.service import asking, catalogue
from frontdesk.agents.service.catalogue import Chosen
from frontdesk.agents.service.contents import SessionFiles, SessionValues
from frontdesk.agents.service.needs import Needs
from frontdesk.agents.store.sessions import Dossier
from frontdesk.ports.llm import Request


@dataclass(frozen=True, slots=True)
class Equipped:
    """The model of the turn, and what it is told and offered."""

    chosen: Chosen
    offer: Offer

    @property
    def tools(self) -> Mapping[str, Tool]:
        """By name."""
        return self.offer.tools


async def equip(needs: Needs, read: Dossier, agent: Agent, turn: Turn) -> Equipped:
    """Look up everything that is switched on for this turn; what is gone meanwhile is left out."""
    conversation, tenant_id, definition = read.conversation, read.session.tenant_id, agent.definition
    wanted = (turn.model_id, conversation.model_id, definition.default_model_id)
    chosen = await catalogue.choose(needs, tenant_id, wanted)
    refs = (*definition.capabilities, *conversation.capabilities)
    known = {**needs.capabilities, **await _of_servers(needs, tenant_id, refs)}
    files = SessionFiles(needs.db, needs.clock, read.session, read.seal)
    for use in needed(known, definition.capabilities, conversation.capabilities):
        capability = known[use.ref]
        if capability.prompt_from is not None:
            known[use.ref] = replace(capability, prompt=await capability.prompt_from(files))
    given = offer(
        known,
        definition.capabilities,
        conversation.capabilities,
        definition.system_prompt,
        (*definition.tools, *conversation.tools),
    )
    return Equipped(chosen, given)


async def _of_servers(needs: Needs, tenant_id: str, refs: Sequence[Ref]) -> dict[str, Capability]:
    """The MCP servers among the refs as capabilities; one that is away drops out, and the turn goes on."""
    found: dict[str, Capability] = {}
    for one in refs:
        ref = canonical(one.ref)
        if not ref.startswith(MCP_PREFIX) or ref in found:
            continue
        line = await catalogue.mcp_server(needs, tenant_id, ref)
        if line is None or line.thing.status != "active":
            continue
        try:
            found[ref] = await needs.mcp.capability(server_of(line), needs.clock.now())
        except ToolFailed:
            continue
    return found


def server_of(line: Line) -> Server:
    """A server of the catalogue as the client of such servers takes it."""
    thing = line.thing
    if not isinstance(thing, McpServer):
        raise TypeError("an MCP server was expected")
    digits = line.id.removeprefix("mcp_")
    uuid = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    return Server(
        uuid, thing.name, thing.url, line.version, thing.description or "", thing.headers, thing.api_key or ""
    )


def request(equipped: Equipped, messages: Sequence[Message], turn: Turn, seconds: float) -> Request:
    """What the model is asked."""
    lines = assemble(messages)
    return asking.request(equipped.chosen.target, equipped.offer, lines, effort=turn.effort, seconds=seconds)


def context(needs: Needs, read: Dossier) -> Context:
    """What a running tool may use."""
    return Context(
        read.session.id,
        needs.clock.now(),
        SessionFiles(needs.db, needs.clock, read.session, read.seal),
        SessionValues(needs.db, read.session, read.seal, "kv"),
        SessionValues(needs.db, read.session, read.seal, "secret"),
        needs.fetcher,
    )


async def all_capabilities(needs: Needs, tenant_id: str) -> list[Capability]:
    """Everything that can be switched on: what the server brings, and the organization's MCP servers."""
    servers = await catalogue.listed(needs, tenant_id, MCP_SERVER)
    return [*needs.capabilities.values(), *(described(server_of(one)) for one in servers if _active(one))]


def _active(line: Line) -> bool:
    return line.thing.status == "active"
