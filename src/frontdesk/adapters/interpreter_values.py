"""What a field can hold: the one gate that every interpreter's values pass before they come out."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date

from frontdesk.adapters import interpreter_builtin_dates as dates
from frontdesk.adapters.interpreter_builtin_shapes import plain_amount, shapes, sound
from frontdesk.adapters.interpreter_builtin_words import fold
from frontdesk.ports.interpreter import Answer, Question, Update

LONGEST = 4_000
"""Characters of one value; a form has no room for more."""
_ON = frozenset(("true", "yes", "on", "checked"))
_OFF = frozenset(("false", "no", "off", "unchecked"))


def held(question: Question, value: object, today: date, *, month_first: bool | None = None) -> Answer | None:
    """The value as the field holds it, None if it cannot."""
    if question.kind == "signature" or question.data_type == "signature":
        return None
    if question.kind == "checkbox":
        return _box(value)
    if question.kind in ("radio", "dropdown", "listbox"):
        return _choice(question, value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = clean(str(value))
    if not text:
        return None
    typed = _typed(question, text, today, month_first)
    return None if typed is None else _fitting(question, typed)


def kept(questions: Iterable[Question], updates: Iterable[Update], today: date) -> tuple[Update, ...]:
    """The updates that keep the port's promises: known fields, holdable values, one box of a group, one a field."""
    by_id = {question.id: question for question in questions if not is_signature(question)}
    found: dict[str, Update] = {}
    groups_on: set[str] = set()
    for update in updates:
        question = by_id.get(update.id)
        if question is None or update.id in found:
            continue
        if update.action != "propose":
            found[update.id] = Update(update.id, update.action)
            continue
        value = held(question, update.value, today)
        if value is None or (value is True and question.group in groups_on):
            continue
        if value is True and question.group:
            groups_on.add(question.group)
        found[update.id] = Update(update.id, "propose", value)
    return tuple(found.values())


def is_signature(question: Question) -> bool:
    """Whether a person must sign here: never filled, never asked about."""
    return question.kind == "signature" or question.data_type == "signature"


def clean(text: str) -> str:
    """Text without what does not print, and without space around it."""
    shown = "".join(each for each in text if each in "\n\t" or unicodedata.category(each)[0] != "C")
    return shown.strip()[:LONGEST].strip()


def _box(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    return True if word in _ON else False if word in _OFF else None


def _choice(question: Question, value: object) -> Answer | None:
    if question.kind == "listbox" and isinstance(value, list | tuple):
        found = [_option(question, each) for each in value]
        return None if not found or None in found else tuple(dict.fromkeys(each for each in found if each is not None))
    one = _option(question, value)
    return (one,) if one is not None and question.kind == "listbox" else one


def _option(question: Question, value: object) -> str | None:
    if not isinstance(value, str):
        return None
    for stored, _ in question.choices:
        if stored == value:
            return stored
    said = fold(value)
    fitting = {stored for stored, label in question.choices if said and said in (fold(stored), fold(label))}
    return fitting.pop() if len(fitting) == 1 else None


def _typed(question: Question, text: str, today: date, month_first: bool | None) -> str | None:
    kind = question.data_type
    if kind == "email" or kind == "phone":
        found = [shape.text for shape in shapes(text, kind)]
        return found[0] if len(found) == 1 else None
    if kind in ("number", "currency"):
        return plain_amount(text)
    if kind == "date":
        told = list(dates.dates(text, today))
        if len(told) != 1:
            return None
        day = dates.chosen(told[0], question.format, month_first=month_first)
        return text[told[0].start : told[0].end] if day is None else dates.written(day, question.format)
    return text


def _fitting(question: Question, text: str) -> str | None:
    if question.max_length is None or len(text) <= question.max_length:
        return text
    # A number written with the marks that people put between its digits fits without them.
    bare = re.sub(r"[\s./()-]", "", text)
    return bare if bare.isalnum() and any(map(str.isdigit, bare)) and len(bare) <= question.max_length else None


def is_sound(kind: str, text: str) -> bool:
    """Whether a text can be a value of that kind (`ssn`, `iban`, ...)."""
    return sound(kind, text)
