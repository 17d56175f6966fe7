"""The capability `current_time`: what time it is, in any time zone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from frontdesk.agents.capabilities.contract import Arguments, Capability, Config, Context, Result, Tool, ToolFailed

_PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "timezone": {"type": "string", "description": "IANA name, such as Europe/Rome. UTC when left out."},
        "format": {"type": "string", "enum": ["iso8601", "unix", "human"], "description": "iso8601 when left out."},
    },
}


async def get_current_time(context: Context, arguments: Arguments) -> Result:
    """The present instant, as asked."""
    zone = arguments.get("timezone") or "UTC"
    form = arguments.get("format", "iso8601")
    local = context.now.astimezone(_zone(zone))
    if form == "unix":
        return Result({"timestamp": int(context.now.timestamp()), "format": form, "timezone": zone})
    text = local.isoformat(timespec="seconds") if form == "iso8601" else _human(local)
    return Result({"datetime": text, "format": form, "timezone": zone})


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # the name of a folder of zones is an OSError
        raise ToolFailed("The time zone is not known: IANA names are meant, such as Europe/Rome") from error


def _human(local: datetime) -> str:
    return f"{local:%A}, {local.day} {local:%B %Y}, {local:%H:%M:%S} {local.tzname()}"


_TOOLS = (
    Tool("get_current_time", "Tell the time now.", _PARAMETERS, get_current_time, safe_to_repeat=True, seconds=5.0),
)


def tools(config: Config) -> tuple[Tool, ...]:
    """One tool, whatever the config."""
    return _TOOLS


CAPABILITY = Capability(
    id="current_time",
    name="Current time",
    description="Tells the agent the time, in any time zone.",
    category="Utilities",
    icon="clock",
    tools=tools,
)
