"""The pages of the reference that are written from the code: `python tests/docs/reference.py` writes them anew."""

import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import typer.main

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "src")]

from frontdesk.agents.capabilities.contract import Capability, Tool
from frontdesk.agents.capabilities.table import CAPABILITIES
from frontdesk.cli import app
from frontdesk.config import PREFIX, Settings

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"
SETTINGS = """\
# Settings

Environment variables, or lines of a file `.env` in the folder where the command is started. The environment is stronger
and an option of the command line stronger than both. A variable that is empty counts as not set. What is wrong is
told in one line when the command starts.

| variable | default | |
| --- | --- | --- |
"""
COMMANDS = """\
# Commands

`frontdesk COMMAND --help` says the same. A command ends with status 0, with 1 when it failed and said why in one line
on standard error, and with 2 when it was called wrongly. Results go to standard output, with `--json` for
programs. Every command works beside a running server on the same data folder. `frontdesk --version` prints the version.
"""
CAPABILITIES_HEAD = """\
# Capabilities

What agents and sessions can be given, by `{"ref": ID, "config": {...}}` in their `capabilities`. `GET /v1/capabilities`
says the same. How to write one: [add a capability](../howto/add-a-capability.md).

- The agent's come first, then the session's; one that is named twice has the later config. Of tools with one name the
  first wins.
- Every tool is ended after 60 seconds or less, and a result of more than 2 MiB is none. A tool that fails does not fail
  the turn: the model is told and decides.
- After a crash a call without a result is made again if it is *repeatable*; otherwise it gets an error result.
- Each MCP server of the tenant is a capability too: `mcp:` and its UUID. Its tools are called `mcp_SERVER__TOOL`; what
  does not fit 64 characters is cut and gets a digest. Tool lists are kept for 24 hours. A server that cannot be reached
  drops out of the turn.
- Tools that the client runs are no capability: agents and sessions have them in `tools`, and their calls wait for
  `tool-results`.
"""


def pages() -> dict[str, str]:
    """The text of each page by its name."""
    return {
        "settings.md": SETTINGS + "".join(_settings()),
        "commands.md": COMMANDS + "".join(_commands()),
        "capabilities.md": CAPABILITIES_HEAD + "".join(_capability(each) for each in CAPABILITIES.values()),
    }


def _capability(capability: Capability) -> str:
    """Its section: what it is, its config, its tools."""
    lines = [f"\n## `{capability.id}`\n\n{capability.description} Category: {capability.category}.\n"]
    if capability.dependencies:
        lines.append(f"Needs {', '.join(f'`{each}`' for each in capability.dependencies)}.\n")
    if capability.prompt:
        lines.append(f"\nIt adds to the prompt:\n\n> {capability.prompt}\n")
    if config := capability.config_schema.get("properties", {}):
        lines.append("\n| config | type | |\n| --- | --- | --- |\n")
        lines += [
            f"| `{name}` | {_type(schema)} | {schema.get('description', '')} |\n" for name, schema in config.items()
        ]
    if tools := capability.tools({}):
        lines.append("\n| tool | does | arguments | repeatable |\n| --- | --- | --- | --- |\n")
        lines += [_tool(tool) for tool in tools]
    return "".join(lines)


def _tool(tool: Tool) -> str:
    required = tool.parameters.get("required", ())
    arguments = [
        f"`{name}{'' if name in required else '?'}` {_type(schema)}"
        for name, schema in tool.parameters.get("properties", {}).items()
    ]
    repeatable = "yes" if tool.safe_to_repeat else "no"
    return f"| `{tool.name}` | {tool.description} | {', '.join(arguments)} | {repeatable} |\n"


def _type(schema: Any) -> str:
    return " or ".join(f"`{each}`" for each in schema["enum"]) if "enum" in schema else str(schema["type"])


def _settings() -> Iterator[str]:
    for setting in fields(Settings):
        yield f"| `{PREFIX}{setting.name.upper()}` | {_default(setting.default)} | {setting.metadata['help']} |\n"


def _default(default: Any) -> str:
    if isinstance(default, bool):
        return "`on`" if default else "`off`"
    text = ",".join(default) if isinstance(default, tuple) else str(default)
    return f"`{text}`" if text else ""


def _commands() -> Iterator[str]:
    for name, command in _leaves(typer.main.get_command(app), "frontdesk"):
        arguments = [each for each in command.params if each.param_type_name == "argument"]
        options = [each for each in command.params if each.param_type_name == "option" and each.name != "help"]
        called = " ".join([name, *((each.metavar or each.name.upper()) for each in arguments)])
        yield f"\n## `{called}`\n\n{command.help}\n\n| option | default | |\n| --- | --- | --- |\n"
        for each in options:
            value = "" if each.is_flag else f" {each.metavar or each.name.upper()}"
            default = "required" if each.required else _default("" if each.default in (None, False) else each.default)
            yield f"| `{each.opts[0]}{value}` | {default} | {each.help or ''} |\n"


def _leaves(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield name, command
        return
    for key, each in below.items():
        yield from _leaves(each, f"{name} {key}")


if __name__ == "__main__":
    for file_name, text in pages().items():
        (FOLDER / file_name).write_text(text)
