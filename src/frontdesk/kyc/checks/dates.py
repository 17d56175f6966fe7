"""Dates as papers print them: numbers in several orders, month names in many languages."""

import re
from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from frontdesk.kyc.checks.text import fold

# Beginnings of month names, folded, long enough to be told apart: English, French, German, Dutch, Spanish,
# Italian, Portuguese, the Nordic languages, Polish, Czech. A paper that prints two languages has the same
# month twice.
_MONTHS = (
    ("JAN", "ENE", "GEN", "STY", "LED", "TAM"),
    ("FEB", "FEV", "LUT", "UNO", "HEL"),
    ("MAR", "MRZ", "MAE", "MRT", "MAA", "BRE"),
    ("APR", "AVR", "ABR", "KWI", "DUB", "HUH"),
    ("MAY", "MAI", "MEI", "MAG", "MAJ", "KVE", "TOU"),
    ("JUN", "JUIN", "GIU", "CZE", "KES"),
    ("JUL", "JUIL", "LUG", "LIP", "HEI"),
    ("AUG", "AOU", "AGO", "AVG", "SIE", "SRP", "ELO", "AGU"),
    ("SEP", "SET", "WRZ", "ZAR", "SYY"),
    ("OCT", "OKT", "OTT", "OUT", "PAZ", "RIJ", "LOK"),
    ("NOV", "LIS", "MARRAS"),
    ("DEC", "DEZ", "DES", "DIC", "GRU", "PRO", "JOU"),
)
_LONGEST_FIRST = sorted(((name, i + 1) for i, names in enumerate(_MONTHS) for name in names), key=lambda m: -len(m[0]))

DAY_FIRST, MONTH_FIRST = "day first", "month first"
_MONTH_FIRST_IN = frozenset({"US", "PR", "GU", "VI", "AS", "MP", "UM", "FM", "MH", "PW", "PH"})
_SAY_NOTHING = frozenset({"en", "zh", "ja", "ko"})
"""English alone is written both ways; of the others nobody knows how they write numbers with the year last."""

_WORD = r"[A-Za-zÀ-ž]{3,12}"
_NAMED = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|\.|º)?\s*[-/]?(?:\s*de\s)?\s*({_WORD})\.?(?:\s*[/|]\s*{_WORD})?\.?"
    rf"(?:\s*de\s)?[\s/.,-]*(\d{{4}}|\d{{2}})(?!\d)"
)
_NAMED_FIRST = re.compile(rf"({_WORD})\.?\s*(\d{{1,2}})(?:st|nd|rd|th)?,?\s*(\d{{4}})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})[-/.年 ](\d{1,2})[-/.月 ](\d{1,2})(?!\d)")
# Readers lose the dots and the spaces between the numbers, so eight digits alone are taken too.
_NUMBERS = re.compile(
    r"(?<!\d)(\d{1,2})[./\- ](\d{1,2})[./\- ]{1,2}(\d{4}|\d{2})(?!\d)"
    r"|(?<!\d)(\d{2})[./\- ]?(\d{2})[./\- ]?(\d{4})(?!\d)"
)


class Calendar(msgspec.Struct, frozen=True):
    """By what printed dates are understood: today's date, and the order of day and month where that is known."""

    today: date
    order: str | None = None


class Printed(msgspec.Struct, frozen=True):
    """A printed date. `year` is as printed, two digits or four; `ambiguous` when day and month could be
    swapped."""

    day: int
    month: int
    year: int
    ambiguous: bool

    @property
    def yymmdd(self) -> str:
        return f"{self.year % 100:02d}{self.month:02d}{self.day:02d}"

    def on(self, pivot: date, *, past: bool) -> date | None:
        """The date; two digits are the last such year before `pivot` if `past`, else the nearest."""
        return full_date(self.yymmdd, pivot, past=past) if self.year < 100 else _made(self.year, self.month, self.day)


def order_in(languages: Iterable[str]) -> str | None:
    """In which order papers in these languages (tags such as `pt` or `en-US`) write day and month, if all agree."""
    orders = {order for one in languages if (order := _order(one)) is not None}
    return orders.pop() if len(orders) == 1 else None


def _order(tag: str) -> str | None:
    language, *rest = tag.split("-")
    regions = {part.upper() for part in rest if len(part) == 2}
    if regions & _MONTH_FIRST_IN and language == "en":
        return MONTH_FIRST
    # Canada writes it in every way.
    return None if "CA" in regions or (language in _SAY_NOTHING and not regions) else DAY_FIRST


def find(text: str, order: str | None = None) -> list[Printed]:
    """Every date in a text, in the order of the patterns' certainty. `order` is that of day and month, if known."""
    found = list(_named(text)) or list(_numbered(text, order))
    return list(dict.fromkeys(found))


def full_date(yymmdd: str, today: date, *, past: bool) -> date | None:
    """A zone's date with its century: the last one that is not after `today` if `past`, else the nearest to
    it."""
    if not yymmdd.isdigit() or len(yymmdd) != 6:
        return None
    year, month, day = int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:])
    centuries = range(today.year // 100 * 100 - 100, today.year // 100 * 100 + 101, 100)
    dates = [made for century in centuries if (made := _made(century + year, month, day)) is not None]
    if past:
        dates = [made for made in dates if made <= today]
        return max(dates, default=None)
    return min(dates, key=lambda made: abs((made - today).days), default=None)


def _named(text: str) -> Iterator[Printed]:
    for day, word, year in _NAMED.findall(text):
        month = _month(word)
        if month and _made(2000, month, int(day)):
            yield Printed(int(day), month, int(year), ambiguous=False)
    for word, day, year in _NAMED_FIRST.findall(text):
        month = _month(word)
        if month and _made(2000, month, int(day)):
            yield Printed(int(day), month, int(year), ambiguous=False)


def _numbered(text: str, order: str | None) -> Iterator[Printed]:
    for year, month, day in _YEAR_FIRST.findall(text):
        if _made(int(year), int(month), int(day)):
            yield Printed(int(day), int(month), int(year), ambiguous=False)
    for match in _NUMBERS.finditer(text):
        one, other, year = (int(part) for part in match.groups() if part is not None)
        day_first, month_first = _made(2000, other, one), _made(2000, one, other)
        if month_first and order == MONTH_FIRST:
            yield Printed(other, one, year, ambiguous=False)
        elif day_first:
            either = order is None and month_first is not None and one != other
            yield Printed(one, other, year, ambiguous=either)
        elif month_first and re.search(r"[/-].*[/-]", match[0]):
            # Month first is written with slashes or dashes; with points it would be a misreading.
            yield Printed(other, one, year, ambiguous=False)


def _month(word: str) -> int | None:
    folded = fold(word)
    return next((month for name, month in _LONGEST_FIRST if folded.startswith(name)), None)


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
