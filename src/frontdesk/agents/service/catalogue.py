"""Providers, models and MCP servers of an organization; which capabilities there are; which model runs a turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

from frontdesk.agents.capabilities import schemas
from frontdesk.agents.model import ids
from frontdesk.agents.model.agent import Ref
from frontdesk.agents.model.catalogue import (
    MCP_SERVER,
    MODEL,
    PROVIDER,
    PROVIDER_TYPES,
    Line,
    McpServer,
    Model,
    Provider,
)
from frontdesk.agents.rules.limits import Price
from frontdesk.agents.rules.prompting import MCP_PREFIX, canonical
from frontdesk.agents.rules.refusals import (
    BadConfig,
    Conflicting,
    Invalid,
    MalformedId,
    NotFound,
    Unfit,
    UnknownCapability,
    UnknownModel,
)
from frontdesk.agents.rules.steps import Asked
from frontdesk.agents.service.needs import Needs
from frontdesk.agents.store import catalogue as store
from frontdesk.basics.errors import Conflict
from frontdesk.kernel import change as changes
from frontdesk.ports.llm import Target

_SIMULATOR, _DEFAULT = "00000000000000000000000000000001", "00000000000000000000000000000002"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_NAMED = {PROVIDER: "provider", MODEL: "model", MCP_SERVER: "mcp"}
_TOLD = {PROVIDER: "Provider", MODEL: "Model", MCP_SERVER: "MCP server"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The model of a turn: how it is asked, how it is named in events, what it costs."""

    target: Target
    asked: Asked
    price: Price


def _own(needs: Needs) -> tuple[Line, ...]:
    """What the server itself brings: the simulator, and the model of its settings."""
    found = [
        _line("provider_" + _SIMULATOR, PROVIDER, Provider("Simulator", "llmsim")),
        _line(
            "model_" + _SIMULATOR,
            MODEL,
            Model(
                "provider_" + _SIMULATOR,
                "scripted",
                "Simulator",
                is_default=needs.default_target is None,
                source="predefined",
            ),
        ),
    ]
    target = needs.default_target
    if target is not None:
        own = Provider("Server default", target.provider, target.base_url or None, target.api_key or None)
        model = Model("provider_" + _DEFAULT, target.model, target.model, is_default=True, source="predefined")
        found += [_line("provider_" + _DEFAULT, PROVIDER, own), _line("model_" + _DEFAULT, MODEL, model)]
    return tuple(found)


def _line(line_id: str, kind: str, thing: Provider | Model) -> Line:
    return Line(line_id, "", kind, thing, 0, SINCE, SINCE)


async def listed(needs: Needs, tenant_id: str, kind: str) -> list[Line]:
    """Everything of a kind, what the server brings first."""
    own = [line for line in _own(needs) if line.kind == kind]
    return own + await store.listed(needs.db, needs.vault, tenant_id, kind)


async def load(needs: Needs, tenant_id: str, kind: str, line_id: str) -> Line:
    """One thing. Raises `MalformedId`, `NotFound`."""
    if ids.digits_in(_NAMED[kind], line_id) is None:
        raise MalformedId(_TOLD[kind])
    found = await _find(needs, tenant_id, kind, line_id)
    if found is None:
        raise NotFound(f"{_TOLD[kind]} not found")
    return found


async def _find(needs: Needs, tenant_id: str, kind: str, line_id: str) -> Line | None:
    for line in _own(needs):
        if line.id == line_id and line.kind == kind:
            return line
    return await store.load(needs.db, needs.vault, tenant_id, kind, line_id)


async def add(needs: Needs, tenant_id: str, kind: str, thing: Provider | Model | McpServer) -> Line:
    """Keep a new thing. Raises `Conflicting` when there is one of its name."""
    _check(thing)
    if isinstance(thing, Model):
        await load(needs, tenant_id, PROVIDER, thing.provider_id)
    now = needs.clock.now()
    line = Line(ids.new(_NAMED[kind]), tenant_id, kind, thing, 1, now, now)
    try:
        await needs.db.commit([store.inserted(needs.vault, line)])
    except Conflict as error:
        raise Conflicting(f"There is a {_TOLD[kind]} of this name already") from error
    return line


async def change(needs: Needs, tenant_id: str, kind: str, line_id: str, given: Mapping[str, Any]) -> Line:
    """Change the named fields. What the server brings cannot be changed."""

    async def turn() -> Line:
        read = await _changeable(needs, tenant_id, kind, line_id)
        thing = replace(read.thing, **given)
        _check(thing)
        now = needs.clock.now()
        await needs.db.commit([store.replaced(needs.vault, read, thing, now)])
        return replace(read, thing=thing, updated_at=now)

    return await changes.again(turn)


