"""A session over a form: its lifecycle, the marks of its fields, and what a decision returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from frontdesk.forms.model.field import Field, Layout, Value
from frontdesk.kernel.lifecycle import Lifecycle

LIFECYCLE = Lifecycle(
    "open",
    {
        ("open", "change"): "open",
        ("open", "fill"): "filling",
        ("filling", "finish"): "completed",
        ("filling", "give_up"): "open",
    },
)

State = Literal["empty", "proposed", "confirmed", "skipped", "declined"]
Source = Literal["direct", "turn", "context", "document"]

FIELD = Lifecycle(
    "empty",
    {
        **{(state, "propose"): "proposed" for state in ("empty", "proposed", "confirmed", "skipped", "declined")},
        **{(state, "confirm"): "confirmed" for state in ("proposed", "confirmed")},
        **{(state, "skip"): "skipped" for state in ("empty", "proposed", "confirmed", "skipped", "declined")},
        **{(state, "decline"): "declined" for state in ("empty", "proposed", "confirmed", "skipped", "declined")},
        **{(state, "put"): "confirmed" for state in ("empty", "proposed", "confirmed", "skipped", "declined")},
    },
)
"""What may become of a field's mark; nothing is final, since a session ends as a whole."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a session knows of one field. A value is held in `proposed` and `confirmed` only."""

    state: State = "empty"
    value: Value = None
    source: Source | None = None


EMPTY = Mark()


@dataclass(frozen=True, slots=True)
class Spoken:
    """One message of the conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Render:
    """What came of rendering: field ids, warnings, and the key of the PDF."""

    blob_key: str
    filled: tuple[str, ...] = ()
    left_blank: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A session as rules see it. `marks` holds a line for each field that is not empty, by its number."""

    layout: Layout
    status: str = LIFECYCLE.start
    marks: Mapping[int, Mark] = field(default_factory=dict)
    spoken: tuple[Spoken, ...] = ()
    asked: str | None = None
    flatten: bool = False
    render: Render | None = None

    def mark(self, number: int) -> Mark:
        """The mark of a field."""
        return self.marks.get(number, EMPTY)

    def find(self, name: str | int) -> Field | None:
        """The field with this id (`f_001`) or number, which may be written as text."""
        number = number_of(name)
        fields = self.layout.fields
        if number is None or not 1 <= number <= len(fields):
            return None
        # Fields are numbered in their order, so that the first look nearly always hits.
        found = fields[number - 1]
        return found if found.number == number else next((each for each in fields if each.number == number), None)

    def marked(self, changes: Mapping[int, Mark]) -> "Sheet":
        """The sheet with these marks instead."""
        return replace(self, marks={**self.marks, **changes})


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision: the sheet after it, the verb of the session, the ids that changed, facts for the log."""

    sheet: Sheet
    verb: str
    updated: tuple[str, ...] = ()
    facts: tuple[tuple[str, dict[str, Any]], ...] = ()
    warnings: tuple[str, ...] = ()


def number_of(name: str | int) -> int | None:
    """The number that `f_001`, `1` or 1 names, or None."""
    if isinstance(name, bool):
        return None
    if isinstance(name, int):
        return name
    text = name.removeprefix("f_")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
