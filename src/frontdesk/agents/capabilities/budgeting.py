"""The capability `budgeting`: what a turn and a session may spend, beside the server's own limits."""

from collections.abc import Mapping
from typing import Any

from frontdesk.agents.capabilities.contract import Capability, Config, Tool
from frontdesk.agents.rules.limits import Bounds, Limits

_BOUNDS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "iterations": {"type": "integer", "minimum": 1, "description": "Model calls."},
        "tokens": {"type": "integer", "minimum": 1, "description": "Input and output together."},
        "seconds": {"type": "number", "exclusiveMinimum": 0},
        "cost": {"type": "number", "exclusiveMinimum": 0, "description": "USD, by the prices of the model's profile."},
    },
}
_CONFIG: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "turn": {**_BOUNDS, "description": "`iterations`, `tokens`, `seconds` and `cost` of one turn."},
        "session": {**_BOUNDS, "description": "The same of all turns together."},
    },
}


def tools(config: Config) -> tuple[Tool, ...]:
    """None."""
    return ()


def limits(config: Config) -> Limits:
    """What the config names; the rest is without limit here."""
    return Limits(_bounds(config.get("turn", {})), _bounds(config.get("session", {})))


def _bounds(named: Mapping[str, Any]) -> Bounds:
    return Bounds(named.get("iterations"), named.get("tokens"), named.get("seconds"), named.get("cost"))


CAPABILITY = Capability(
    id="budgeting",
    name="Budget",
    description="Ends a turn that has spent what it, or its session, may spend. The server's own limits hold besides.",
    category="Limits",
    icon="wallet",
    tools=tools,
    config_schema=_CONFIG,
    limits=limits,
)