async def remove(needs: Needs, tenant_id: str, kind: str, line_id: str) -> None:
    """Remove it, a provider with its models."""

    async def turn() -> None:
        read = await _changeable(needs, tenant_id, kind, line_id)
        await needs.db.commit(store.deleted(read))

    await changes.again(turn)


async def _changeable(needs: Needs, tenant_id: str, kind: str, line_id: str) -> Line:
    read = await load(needs, tenant_id, kind, line_id)
    if not read.tenant_id:
        raise Invalid(f"This {_TOLD[kind]} is the server's own; change its settings instead")
    return read


def _check(thing: Provider | Model | McpServer) -> None:
    for each in fields(thing):
        found = getattr(thing, each.name)
        if isinstance(found, str) and len(found) > 4096:
            raise Invalid(f"{each.name} is longer than 4096 characters")
    if thing.status not in ("active", "disabled"):
        raise Invalid("status must be active or disabled")
    if isinstance(thing, Provider) and thing.provider_type not in PROVIDER_TYPES:
        raise Unfit(f"Field provider_type: expected one of {', '.join(PROVIDER_TYPES)}")
    if isinstance(thing, McpServer) and not thing.url.startswith(("http://", "https://")):
        raise Invalid("url must begin with http:// or https://")
    if isinstance(thing, McpServer) and thing.transport_type != "http":
        raise Unfit("Field transport_type: expected http")
    if not (thing.model_id if isinstance(thing, Model) else thing.name).strip():
        raise Invalid("A name must not be empty")


async def check_refs(needs: Needs, tenant_id: str, refs: Sequence[Ref]) -> None:
    """Raises `UnknownCapability`, `BadConfig`."""
    for one in refs:
        ref = canonical(one.ref)
        if ref.startswith(MCP_PREFIX):
            if await mcp_server(needs, tenant_id, ref) is None:
                raise UnknownCapability("A capability names an MCP server that does not exist")
            continue
        capability = needs.capabilities.get(ref)
        if capability is None:
            raise UnknownCapability("A capability ref is unknown; GET /v1/capabilities lists them")
        wrong = schemas.fault(capability.config_schema, dict(one.config))
        if wrong is not None:
            raise BadConfig(f"The config of {capability.id} does not fit: {wrong}")


async def mcp_server(needs: Needs, tenant_id: str, ref: str) -> Line | None:
    """The MCP server that a ref `mcp:UUID` stands for."""
    digits = ref.removeprefix(MCP_PREFIX).replace("-", "")
    return await store.load(needs.db, needs.vault, tenant_id, MCP_SERVER, f"mcp_{digits}")


async def check_model(needs: Needs, tenant_id: str, model_id: str | None) -> None:
    """Raises `UnknownModel` for an id that is malformed or of no model."""
    if model_id is None:
        return
    if ids.digits_in("model", model_id) is None or await _find(needs, tenant_id, MODEL, model_id) is None:
        raise UnknownModel("model_id is not the id of a model; GET /v1/models lists them")


async def choose(needs: Needs, tenant_id: str, wanted: Sequence[str | None]) -> Chosen:
    """The first of the wanted models that exists and is active, else the server's default."""
    for model_id in wanted:
        if model_id is None:
            continue
        chosen = await _chosen(needs, tenant_id, model_id)
        if chosen is not None:
            return chosen
    default = "model_" + (_SIMULATOR if needs.default_target is None else _DEFAULT)
    found = await _chosen(needs, tenant_id, default)
    if found is None:
        raise LookupError("the server has lost its own model")
    return found


async def _chosen(needs: Needs, tenant_id: str, model_id: str) -> Chosen | None:
    line = await _find(needs, tenant_id, MODEL, model_id)
    if line is None or not isinstance(line.thing, Model) or line.thing.status != "active":
        return None
    model = line.thing
    above = await _find(needs, tenant_id, PROVIDER, model.provider_id)
    if above is None or not isinstance(above.thing, Provider) or above.thing.status != "active":
        return None
    provider = above.thing
    target = Target(provider.provider_type, model.model_id, provider.base_url or "", provider.api_key or "")
    return Chosen(target, Asked(model.model_id, line.id, above.id), _price(model))


def _price(model: Model) -> Price:
    told = (model.profile or {}).get("cost")
    if not isinstance(told, Mapping):
        return Price()

    def amount(name: str) -> float | None:
        found = told.get(name)
        return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None

    return Price(amount("input"), amount("output"), amount("cache_read"))
