"""What a field may look at besides its own value, and how it says that the value is wrong."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

BULLETS = "••••"
"""Shown in place of a sensitive value. Sent back unchanged, it stands for the value that is stored."""


class Around(msgspec.Struct, frozen=True):
    """The day, the answers before this one, and the files that were sent for the step's fields."""

    today: date
    step_id: str | None = None
    answers: Mapping[tuple[str | None, str], Any] = msgspec.field(default_factory=dict)
    documents: Mapping[str, frozenset[str]] = msgspec.field(default_factory=dict)
    fill_defaults: bool = False
    slow: list[str] = msgspec.field(default_factory=list)
    """Patterns that ran out of time, noted as it happens: after a few of them none is tried any more."""


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong: `field_id` is a path such as `owners[1].share`. Never holds the value."""

    field_id: str
    name: str
    message: str


class BadValueError(ValueError):
    """The value cannot be right; the message says what was expected. Never leaves this package."""


class BadPartsError(ValueError):
    """Parts of a compound value are wrong or missing; paths are relative to it. Never leaves this package."""

    def __init__(self, missing: list[Fault], faults: list[Fault]) -> None:
        super().__init__("parts")
        self.missing = missing
        self.faults = faults
