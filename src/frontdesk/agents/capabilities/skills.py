"""The capability `skills`: instructions for kinds of work, in the session's files, read when they are needed."""

from collections.abc import Mapping
from typing import Any

from frontdesk.agents.capabilities import front_matter
from frontdesk.agents.capabilities.contract import (
    NO_ARGUMENTS,
    Arguments,
    Capability,
    Config,
    Context,
    Result,
    Tool,
    ToolFailed,
)
from frontdesk.agents.rules.refusals import Invalid

ROOT = "/.agents/skills"
FILE = "SKILL.md"
LONGEST = 256 * 1024
_NAME: Mapping[str, Any] = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "pattern": "^[^/]{1,100}$", "description": "As `list_skills` tells it."}},
}
_PROMPT = (
    "There may be skills for this work: instructions that were written beforehand. Look with `list_skills` before you "
    "begin something of several steps, and read the one that fits with `activate_skill` before you follow it."
)


async def list_skills(context: Context, arguments: Arguments) -> Result:
    """Names and descriptions; a folder without the file, or with one that is no text, is no skill."""
    found = []
    for entry in await context.files.list(ROOT):
        name = entry.path.rpartition("/")[2]
        text = await _text(context, name) if entry.is_directory else None
        if text is not None:
            found.append({"name": name, "description": _description(text)})
    return Result({"skills": found})


async def activate_skill(context: Context, arguments: Arguments) -> Result:
    """The whole text of one."""
    name = arguments["name"]
    text = await _text(context, name)
    if text is None:
        raise ToolFailed("There is no skill of this name; list_skills tells the names")
    return Result({"name": name, "instructions": text})


async def _text(context: Context, name: str) -> str | None:
    if name in (".", ".."):
        return None
    content = await context.files.read(f"{ROOT}/{name}/{FILE}")
    if content is None or len(content) > LONGEST:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _description(text: str) -> str:
    """What the head says, else the first line that is no heading."""
    parts = front_matter.split(text)
    if parts is not None:
        try:
            head = front_matter.mapping(parts[0]) or {}
        except Invalid:
            head = {}
        if isinstance(head.get("description"), str):
            return str(head["description"]).strip()
        text = parts[1]
    lines = (line.strip() for line in text.splitlines())
    return next((line for line in lines if line and not line.startswith("#")), "")[:500]


_TOOLS = (
    Tool("list_skills", "List this session's skills.", NO_ARGUMENTS, list_skills, safe_to_repeat=True, seconds=10.0),
    Tool("activate_skill", "Read a skill's instructions.", _NAME, activate_skill, safe_to_repeat=True, seconds=10.0),
)


def tools(config: Config) -> tuple[Tool, ...]:
    """Two tools, whatever the config."""
    return _TOOLS


CAPABILITY = Capability(
    id="skills",
    name="Skills",
    description="Lets the agent find and read instructions in `/.agents/skills/NAME/SKILL.md` of the session's files.",
    category="File Operations",
    icon="book-open",
    tools=tools,
    prompt=_PROMPT,
)
