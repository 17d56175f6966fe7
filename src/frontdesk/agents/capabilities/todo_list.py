"""The capability `stateless_todo_list`: a list of tasks that lives in the conversation alone."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from frontdesk.agents.capabilities.contract import Arguments, Capability, Config, Context, Result, Tool

_STATUSES = ("pending", "in_progress", "completed")
_PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "required": ["todos"],
    "properties": {
        "todos": {
            "type": "array",
            "maxItems": 200,
            "items": {
                "type": "object",
                "required": ["content", "activeForm", "status"],
                "properties": {
                    "content": {"type": "string", "minLength": 1, "description": "What is to be done: Check the sum"},
                    "activeForm": {"type": "string", "minLength": 1, "description": "The same under way: Checking it"},
                    "status": {"type": "string", "enum": list(_STATUSES)},
                },
            },
        }
    },
}


async def write_todos(context: Context, arguments: Arguments) -> Result:
    """The list as it is now, counted."""
    todos = [
        {"content": todo["content"], "activeForm": todo["activeForm"], "status": todo["status"]}
        for todo in arguments["todos"]
    ]
    counts = Counter(todo["status"] for todo in todos)
    told: dict[str, Any] = {
        "success": True,
        "total_tasks": len(todos),
        **{status: counts[status] for status in _STATUSES},
        "todos": todos,
    }
    if counts["in_progress"] != 1 and counts["completed"] != len(todos):
        told["warning"] = f"Exactly one task should be in progress; {counts['in_progress']} are."
    return Result(told)


_ABOUT = "Write down the tasks of this work, all of them each time: the list replaces the one before."
_TOOLS = (Tool("write_todos", _ABOUT, _PARAMETERS, write_todos, safe_to_repeat=True, seconds=5.0),)


def tools(config: Config) -> tuple[Tool, ...]:
    """One tool, whatever the config."""
    return _TOOLS


CAPABILITY = Capability(
    id="stateless_todo_list",
    name="To-do list",
    description="Lets the agent plan work of several steps and show how far it is.",
    category="Productivity",
    icon="list-todo",
    tools=tools,
    prompt=(
        "For work of three steps or more, keep a list with `write_todos`: write it before you begin, have exactly one "
        "task in progress, and mark a task completed as soon as it is."
    ),
)
