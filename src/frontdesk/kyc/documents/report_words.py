"""How recorded things are worded in a report: instants, statuses, and whatever shape a fact has."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import fields

NONE = "–"
TONES = {
    **dict.fromkeys(("approved", "clear", "passed", "completed", "agrees", "resolved"), "good"),
    **dict.fromkeys(("rejected", "match", "failed", "error", "differs"), "bad"),
}
CHECKS = {
    "lists": "Sanctions, watch and other lists",
    "crypto": "Crypto addresses",
    "adverse_media": "Adverse media",
    "face_match": "Face against the portrait of the paper",
    "documents": "Papers, among themselves and against the form",
    "face_dedup": "The same face in other sessions",
    "liveness": "Presence of a living person",
}


def instant(at: datetime | None) -> str:
    """`2026-04-09 08:15:30 UTC`."""
    return NONE if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"


def words(code: str) -> str:
    """`date_of_birth` as `date of birth`."""
    return code.replace("_", " ")


def shown(value: Any) -> str:
    """Any recorded value in words, nested ones a line each."""
    if value is None or value == "" or (isinstance(value, list | tuple | Mapping) and not value):
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        return "\n".join(f"{words(str(key))}: {_nested(each)}" for key, each in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return "\n".join(_inline(each) for each in value)
    return str(value)


def _nested(value: Any) -> str:
    text = shown(value)
    return text if "\n" not in text else "\n" + "\n".join(f"   {line}" for line in text.splitlines())


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{words(str(key))} {_inline(each)}" for key, each in value.items() if each not in (None, ""))
    if isinstance(value, list | tuple):
        return "; ".join(_inline(each) for each in value)
    return shown(value)


def recorded(of: Any, without: Iterable[str] = ()) -> tuple[tuple[str, str], ...]:
    """Every field of a record that has a value, by its name in words: also those that this page does not know."""
    left_out = set(without)
    return tuple(
        (words(each.name).capitalize(), shown(value))
        for each in fields(of)
        if each.name not in left_out and (value := getattr(of, each.name)) not in (None, "", (), {})
    )
