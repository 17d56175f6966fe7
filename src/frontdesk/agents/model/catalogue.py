"""What an organization has set up for its agents: providers, their models, servers of tools."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

PROVIDER, MODEL, MCP_SERVER = "provider", "model", "mcp_server"
PROVIDER_TYPES = (
    "openai",
    "openai_completions",
    "anthropic",
    "llmsim",
)


@dataclass(frozen=True, slots=True)
class Provider:
    """An account at a model service. The key is never read back."""

    name: str
    provider_type: str
    base_url: str | None = None
    api_key: str | None = None
    status: str = "active"


@dataclass(frozen=True, slots=True)
class Model:
    """One model of a provider; `model_id` is the provider's name for it."""

    provider_id: str
    model_id: str
    display_name: str
    capabilities: tuple[str, ...] = ("chat", "tools")
    is_default: bool = False
    is_favorite: bool = False
    source: str = "manual"
    status: str = "active"
    profile: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class McpServer:
    """A remote server of tools."""

    name: str
    url: str
    description: str | None = None
    transport_type: str = "http"
    headers: Mapping[str, str] = field(default_factory=dict)
    api_key: str | None = None
    status: str = "active"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of the catalogue as kept. `id` is published."""

    id: str
    tenant_id: str
    kind: str
    thing: Provider | Model | McpServer
    version: int
    created_at: datetime
    updated_at: datetime
