"""Which values a field accepts, and in which form they are kept."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from frontdesk.basics.errors import Problem
from frontdesk.forms.model.field import Field, Value
from frontdesk.forms.rules.limits import VALUE_LETTERS

_ON = frozenset({"yes", "on", "true"})
_OFF = frozenset({"no", "off", "false"})
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_PARTS = re.compile(r"Y{4}|Y{2}|M{1,2}|D{1,2}")


class Unfit(Problem):
    """A value that a field cannot hold; it is told as one entry of a longer refusal."""

    code = "invalid_value"


def accepted(field: Field, raw: Any) -> tuple[Value, str | None]:
    """The value as it is kept, and a warning. None is a blank. Raises `Unfit`."""
    if raw is None:
        return None, None
    if field.kind == "checkbox":
        return _box(raw), None
    if field.kind in ("radio", "dropdown"):
        return _option(field, raw), None
    if field.kind == "listbox":
        several = raw if isinstance(raw, list | tuple) else [raw]
        chosen = [_option(field, each) for each in several]
        return tuple(dict.fromkeys(chosen)), None
    return _text(field, raw)


def _box(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    word = raw.strip().lower() if isinstance(raw, str) else None
    if word in _ON:
        return True
    if word in _OFF:
        return False
    raise Unfit("expected true or false, or one of the words yes, no, on, off")


def _option(field: Field, raw: Any) -> str:
    if not isinstance(raw, str):
        raise Unfit("expected the value or the label of an option")
    if any(option.value == raw for option in field.options):
        return raw
    wanted = raw.strip().casefold()
    for words in ([option.value for option in field.options], [option.label for option in field.options]):
        hits = [option for option, word in zip(field.options, words, strict=True) if word.strip().casefold() == wanted]
        if len(hits) == 1:
            return hits[0].value
        if hits:
            raise Unfit("more than one option is called so; send the option's value")
    shown = ", ".join(option.label for option in field.options[:12])
    raise Unfit(f"expected one of the options: {shown}{', …' if len(field.options) > 12 else ''}")


def _text(field: Field, raw: Any) -> tuple[Value, str | None]:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise Unfit("expected text")
    text = raw if isinstance(raw, str) else _number(raw)
    if len(text) > VALUE_LETTERS:
        raise Unfit(f"expected at most {VALUE_LETTERS} letters")
    if field.data_type == "date":
        return _date(field, text)
    return text, None


def _number(raw: int | float) -> str:
    return str(int(raw)) if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15 else str(raw)


def _date(field: Field, text: str) -> tuple[str, str | None]:
    match = _ISO.fullmatch(text.strip())
    if match is not None:
        try:
            day = date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            return text, f"{field.label}: this day is in no calendar; it is kept as it was sent"
        return written(day, field.format) if field.format else text.strip(), None
    if not text.strip() or (field.format and _fits(text.strip(), field.format)):
        return text, None
    wanted = f"YYYY-MM-DD or {field.format}" if field.format else "YYYY-MM-DD"
    return text, f"{field.label}: not a date as {wanted}; it is kept as text"


def written(day: date, form: str) -> str:
    """A day in a format such as `MM/DD/YYYY`."""
    numbers = {"Y": day.year, "M": day.month, "D": day.day}

    def part(found: re.Match[str]) -> str:
        letters = found.group()
        number = numbers[letters[0]] % 100 if letters == "YY" else numbers[letters[0]]
        return str(number).zfill(len(letters))

    return _PARTS.sub(part, form)


def _fits(text: str, form: str) -> bool:
    pattern = "".join(_part(piece) for piece in re.split(r"(Y{4}|Y{2}|M{1,2}|D{1,2})", form))
    return re.fullmatch(pattern, text) is not None


def _part(piece: str) -> str:
    if _PARTS.fullmatch(piece):
        return r"\d{4}" if len(piece) == 4 else r"\d{1,2}"
    return re.escape(piece)


def shown(value: Value) -> str | bool | list[str] | None:
    """A value as JSON has it."""
    return list(value) if isinstance(value, tuple) else value


def is_blank(value: Value) -> bool:
    """Whether nothing would be drawn for it."""
    return value is None or value is False or value == "" or value == ()


def labels(fields: Sequence[Field]) -> tuple[str, ...]:
    """The labels of the fields, in their order."""
    return tuple(field.label for field in fields)
