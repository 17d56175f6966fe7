"""Names say what a thing is or does; words that fit everything are not used."""

import ast
import re
from pathlib import Path

import pytest

from shape.tree import Function, modules, parsed, short, written

BANNED = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager"}
BANNED |= {"process", "handle", "data", "info"}
BANNED_START = re.compile(r"_*do_")

KYC = "src/frontdesk/kyc/"
AGENTS_WIRE = "src/frontdesk/agents/wire/"
HTML = "src/frontdesk/agents/capabilities/markdown.py"
ESCAPES = {
    "process": ((KYC,), "the published verb of the KYC API: POST /kyc/sessions/{session_id}/process"),
    "data": (
        (KYC, AGENTS_WIRE, "src/frontdesk/onboarding/", "src/frontdesk/config.py", "src/frontdesk/cli", HTML),
        "a published key of KYC, agents and onboarding steps; the folder that --data names; a name of html.parser",
    ),
    "handle": ((HTML,), "the names by which html.parser calls its reader"),
    "info": (
        ("src/frontdesk/web/journal.py", "src/frontdesk/onboarding/wire/", AGENTS_WIRE),
        "the level of a line of the log; published keys and names of the agents' API",
    ),
}
"""Words that are published names: where they may be used, and why."""


def words(name: str) -> list[str]:
    """`submit_step` and `SubmitStep` as their words."""
    return [word.lower() for word in re.findall(r"[Bb]ase\d+|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def is_banned(name: str, path: str) -> bool:
    """Whether the name holds a banned word that has no escape at this place."""
    found = {word for word in words(name) if word in BANNED}
    free = {word for word, (places, _) in ESCAPES.items() if path.startswith(places)}
    return bool(found - free) or BANNED_START.match(name) is not None


def names(path: Path) -> list[str]:
    """The names of a file's classes and functions."""
    return [node.name for node in ast.walk(parsed(path)) if isinstance(node, ast.ClassDef | Function)]


def test_no_module_is_named_with_a_word_that_fits_everything() -> None:
    assert [short(path) for path in modules() if is_banned(path.stem, short(path))] == []


def test_no_function_or_class_is_named_with_a_word_that_fits_everything() -> None:
    found = [f"{short(path)}: {name}" for path in modules() for name in names(path) if is_banned(name, short(path))]
    assert found == []


def test_no_variable_is_called_by_a_word_that_fits_everything() -> None:
    # A process of the operating system may be called one.
    found = [
        f"{short(path)}:{getattr(node, 'lineno', 0)}: {name}"
        for path in modules()
        for node in ast.walk(parsed(path))
        for name in _bound(node)
        if name in BANNED - {"process"} and is_banned(name, short(path))
    ]
    assert found == []


def _bound(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return [node.id]
    return [node.arg] if isinstance(node, ast.arg) else []


def test_tests_are_sentences() -> None:
    found = [
        f"{short(path)}: {name}"
        for path in written()
        if path.name.startswith("test_")
        for name in names(path)
        if name.startswith("test_") and len(words(name)) < 4
    ]
    assert found == []


@pytest.mark.parametrize("name", ["do_it", "_do_it", "handle_step", "StepManager", "data", "session_info", "DataStore"])
def test_a_word_that_fits_everything_is_seen(name: str) -> None:
    assert is_banned(name, "src/frontdesk/kernel/change.py")


@pytest.mark.parametrize("name", ["double", "handler_of", "database", "based_on", "undo_step", "metadata", "NotBase64"])
def test_a_longer_word_is_another_word(name: str) -> None:
    assert not is_banned(name, "src/frontdesk/kernel/change.py")


def test_the_published_verb_may_be_used_where_it_is_published() -> None:
    assert not is_banned("process", "src/frontdesk/kyc/service/process.py")
    assert is_banned("process", "src/frontdesk/kernel/change.py")
