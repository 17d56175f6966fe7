"""Running a tool: arguments checked, time and size bounded, and whatever goes wrong told in a sentence."""

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any, Literal

import structlog

from frontdesk.agents.capabilities.contract import Arguments, Context, Json, Result, Tool
from frontdesk.agents.capabilities.schemas import fault
from frontdesk.basics.errors import PortError, Problem

MAX_RESULT_BYTES = 2 * 1024 * 1024
MASK = "***"
UNEXPECTED = "The tool failed unexpectedly."
TOO_LARGE = "The tool returned more than 2 MiB, which is more than a model can be given."
UNREADABLE = "The arguments of the call are no JSON object."
NO_SUCH_TOOL = "There is no tool of this name."

_logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call. `value` is for the model; `shown` is what events hold in its place, mostly the same."""

    status: Literal["success", "error", "timeout", "cancelled"]
    value: Json
    error: str | None
    shown: Json
    duration_ms: int

    @property
    def is_success(self) -> bool:
        """Whether the tool did what was asked."""
        return self.status == "success"


def masked(tool: Tool, arguments: Arguments) -> dict[str, Any]:
    """The arguments as events hold them."""
    return {name: MASK if name in tool.secret_arguments else value for name, value in arguments.items()}


async def run(tool: Tool | None, context: Context, arguments: Arguments, unreadable: str = "") -> Outcome:
    """Run a tool of the server once. Never raises, except when it is cancelled itself. None is an unknown tool."""
    began = time.monotonic()
    status: Literal["success", "error", "timeout"] = "error"
    result = Result(error=NO_SUCH_TOOL)
    if tool is not None and tool.run is not None:
        wrong = UNREADABLE if unreadable else fault(tool.parameters, arguments)
        if wrong is not None:
            result = Result(error=wrong if unreadable else f"The arguments do not fit the tool: {wrong}")
        else:
            result, status = await _run(tool, context, arguments)
    return Outcome(
        status="success" if status == "success" and result.error is None else status,
        value=result.value,
        error=result.error,
        shown=result.shown if result.is_masked else result.value,
        duration_ms=round((time.monotonic() - began) * 1000),
    )


async def _run(
    tool: Tool, context: Context, arguments: Arguments
) -> tuple[Result, Literal["success", "error", "timeout"]]:
    assert tool.run is not None
    timer = asyncio.timeout(tool.seconds)
    try:
        async with timer:
            result = await tool.run(context, arguments)
        result = _bounded(result)
    except Problem as error:
        return Result(error=error.message), "error"
    except PortError:
        return Result(error="The tool cannot do this now."), "error"
    except Exception as error:  # noqa: BLE001 - a tool is a stranger's code: its failure is told, never the turn's
        if isinstance(error, TimeoutError) and timer.expired():
            return Result(error=f"The tool did not finish within {tool.seconds:g} seconds."), "timeout"
        _logger.warning("tool_failed", tool=tool.name, session_id=context.session_id, error=type(error).__name__)
        return Result(error=UNEXPECTED), "error"
    return result, "success" if result.error is None else "error"


def _bounded(result: Result) -> Result:
    """The same result, its JSON proved; raises whatever the proof raises."""
    if not isinstance(result, Result):
        raise TypeError(type(result).__name__)
    if result.error is not None:
        return Result(error=result.error[:4000])
    size = len(json.dumps(result.value, ensure_ascii=False, allow_nan=False).encode())
    return Result(error=TOO_LARGE) if size > MAX_RESULT_BYTES else result
