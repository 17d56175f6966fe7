"""Valid forms and sheets; a test says only what matters to it."""

from dataclasses import replace
from typing import Any

from frontdesk.forms.model.field import Field, Layout, Option, PageSize, Rect
from frontdesk.forms.model.session import Sheet

SESSION = "sess_1"


def field(number: int, kind: Any = "text", **changes: Any) -> Field:
    """A field of a kind, one below the other."""
    usual = {"text": "string", "checkbox": "boolean", "signature": "signature"}
    made = Field(number, kind, usual.get(kind, "choice"), f"Field {number}", Rect(0, 72, 700 - 20 * number, 200, 16))
    return replace(made, **changes)


OPTIONS = (Option("1", "Red"), Option("2", "Green"), Option("3", "green"))


def fields() -> tuple[Field, ...]:
    """One of each: text, a date, two boxes of one question, a box, choices, a signature."""
    return (
        field(1, label="Trading name", required=True),
        field(2, label="Start date", data_type="date", format="MM/DD/YYYY"),
        field(3, "checkbox", label="Hot food: Yes", group="g_food"),
        field(4, "checkbox", label="Hot food: No", group="g_food"),
        field(5, "checkbox", label="I agree"),
        field(6, "dropdown", label="Colour", options=OPTIONS[:2]),
        field(7, "listbox", label="Colours", options=OPTIONS[:2]),
        field(8, "signature", label="Signature of applicant", required=True),
    )


def layout(*chosen: Field, **changes: Any) -> Layout:
    """A form of one page."""
    return replace(Layout("flat", "Stallholder application", (PageSize(612, 792),), chosen or fields()), **changes)


def sheet(*chosen: Field, **changes: Any) -> Sheet:
    """A session over it."""
    return replace(Sheet(layout(*chosen)), **changes)
