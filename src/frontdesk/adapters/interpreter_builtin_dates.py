"""Dates as people write them: numbers in several orders, months by name in six languages, `today`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from frontdesk.adapters.interpreter_builtin_words import fold

_MONTHS = (
    "january|jan|januar|janner|janvier|janv|enero|ene|gennaio|janeiro|januari",
    "february|feb|februar|fevrier|fevr|fev|febrero|febbraio|fevereiro|februari",
    "march|mar|marz|mrz|maerz|mars|marzo|marco|maart",
    "april|apr|avril|avr|abril|abr|aprile",
    "may|mai|mayo|maggio|maio|mei",
    "june|jun|juni|juin|junio|giugno|junho",
    "july|jul|juli|juillet|juil|julio|luglio|julho",
    "august|aug|aout|agosto|ago|augustus",
    "september|sept|sep|septembre|septiembre|settembre|setembro",
    "october|oct|oktober|okt|octobre|octubre|ottobre|outubro",
    "november|nov|novembre|noviembre|novembro",
    "december|dec|dezember|dez|decembre|diciembre|dic|dicembre|dezembro",
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split("|")}
_NAME = r"[^\W\d_]{3,10}"
_PATTERNS = (
    ("ymd", re.compile(r"(?<![\d.-])(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?![\d-])")),
    ("dmy", re.compile(rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?[\s-]*(?:of\s+|de\s+)?(?P<b>{_NAME})\.?,?"
                       r"[\s-]*(?:del?\s+)?(?P<y>\d{4})(?!\d)", re.IGNORECASE)),
    ("mdy", re.compile(rf"(?<!\w)(?P<b>{_NAME})\.?\s+(?:the\s+)?(?P<d>\d{{1,2}})(?:st|nd|rd"
                       rf"|th)?,?\s+(?P<y>\d{{4}})(?!\d)",
                       re.IGNORECASE)),
    ("num", re.compile(r"(?<![\d./-])(?P<a>\d{1,2})(?P<sep>[./-])\s?(?P<b>\d{1,2})(?P=sep)\s?(?P<y>\d{4}"
                       r"|\d{2})(?![\d/-])")),
)  # fmt: skip
_DAYS = {"today": 0, "heute": 0, "aujourd hui": 0, "hoy": 0, "yesterday": -1, "gestern": -1, "hier": -1, "ayer": -1}
_DAYS |= {"tomorrow": 1, "morgen": 1, "demain": 1, "manana": 1}
_RELATIVE = re.compile(
    r"\b(today|heute|aujourd['’]hui|hoy|yesterday|gestern|hier|ayer|tomorrow|demain)\b", re.IGNORECASE
)
_TOKENS = re.compile(r"YYYY|YY|MMM|MM|DD|M|D|yyyy|yy|mmm|mm|dd|d|m")


@dataclass(frozen=True, slots=True)
class Told:
    """A date that was written: `days` holds one, or two when day and month could be swapped (month first, then day
    first). `start` and `end` are its place."""

    days: tuple[date, ...]
    start: int
    end: int


def dates(text: str, today: date) -> Iterator[Told]:
    """Every date of a text, in its order."""
    found: list[Told] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            days = _days(kind, match, today)
            if days and not any(match.start() < told.end and told.start < match.end() for told in found):
                found.append(Told(days, match.start(), match.end()))
    for match in _RELATIVE.finditer(text):
        found.append(Told((today + timedelta(days=_DAYS[fold(match.group())]),), match.start(), match.end()))
    return iter(sorted(found, key=lambda told: told.start))


def _days(kind: str, match: re.Match[str], today: date) -> tuple[date, ...]:
    year = int(match["y"])
    if year < 100:
        year += today.year // 100 * 100 - (100 if year > today.year % 100 + 10 else 0)
    if kind == "ymd":
        return _made(year, int(match["m"]), int(match["d"]))
    if kind in ("dmy", "mdy"):
        month = _MONTH.get(fold(match["b"]))
        return _made(year, month, int(match["d"])) if month else ()
    a, b = int(match["a"]), int(match["b"])
    day_first = _made(year, b, a)
    if match["sep"] == "." or a > 12:
        return day_first
    month_first = _made(year, a, b)
    return tuple(dict.fromkeys(month_first + day_first))


def _made(year: int, month: int, day: int) -> tuple[date, ...]:
    try:
        return (date(year, month, day),)
    except ValueError:
        return ()


def chosen(told: Told, pattern: str | None, *, month_first: bool | None) -> date | None:
    """The day that was meant: what the form's own pattern says, else the habit of its country; None if unclear."""
    if len(told.days) == 1:
        return told.days[0]
    if pattern is not None:
        order = re.sub(r"[^md]", "", pattern.lower())
        return told.days[1 if order.startswith("d") else 0]
    return None if month_first is None else told.days[0 if month_first else 1]


def written(day: date, pattern: str | None) -> str:
    """A date as the form's pattern wants it (`MM/DD/YYYY`, `dd.mm.yy`), ISO 8601 without one."""
    if not pattern or not re.search(r"[yY]", pattern) or not re.search(r"[dD]", pattern):
        return day.isoformat()
    names = {"YYYY": "%Y", "YY": "%y", "MMM": "%b", "MM": "%m", "DD": "%d"}
    short = {"M": str(day.month), "D": str(day.day)}
    return _TOKENS.sub(
        lambda match: short.get(match.group().upper()) or day.strftime(names[match.group().upper()]), pattern
    )
