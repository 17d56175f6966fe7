"""What an agent is: a prompt, a model, capabilities, and the tools that its clients run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Ref:
    """A capability that is switched on, with its config as it was given."""

    ref: str
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClientTool:
    """A tool that the client runs; `parameters` is a JSON Schema."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Definition:
    """What a client may say of an agent."""

    name: str
    system_prompt: str
    description: str | None = None
    default_model_id: str | None = None
    tags: tuple[str, ...] = ()
    capabilities: tuple[Ref, ...] = ()
    tools: tuple[ClientTool, ...] = ()


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent as kept. `id` is published; `status` is `active` or `archived`."""

    id: str
    tenant_id: str
    definition: Definition
    status: str
    version: int
    created_at: datetime
    updated_at: datetime
