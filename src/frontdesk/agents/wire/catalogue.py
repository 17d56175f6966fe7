"""Published bodies of the catalogue: models, providers, MCP servers, harness, organizations."""

from typing import Any

import msgspec

from frontdesk.agents.model.catalogue import Line, McpServer, Model, Provider
from frontdesk.agents.rules.definitions import HARNESS_ID, HARNESS_NAME
from frontdesk.basics.clock import iso_millis


class ModelAnswer(msgspec.Struct, frozen=True):
    """A model; `model_id` is the provider's name for it."""

    id: str
    provider_id: str
    provider_name: str
    provider_type: str
    model_id: str
    display_name: str
    capabilities: list[str]
    is_default: bool
    is_favorite: bool
    source: str
    status: str
    enabled: bool
    healthy: bool
    created_at: str
    updated_at: str
    profile: dict[str, Any] | None = None


class ModelList(msgspec.Struct, frozen=True):
    """Every model."""

    data: list[ModelAnswer]


class ProviderAnswer(msgspec.Struct, frozen=True):
    """A provider; the key itself is never told."""

    id: str
    name: str
    provider_type: str
    base_url: str | None
    api_key_set: bool
    status: str
    created_at: str
    updated_at: str


class ProviderList(msgspec.Struct, frozen=True):
    """Every provider."""

    data: list[ProviderAnswer]


class McpServerAnswer(msgspec.Struct, frozen=True):
    """A server of tools. Of headers the values are not told: they may be keys."""

    id: str
    name: str
    description: str | None
    url: str
    transport_type: str
    status: str
    api_key_set: bool
    headers: dict[str, str]
    created_at: str
    updated_at: str


class McpServerList(msgspec.Struct, frozen=True):
    """Every server."""

    data: list[McpServerAnswer]


class Harness(msgspec.Struct, frozen=True):
    """The one harness there is; later clients ask for it."""

    created_at: str
    updated_at: str
    id: str = HARNESS_ID
    name: str = HARNESS_NAME
    status: str = "active"


class HarnessList(msgspec.Struct, frozen=True):
    """The one harness."""

    data: list[Harness]


class OrganizationAnswer(msgspec.Struct, frozen=True):
    """An organization."""

    id: str
    name: str


class OrganizationList(msgspec.Struct, frozen=True):
    """The key's organization."""

    data: list[OrganizationAnswer]


def model(line: Line, provider: Line | None) -> ModelAnswer:
    """A model as published."""
    thing = line.thing
    if not isinstance(thing, Model):
        raise TypeError("a model was expected")
    above = provider.thing if provider is not None and isinstance(provider.thing, Provider) else None
    active = thing.status == "active" and above is not None and above.status == "active"
    return ModelAnswer(
        line.id,
        thing.provider_id,
        "" if above is None else above.name,
        "" if above is None else above.provider_type,
        thing.model_id,
        thing.display_name,
        list(thing.capabilities),
        thing.is_default,
        thing.is_favorite,
        thing.source,
        thing.status,
        thing.status == "active",
        active,
        iso_millis(line.created_at),
        iso_millis(line.updated_at),
        None if thing.profile is None else dict(thing.profile),
    )


def provider(line: Line) -> ProviderAnswer:
    """A provider as published."""
    thing = line.thing
    if not isinstance(thing, Provider):
        raise TypeError("a provider was expected")
    return ProviderAnswer(
        line.id,
        thing.name,
        thing.provider_type,
        thing.base_url,
        bool(thing.api_key),
        thing.status,
        iso_millis(line.created_at),
        iso_millis(line.updated_at),
    )


def mcp_server(line: Line) -> McpServerAnswer:
    """A server as published."""
    thing = line.thing
    if not isinstance(thing, McpServer):
        raise TypeError("an MCP server was expected")
    return McpServerAnswer(
        line.id,
        thing.name,
        thing.description,
        thing.url,
        thing.transport_type,
        thing.status,
        bool(thing.api_key),
        dict.fromkeys(thing.headers, "***"),
        iso_millis(line.created_at),
        iso_millis(line.updated_at),
    )
