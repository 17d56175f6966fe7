"""The capability `session_storage`: named values and secrets of one session."""

from collections.abc import Mapping
from typing import Any

from frontdesk.agents.capabilities.contract import (
    Arguments,
    Capability,
    Config,
    Context,
    Result,
    Tool,
    ToolFailed,
    Values,
)
from frontdesk.agents.capabilities.running import MASK

LONGEST_VALUE = 64 * 1024
_OPERATIONS = ["set", "get", "delete", "list"]


def _parameters(named: str) -> Mapping[str, Any]:
    return {
        "type": "object",
        "required": ["operation"],
        "properties": {
            "operation": {"type": "string", "enum": _OPERATIONS},
            named: {"type": "string", "minLength": 1, "maxLength": 256, "description": "Needed except to list."},
            "value": {"type": "string", "maxLength": LONGEST_VALUE, "description": "Needed to set."},
        },
    }


async def kv_store(context: Context, arguments: Arguments) -> Result:
    """Set, get, delete or list values."""
    return await _store(context.kv, arguments, "key")


async def secret_store(context: Context, arguments: Arguments) -> Result:
    """The same for secrets, whose values no event shows."""
    if context.secrets is None:
        raise ToolFailed("Secrets cannot be kept: the server has no key to seal them with")
    result = await _store(context.secrets, arguments, "name")
    if arguments["operation"] == "get" and result.value["found"]:
        return Result(result.value, shown={**result.value, "value": MASK}, is_masked=True)
    return result


async def _store(values: Values, arguments: Arguments, named: str) -> Result:
    operation, name = arguments["operation"], arguments.get(named)
    if operation == "list":
        return Result({"operation": operation, f"{named}s": list(await values.names())})
    if not name:
        raise ToolFailed(f"The operation {operation} needs a {named}")
    told = {"operation": operation, named: name}
    if operation == "get":
        found = await values.get(name)
        return Result({**told, "found": found is not None, "value": found})
    if operation == "delete":
        return Result({**told, "deleted": await values.delete(name)})
    if "value" not in arguments:
        raise ToolFailed("The operation set needs a value")
    await values.set(name, arguments["value"])
    return Result({**told, "success": True})


# Doing any of them twice leaves what doing it once leaves.
_TOOLS = (
    Tool(
        "kv_store",
        "Keep named values for this session: set, get, delete, list.",
        _parameters("key"),
        kv_store,
        safe_to_repeat=True,
        seconds=15.0,
    ),
    Tool(
        "secret_store",
        "Keep secrets for this session, encrypted. Listing shows names only.",
        _parameters("name"),
        secret_store,
        safe_to_repeat=True,
        seconds=15.0,
        secret_arguments=frozenset({"value"}),
    ),
)


def tools(config: Config) -> tuple[Tool, ...]:
    """Two tools, whatever the config."""
    return _TOOLS


CAPABILITY = Capability(
    id="session_storage",
    name="Session storage",
    description="Named values and encrypted secrets that last as long as the session.",
    category="Storage",
    icon="database",
    tools=tools,
)
