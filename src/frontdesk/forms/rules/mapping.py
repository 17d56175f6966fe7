"""Which column of a table belongs to which field, and what a row of it puts into a form."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from frontdesk.forms.model.field import Field, Value
from frontdesk.forms.model.session import Sheet, number_of
from frontdesk.forms.rules import values
from frontdesk.forms.rules.refusals import BadRequest
from frontdesk.forms.rules.values import Unfit

_SPACES = re.compile(r"[\W_]+")


def folded(text: str) -> str:
    """Words without case, signs and spaces, to compare names by."""
    return _SPACES.sub(" ", text).strip().casefold()


def suggested(columns: Sequence[str], fields: Sequence[Field]) -> tuple[dict[str, int], list[str]]:
    """For each column the field of the same id, name or label, and the columns that have none."""
    known: dict[str, int] = {}
    twice: set[str] = set()
    for field in fields:
        for name in {folded(field.label), folded(field.name or ""), field.id.casefold(), folded(field.id)} - {""}:
            if known.setdefault(name, field.number) != field.number:
                twice.add(name)
    found: dict[str, int] = {}
    for column in columns:
        for name in (column.strip().casefold(), folded(column)):
            if name in known and name not in twice and known[name] not in found.values():
                found.setdefault(column, known[name])
    close = {column: number for column in columns if column not in found and (number := _within(column, fields, found))}
    found |= close
    return found, [column for column in columns if column not in found]


def _within(column: str, fields: Sequence[Field], taken: Mapping[str, int]) -> int | None:
    """The one field whose label holds all words of the column."""
    words = set(folded(column).split())
    if not words:
        return None
    hits = [
        field.number
        for field in fields
        if field.number not in taken.values() and words <= set(folded(field.label).split())
    ]
    return hits[0] if len(hits) == 1 else None


def checked(raw: Any, columns: Sequence[str], sheet: Sheet) -> dict[str, int]:
    """A mapping as it was sent: columns to field ids. Raises `BadRequest`."""
    if not isinstance(raw, dict):
        raise BadRequest("mapping must be a JSON object of columns and field ids")
    found: dict[str, int] = {}
    for column, name in raw.items():
        if name is None or name == "":
            continue
        if column not in columns:
            raise BadRequest(f"mapping: the table has no column {str(column)[:60]}")
        number = number_of(name) if isinstance(name, str | int) else None
        if number is None or sheet.find(number) is None:
            raise BadRequest(f"mapping: the form has no field {str(name)[:60]}")
        found[column] = number
    return found


def row_values(
    sheet: Sheet, columns: Sequence[str], row: Sequence[str], mapping: Mapping[str, int]
) -> tuple[dict[int, Value], tuple[str, ...]]:
    """What a row puts into the form, and what it holds that a field cannot."""
    found: dict[int, Value] = {}
    wrong: list[str] = []
    for column, cell in zip(columns, row, strict=True):
        field = sheet.find(mapping[column]) if column in mapping else None
        if field is None or not cell.strip():
            continue
        try:
            value, _ = values.accepted(field, _word(field, cell))
        except Unfit as unfit:
            wrong.append(f"{column}: {unfit.message}")
            continue
        if value is not None:
            found[field.number] = value
    return found, tuple(wrong)


def _word(field: Field, cell: str) -> str | bool:
    """A cell as the field's kind has it: people mark boxes in tables with more signs than in an API."""
    if field.kind == "checkbox" and cell.strip().casefold() in ("x", "1", "✓", "y", "ja", "oui", "si", "sí"):
        return True
    if field.kind == "checkbox" and cell.strip().casefold() in ("0", "-", "n", "nein", "non"):
        return False
    return cell


def by_name(sheet: Sheet, given: Mapping[str, Any]) -> tuple[dict[int, Any], list[str]]:
    """Values keyed by field id or label: by number, and the names that fit no field or more than one."""
    labels, _ = suggested(list(given), sheet.layout.fields)
    found: dict[int, Any] = {}
    unmatched: list[str] = []
    for name, value in given.items():
        field = sheet.find(name)
        number = field.number if field is not None else labels.get(name)
        if number is None:
            unmatched.append(name)
        else:
            found[number] = value
    return found, unmatched
