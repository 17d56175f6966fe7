"""From the capabilities of an agent and a session to the tools and the prompt of one turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from frontdesk.agents.capabilities.contract import Capability, Tool
from frontdesk.agents.capabilities.schemas import fault
from frontdesk.agents.rules.limits import Limits
from frontdesk.agents.rules.prompting import Reference, Use, system_text, uses, without_clashes


class ClientSide(Protocol):
    """A tool that the client runs."""

    @property
    def name(self) -> str: ...

    @property
    def description(self) -> str: ...

    @property
    def parameters(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Offer:
    """What the model gets in a turn: the whole system text, and the tools by name, in order; and what it may spend."""

    system: str
    tools: Mapping[str, Tool]
    limits: tuple[Limits, ...] = ()


def client_tool(tool: ClientSide) -> Tool:
    """A tool without `run`: its calls wait for `tool-results`."""
    return Tool(tool.name, tool.description, tool.parameters, None)


def needed(
    known: Mapping[str, Capability], agents: Sequence[Reference], sessions: Sequence[Reference]
) -> tuple[Use, ...]:
    """The capabilities of a turn in order; refs that are not `known` (an MCP server that is away) drop out."""

    def dependencies(ref: str) -> tuple[str, ...] | None:
        return known[ref].dependencies if ref in known else None

    return uses(agents, sessions, dependencies)


def offer(
    known: Mapping[str, Capability],
    agents: Sequence[Reference],
    sessions: Sequence[Reference],
    prompt: str,
    client_tools: Sequence[ClientSide] = (),
) -> Offer:
    """The offer of one turn. A config that no longer fits its schema counts as none."""
    used = needed(known, agents, sessions)
    tools: list[Tool] = []
    limits: list[Limits] = []
    for use in used:
        capability = known[use.ref]
        fits = not use.config or fault(capability.config_schema, dict(use.config)) is None
        config = use.config if fits else {}
        tools += capability.tools(config)
        if capability.limits is not None:
            limits.append(capability.limits(config))
    tools += [client_tool(each) for each in client_tools]
    system = system_text(prompt, [(use, known[use.ref].prompt) for use in used])
    return Offer(system, {tool.name: tool for tool in without_clashes(tools)}, tuple(limits))
