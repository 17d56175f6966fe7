"""The capability `test_math`: four operations, for trying out agents."""

from collections.abc import Callable, Mapping
from typing import Any

from frontdesk.agents.capabilities.contract import (
    Arguments,
    Capability,
    Config,
    Context,
    Result,
    Run,
    Tool,
    ToolFailed,
)

_PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "required": ["a", "b"],
    "properties": {"a": {"type": "number"}, "b": {"type": "number"}},
}
_LARGEST = 1e300


def _divided(a: float, b: float) -> float:
    if b == 0:
        raise ToolFailed("Nothing can be divided by zero")
    return a / b


_OPERATIONS: Mapping[str, tuple[str, Callable[[float, float], float]]] = {
    "add": ("Add two numbers.", lambda a, b: a + b),
    "subtract": ("Subtract b from a.", lambda a, b: a - b),
    "multiply": ("Multiply two numbers.", lambda a, b: a * b),
    "divide": ("Divide a by b.", _divided),
}


def _run(operation: str) -> Run:
    compute = _OPERATIONS[operation][1]

    async def calculate(context: Context, arguments: Arguments) -> Result:
        a, b = arguments["a"], arguments["b"]
        if max(abs(a), abs(b)) > _LARGEST:
            raise ToolFailed("The numbers are too large")
        result = compute(a, b)
        if abs(result) > _LARGEST:
            raise ToolFailed("The result is too large")
        return Result({"result": result, "operation": operation, "a": a, "b": b})

    return calculate


_TOOLS = tuple(
    Tool(name, about, _PARAMETERS, _run(name), safe_to_repeat=True, seconds=5.0)
    for name, (about, _) in _OPERATIONS.items()
)


def tools(config: Config) -> tuple[Tool, ...]:
    """Four tools, whatever the config."""
    return _TOOLS


CAPABILITY = Capability(
    id="test_math",
    name="Test math",
    description="Adds, subtracts, multiplies and divides. For trying out agents.",
    category="Testing",
    icon="calculator",
    tools=tools,
)
