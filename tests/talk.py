"""Forms and messages that tests and measurements share."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from frontdesk.ports.interpreter import Ask, Question, Said

TALK = Path(__file__).parent / "fixtures" / "talk"


@cache
def forms() -> dict[str, tuple[Question, ...]]:
    """Every form of the fixtures by its name."""
    written = json.loads((TALK / "forms.json").read_text(encoding="utf-8"))
    return {name: tuple(map(question, fields)) for name, fields in written.items()}


def question(written: dict[str, Any]) -> Question:
    """A field as the port wants it."""
    return Question(**{**written, "choices": tuple(tuple(choice) for choice in written.get("choices", ()))})


def messages(file: str) -> list[tuple[Ask, dict[str, Any]]]:
    """The messages of a file, and the updates that each one makes: a value, `=skip` or `=decline` by field."""
    made = []
    for entry in json.loads((TALK / file).read_text(encoding="utf-8")):
        state = entry.get("state", {})
        questions = tuple(
            replace(each, state="proposed", value=state[each.id]) if each.id in state else each
            for each in forms()[entry["form"]]
        )
        history = tuple(Said(role, text) for role, text in entry.get("history", ()))
        expected = {name: tuple(value) if isinstance(value, list) else value for name, value in entry["expect"].items()}
        made.append((Ask(entry["message"], questions, entry.get("asked"), history), expected))
    return made
