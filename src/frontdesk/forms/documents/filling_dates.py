"""Dates as a form wants them: an ISO date in the format that the field names."""

import re
from datetime import date

_TOKEN = re.compile(r"yyyy|yy|mmmm|mmm|mm|m|dd|d", re.IGNORECASE)
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def formatted(text: str, wanted: str | None) -> str | None:
    """`text` as a date in the format `wanted` (such as `MM/DD/YYYY`), None if it is not a date.

    Accepted are ISO dates and what has that format already. Without a format the text stays as it is.
    """
    text = text.strip()
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is not None:
        return _written(day, wanted) if wanted else text
    return text if wanted and _has_format(text, wanted) else None


def _written(day: date, wanted: str) -> str:
    parts = {
        "yyyy": f"{day.year:04d}",
        "yy": f"{day.year % 100:02d}",
        "mmmm": _MONTHS[day.month - 1],
        "mmm": _MONTHS[day.month - 1][:3],
        "mm": f"{day.month:02d}",
        "m": str(day.month),
        "dd": f"{day.day:02d}",
        "d": str(day.day),
    }
    return _TOKEN.sub(lambda token: parts[token[0].lower()], wanted)


def _has_format(text: str, wanted: str) -> bool:
    patterns = {"yyyy": r"\d{4}", "yy": r"\d\d", "mmmm": r"[^\W\d]+", "mmm": r"[^\W\d]+", "mm": r"\d\d", "dd": r"\d\d"}
    pattern, end = "", 0
    for token in _TOKEN.finditer(wanted):
        pattern += re.escape(wanted[end : token.start()]) + patterns.get(token[0].lower(), r"\d{1,2}")
        end = token.end()
    return re.fullmatch(pattern + re.escape(wanted[end:]), text) is not None
