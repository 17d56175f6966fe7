"""Forms and messages that tests and measurements share."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from frontdesk.ports.interpreter import Question

TALK = Path(__file__).parent / "fixtures" / "talk"


@cache
def forms() -> dict[str, tuple[Question, ...]]:
    """Every form of the fixtures by its name."""
    written = json.loads((TALK / "forms.json").read_text(encoding="utf-8"))
    return {name: tuple(map(question, fields)) for name, fields in written.items()}


def question(written: dict[str, Any]) -> Question:
    """A field as the port wants it."""
    return Question(**{**written, "choices": tuple(tuple(choice) for choice in written.get("choices", ()))})
