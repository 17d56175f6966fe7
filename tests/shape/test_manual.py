"""Whatever the server publishes stands in `docs/reference/`, under the very name that it has.

Assumes, from the branches that meet here:
- `frontdesk.config.Settings`, a dataclass whose fields have the metadata `help`; its variables are `FRONTDESK_NAME`;
- `frontdesk.app.endpoints(house)`, every `web.endpoint.Endpoint` (`method`, `path`) that the server answers;
- `JOBS` by name in the `jobs` of each kind and, if it has its own, in `frontdesk.worker`;
- `frontdesk.cli.app`, the Typer application;
- names of events are whole strings in the code of kernel and kinds that begin with a kind or `session` and a dot.
"""

import ast
import importlib
import re
from dataclasses import fields
from functools import cache

import pytest
import typer.main

from frontdesk.app import endpoints
from frontdesk.basics.errors import Problem
from frontdesk.cli import app
from frontdesk.config import Settings
from frontdesk.wiring import build
from shape.problems import problems
from shape.statements import holders
from shape.tree import KINDS, PACKAGE, ROOT, parsed

EVENT = re.compile(rf"(?:{'|'.join(KINDS)}|session)(?:\.[a-z][a-z0-9_]*)+")
NOT_EVENTS: dict[str, str] = {}
"""Strings that look like the name of an event, and what they are."""


@cache
def manual() -> str:
    """All pages of the reference."""
    return "\n".join(path.read_text() for path in sorted((ROOT / "docs" / "reference").glob("**/*.md")))


def is_told(name: str) -> bool:
    """Whether the reference has it as code, alone or before more words: `frontdesk keys create NAME`."""
    return re.search(rf"`{re.escape(name)}(?![\w.-])[^`]*`", manual()) is not None


def test_every_setting_is_in_the_manual() -> None:
    names = [f"FRONTDESK_{field.name.upper()}" for field in fields(Settings)]
    assert [name for name in names if not is_told(name)] == []


def test_every_setting_has_a_sentence() -> None:
    assert [field.name for field in fields(Settings) if not field.metadata.get("help", "").endswith(".")] == []


def test_no_setting_of_the_manual_is_gone() -> None:
    known = {f"FRONTDESK_{field.name.upper()}" for field in fields(Settings)}
    assert set(re.findall(r"FRONTDESK_[A-Z0-9_]+", manual())) - known == set()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    house = build(Settings(data=tmp_path_factory.mktemp("manual")))
    # Agents answer below /api too, with the same calls.
    everything = [endpoint for endpoint in endpoints(house) if not endpoint.path.startswith("/api/v1/")]
    return [f"{endpoint.method} {endpoint.path}" for endpoint in everything]


def test_every_endpoint_is_in_the_manual(published: list[str]) -> None:
    assert [name for name in published if not is_told(name)] == []


def test_no_endpoint_of_the_manual_is_gone(published: list[str]) -> None:
    told = set(re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE|HEAD) /[^\s`?]*)", manual()))
    assert told - set(published) == set()


def test_every_event_is_in_the_manual() -> None:
    names = {
        node.value
        for path in holders()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and EVENT.fullmatch(node.value)
    }
    assert sorted(name for name in names - set(NOT_EVENTS) if not is_told(name)) == []


def test_every_error_code_is_in_the_manual() -> None:
    codes = {problem.code for problem in problems() if problem.code != Problem.code}
    assert sorted(code for code in codes if not is_told(code)) == []


def test_every_job_is_in_the_manual() -> None:
    found = set()
    for module in ("worker", *(f"{kind}.jobs" for kind in KINDS)):
        if any(PACKAGE.glob(module.replace(".", "/") + "*")):
            found |= set(getattr(importlib.import_module(f"frontdesk.{module}"), "JOBS", {}))
    assert found != set()
    assert sorted(name for name in found if not is_told(name)) == []


def commands(command: object, name: str) -> list[str]:
    """The full names of a command's own commands."""
    below = getattr(command, "commands", {})
    return [name] if not below else [full for key, each in below.items() for full in commands(each, f"{name} {key}")]


def test_every_command_is_in_the_manual() -> None:
    names = commands(typer.main.get_command(app), "frontdesk")
    assert [name for name in names if not is_told(name)] == []


@pytest.mark.parametrize("name", ["frontdesk nothing", "FRONTDESK", "POST /nothing"])
def test_what_is_not_in_the_manual_is_missed(name: str) -> None:
    assert not is_told(name)
