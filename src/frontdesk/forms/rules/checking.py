"""What can be said about a PDF that was filled somewhere else: its values, and whether it is complete."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from frontdesk.forms.model.field import Field, Layout, Value
from frontdesk.forms.rules import values
from frontdesk.forms.rules.values import Unfit

Verdict = Literal["complete", "review_required", "incomplete", "failed"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong. `severity` is `error` or `warning`."""

    code: str
    field_id: str | None
    message: str
    severity: str = "error"


@dataclass(frozen=True, slots=True)
class ReadField:
    """A field of a filled PDF with its value; labels and flags are the known form's where there is one.

    It `overflows` when its text is longer than its place.
    """

    field: Field
    value: Value
    overflows: bool = False

    @property
    def is_filled(self) -> bool:
        """Whether anything stands in it."""
        return not values.is_blank(self.value)


def aligned(known: Layout | None, filled: Layout, overflowing: Collection[int] = ()) -> tuple[ReadField, ...]:
    """The fields of the known form with the values of the filled PDF; without a known form those of the PDF itself.

    `overflowing` are the numbers of the PDF's fields whose text is longer than its place.
    """
    if known is None:
        return tuple(ReadField(field, field.value, field.number in overflowing) for field in filled.fields)
    by_name = {field.name: field for field in filled.fields if field.name}
    by_id = {field.name or field.id: field for field in filled.fields}
    found = []
    for field in known.fields:
        other = by_name.get(field.name) if field.name else by_id.get(field.id)
        overflows = other is not None and other.number in overflowing
        found.append(ReadField(field, other.value if other is not None else None, overflows))
    return tuple(found)


def belongs(known: Layout, filled: Layout) -> bool:
    """Whether the PDF is the form at all: at least half of its fields are there."""
    names = {field.name for field in filled.fields if field.name} | {field.id for field in filled.fields}
    hits = sum((field.name or field.id) in names for field in known.fields)
    return not known.fields or hits * 2 >= len(known.fields)


def issues_of(found: Sequence[ReadField]) -> tuple[Issue, ...]:
    """What is wrong with the values."""
    issues: list[Issue] = []
    answered: dict[str, list[ReadField]] = {}
    for one in found:
        if one.field.group and one.field.kind == "checkbox":
            answered.setdefault(one.field.group, []).append(one)
    done = {group for group, boxes in answered.items() if any(box.is_filled for box in boxes)}
    for group, boxes in answered.items():
        on = [box.field for box in boxes if box.is_filled]
        if len(on) > 1:
            told = " and ".join(field.label for field in on[:3])
            issues.append(Issue("conflicting_values", on[1].id, f"{told} are answers to one question ({group})"))
    for one in found:
        field = one.field
        if field.required and not one.is_filled and field.group not in done:
            code = "signature_missing" if field.kind == "signature" else "required"
            issues.append(Issue(code, field.id, f"{field.label} is required and empty"))
        elif field.kind == "signature" and not one.is_filled:
            issues.append(Issue("signature_missing", field.id, f"{field.label} is not signed", "warning"))
        elif one.is_filled:
            found_here = _of_value(field, one.value)
            if one.overflows and not found_here:
                told = f"{field.label} holds more text than its place can show"
                found_here = [Issue("too_long", field.id, told, "warning")]
            issues += found_here
    return tuple(issues)


def _of_value(field: Field, value: Value) -> list[Issue]:
    if field.max_length and isinstance(value, str) and len(value) > field.max_length:
        return [Issue("too_long", field.id, f"{field.label} holds more than {field.max_length} letters")]
    if field.kind in ("radio", "dropdown", "listbox"):
        try:
            values.accepted(field, value)
        except Unfit:
            return [Issue("not_an_option", field.id, f"{field.label} holds what is no option", "warning")]
    return []


def verdict(issues: Sequence[Issue], *, belongs_to_form: bool) -> Verdict:
    """In one word."""
    if not belongs_to_form:
        return "failed"
    if any(issue.severity == "error" and issue.code in ("required", "signature_missing") for issue in issues):
        return "incomplete"
    return "review_required" if issues else "complete"
