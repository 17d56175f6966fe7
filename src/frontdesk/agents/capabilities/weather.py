"""The capability `test_weather`: made-up weather, always the same for the same place."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from frontdesk.agents.capabilities.contract import Arguments, Capability, Config, Context, Result, Tool

_PLACE = {"type": "string", "minLength": 1, "maxLength": 200, "description": "A town: Turin"}
_UNITS = {"type": "string", "enum": ["celsius", "fahrenheit"], "description": "celsius when left out."}
_NOW: Mapping[str, Any] = {
    "type": "object",
    "required": ["location"],
    "properties": {"location": _PLACE, "units": _UNITS},
}
_FORECAST: Mapping[str, Any] = {
    "type": "object",
    "required": ["location"],
    "properties": {
        "location": _PLACE,
        "days": {"type": "integer", "minimum": 1, "maximum": 7, "description": "3 when left out."},
        "units": _UNITS,
    },
}
_SKIES = ("clear", "partly cloudy", "cloudy", "rain", "storm", "snow", "fog")


async def get_weather(context: Context, arguments: Arguments) -> Result:
    """The weather of a place, as it always is there."""
    return Result({"location": arguments["location"], **_weather(arguments, 0)})


async def get_forecast(context: Context, arguments: Arguments) -> Result:
    """The next days, as they always are there."""
    days = [
        {"date": str((context.now + timedelta(days=day)).date()), **_weather(arguments, day)}
        for day in range(int(arguments.get("days", 3)))
    ]
    return Result({"location": arguments["location"], "days": days})


def _weather(arguments: Arguments, day: int) -> dict[str, Any]:
    units = arguments.get("units", "celsius")
    place = str(arguments["location"]).strip().casefold()
    made = hashlib.sha256(f"{place} {day}".encode(errors="surrogatepass")).digest()
    celsius = made[0] % 46 - 10
    return {
        "temperature": celsius if units == "celsius" else round(celsius * 9 / 5 + 32),
        "units": units,
        "conditions": _SKIES[made[1] % len(_SKIES)],
        "humidity": 20 + made[2] % 80,
        "wind_speed": made[3] % 90,
    }


_TOOLS = (
    Tool("get_weather", "The weather of a place (made up).", _NOW, get_weather, safe_to_repeat=True, seconds=5.0),
    Tool("get_forecast", "The next days (made up).", _FORECAST, get_forecast, safe_to_repeat=True, seconds=5.0),
)


def tools(config: Config) -> tuple[Tool, ...]:
    """Two tools, whatever the config."""
    return _TOOLS


CAPABILITY = Capability(
    id="test_weather",
    name="Test weather",
    description="Made-up weather, the same each time for the same place. For trying out agents.",
    category="Testing",
    icon="cloud-sun",
    tools=tools,
)
