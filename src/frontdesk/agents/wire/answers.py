"""Published bodies of answers, from what the service returns."""

from datetime import datetime
from typing import Any

import msgspec

from frontdesk.agents.capabilities.contract import Capability
from frontdesk.agents.model import ids
from frontdesk.agents.model.agent import ClientTool, Ref
from frontdesk.agents.model.message import Message, as_dict
from frontdesk.agents.model.session import Usage
from frontdesk.agents.rules.definitions import HARNESS_ID
from frontdesk.agents.service.agents import Whole
from frontdesk.agents.service.needs import Dossier
from frontdesk.basics.clock import iso_millis


class Anything(msgspec.Struct, frozen=True):
    """An object of any kind."""


class CapabilityRef(msgspec.Struct, frozen=True):
    """A capability that is switched on, with its config as it was given."""

    ref: str
    config: dict[str, Any]


class TokenUsage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Tokens; what no provider told is left out."""

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int | None = None
    cache_creation_tokens: int | None = None


class ClientSideTool(msgspec.Struct, frozen=True, tag_field="type", tag="client_side"):
    """A tool that the client runs."""

    name: str
    description: str
    parameters: dict[str, Any]


class Agent(msgspec.Struct, frozen=True):
    """An agent. `harness_id` is always the same: later clients require one."""

    id: str
    name: str
    description: str | None
    system_prompt: str
    default_model_id: str | None
    tags: list[str]
    capabilities: list[CapabilityRef]
    tools: list[ClientSideTool]
    status: str
    created_at: str
    updated_at: str
    usage: TokenUsage | None
    harness_id: str = HARNESS_ID


class AgentList(msgspec.Struct, frozen=True):
    """Every active agent."""

    data: list[Agent]


class Session(msgspec.Struct, frozen=True):
    """A session. `harness_id` and `workspace_id` are for later clients, which require them."""

    id: str
    organization_id: str
    agent_id: str
    title: str | None
    tags: list[str]
    model_id: str | None
    capabilities: list[CapabilityRef]
    tools: list[ClientSideTool]
    status: str
    created_at: str
    updated_at: str
    started_at: str | None
    finished_at: str | None
    preview: str | None
    output_preview: str | None
    usage: TokenUsage | None
    workspace_id: str
    is_pinned: bool
    harness_id: str = HARNESS_ID


class SessionPage(msgspec.Struct, frozen=True):
    """A page of sessions, and how many there are."""

    data: list[Session]
    total: int
    offset: int
    limit: int


class Cancelled(msgspec.Struct, frozen=True):
    """`cancelled`, or `no_op` when no turn was running."""

    status: str
    message: str


class MessageAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message; `sequence` is that of its event."""

    id: str
    session_id: str
    sequence: int
    role: str
    content: list[dict[str, Any]]
    created_at: str
    controls: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    tags: list[str] = []
    thinking: str | None = None
    thinking_signature: str | None = None


class MessageList(msgspec.Struct, frozen=True):
    """The conversation."""

    data: list[MessageAnswer]


class ToolResultsTaken(msgspec.Struct, frozen=True):
    """How many results were accepted, and the status of the session now."""

    accepted: int
    status: str


class CapabilityInfo(msgspec.Struct, frozen=True):
    """A capability that agents and sessions can switch on."""

    id: str
    name: str
    description: str
    status: str
    icon: str
    category: str
    dependencies: list[str]
    is_mcp: bool
    tool_definitions: list[dict[str, Any]]
    config_schema: dict[str, Any]


class CapabilityPage(msgspec.Struct, frozen=True):
    """Capabilities, and how many match."""

    data: list[CapabilityInfo]
    total: int
    offset: int
    limit: int


class Deleted(msgspec.Struct, frozen=True):
    """It is gone."""

    deleted: bool


class Card(msgspec.Struct, frozen=True):
    """An agent, for the client of one agent."""

    id: str
    name: str
    description: str | None


class ChannelPage(msgspec.Struct, frozen=True):
    """A page of an agent's sessions."""

    data: list[Session]
    next_page_token: str | None


def agent(whole: Whole) -> Agent:
    """An agent as published."""
    found, definition = whole.agent, whole.agent.definition
    return Agent(
        found.id,
        definition.name,
        definition.description,
        definition.system_prompt,
        definition.default_model_id,
        list(definition.tags),
        _refs(definition.capabilities),
        _tools(definition.tools),
        found.status,
        iso_millis(found.created_at),
        iso_millis(found.updated_at),
        usage(whole.usage),
    )


def session(read: Dossier) -> Session:
    """A session as published."""
    kept, row = read.conversation, read.session
    return Session(
        ids.published("session", row.id),
        ids.published("org", read.organization_id),
        kept.agent_id,
        kept.title,
        list(kept.tags),
        kept.model_id,
        _refs(kept.capabilities),
        _tools(kept.tools),
        row.status,
        iso_millis(row.created_at),
        iso_millis(read.updated_at),
        _instant(kept.started_at),
        None,
        kept.preview,
        kept.output_preview,
        usage(kept.usage),
        ids.published("wsp", row.id),
        kept.is_pinned,
    )


def usage(found: Usage | None) -> TokenUsage | None:
    """Tokens as published, or null."""
    if found is None:
        return None
    return TokenUsage(found.input_tokens, found.output_tokens, found.cache_read_tokens, found.cache_creation_tokens)


def message(found: Message) -> MessageAnswer:
    """A message as published."""
    return MessageAnswer(
        found.id,
        ids.published("session", found.session_id),
        found.sequence,
        found.role,
        [as_dict(part) for part in found.content],
        iso_millis(found.created_at),
        dict(found.controls) if found.controls else None,
        dict(found.metadata) if found.metadata else None,
        list(found.tags),
        found.thinking or None,
        found.thinking_signature or None,
    )


def capability(found: Capability) -> CapabilityInfo:
    """A capability as published."""
    tools = [
        {"type": "builtin", "name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
        for tool in found.tools({})
    ]
    return CapabilityInfo(
        found.id,
        found.name,
        found.description,
        found.status,
        found.icon,
        found.category,
        list(found.dependencies),
        found.is_mcp,
        tools,
        dict(found.config_schema),
    )


def _refs(refs: tuple[Ref, ...]) -> list[CapabilityRef]:
    return [CapabilityRef(one.ref, dict(one.config)) for one in refs]


def _tools(tools: tuple[ClientTool, ...]) -> list[ClientSideTool]:
    return [ClientSideTool(tool.name, tool.description, dict(tool.parameters)) for tool in tools]


def _instant(at: datetime | None) -> str | None:
    return None if at is None else iso_millis(at)


def as_lines(messages: list[Message]) -> bytes:
    """The conversation as JSON lines."""
    return b"".join(msgspec.json.encode(message(one)) + b"\n" for one in messages)
