"""What a turn works with: its model, its prompt, its tools and what these may use."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from frontdesk.agents.capabilities.contract import Context, Tool
from frontdesk.agents.model.agent import Agent, ClientTool
from frontdesk.agents.model.message import ImageFilePart, ImagePart, Message, TextPart, ToolCallPart
from frontdesk.agents.model.session import Turn
from frontdesk.agents.rules import history, prompting
from frontdesk.agents.rules.history import Line
from frontdesk.agents.service import catalogue
from frontdesk.agents.service.catalogue import Chosen
from frontdesk.agents.service.contents import SessionFiles, SessionValues
from frontdesk.agents.service.needs import Needs
from frontdesk.agents.store.sessions import Dossier
from frontdesk.ports.llm import Request
from frontdesk.ports.llm_conversation import Call, Image, Offered, Returned, Said, Text


@dataclass(frozen=True, slots=True)
class Equipped:
    """`system` is what capabilities and agent say together; `tools` by name, in the order in which they are offered."""

    chosen: Chosen
    system: str
    tools: dict[str, Tool]


async def equip(needs: Needs, read: Dossier, agent: Agent | None, turn: Turn) -> Equipped:
    """Look up everything that is switched on for this turn; what is gone meanwhile is left out."""
    conversation, tenant_id = read.conversation, read.session.tenant_id
    definition = None if agent is None else agent.definition
    wanted = (turn.model_id, conversation.model_id, None if definition is None else definition.default_model_id)
    chosen = await catalogue.choose(needs, tenant_id, wanted)
    servers = await catalogue.mcp_tools(
        needs, tenant_id, [*(definition.capabilities if definition else ()), *conversation.capabilities]
    )

    def dependencies(ref: str) -> Sequence[str] | None:
        if ref in servers:
            return ()
        capability = needs.capabilities.get(ref)
        return None if capability is None else capability.dependencies

    uses = prompting.uses(definition.capabilities if definition else (), conversation.capabilities, dependencies)
    tools: list[Tool] = []
    additions: list[tuple[prompting.Use, str | None]] = []
    for use in uses:
        if use.ref in servers:
            tools += servers[use.ref]
            continue
        capability = needs.capabilities[use.ref]
        tools += capability.tools(use.config)
        additions.append((use, capability.prompt))
    tools += [_of_client(tool) for tool in (*(definition.tools if definition else ()), *conversation.tools)]
    named = {tool.name: tool for tool in prompting.without_clashes(tools)}
    system = prompting.system_text(definition.system_prompt if definition else "", additions)
    return Equipped(chosen, system, named)


def _of_client(tool: ClientTool) -> Tool:
    return Tool(tool.name, tool.description, tool.parameters, None)


def request(equipped: Equipped, agent: Agent, messages: Sequence[Message], turn: Turn, seconds: float) -> Request:
    """What the model is asked."""
    offered = tuple(Offered(tool.name, tool.description, tool.parameters) for tool in equipped.tools.values())
    said = tuple(_said(line) for line in history.assemble(messages))
    return Request(equipped.chosen.target, equipped.system, said, offered, effort=turn.effort, seconds=seconds)


def _said(line: Line) -> Said:
    return Said(
        line.role, tuple(_part(part) for part in line.parts), line.thinking, line.thinking_signature
    )


def _part(part: TextPart | ImagePart | ImageFilePart | ToolCallPart | history.Outcome) -> Text | Image | Call | Returned:
    match part:
        case TextPart():
            return Text(part.text)
        case ImagePart():
            return Image(part.url, _bytes(part.base64), part.media_type)
        case ImageFilePart():
            return Text(f"[image {part.image_id} {part.filename}, which this server does not hold]")
        case ToolCallPart():
            return Call(part.id, part.name, part.arguments, part.unreadable)
        case history.Outcome():
            return Returned(part.call.id, part.call.name, part.text, part.is_error)


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=False)
    except binascii.Error:
        return b""


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
