"""The pages of the reference that are written from the code: `python tests/docs/reference.py` writes them anew."""

import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import typer.main

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "src")]

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
programs. Every command works beside a running server on the same data folder.
"""


def pages() -> dict[str, str]:
    """The text of each page by its name."""
    return {"settings.md": SETTINGS + "".join(_settings()), "commands.md": COMMANDS + "".join(_commands())}


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
