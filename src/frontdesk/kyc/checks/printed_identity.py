"""Identity papers without a machine-readable zone: driving licences with numbered fields, fronts of cards."""

import re
from collections.abc import Sequence

from frontdesk.kyc.checks import dates, evidence
from frontdesk.kyc.checks.dates import Calendar
from frontdesk.kyc.checks.evidence import Value
from frontdesk.kyc.checks.text import fold
from frontdesk.kyc.checks.visual import LABELS, Seen, has_label, labelled, with_neighbours

# The numbers are the same on every licence of the European model (directive 2006/126/EC, annex I), whatever
# its language.
_NUMBERED = {
    "1": "surname",
    "2": "given_names",
    "3": "date_of_birth",
    "4a": "issue_date",
    "4b": "expiry_date",
    "5": "document_number",
}
_FIELD = re.compile(r"^\s*(1|2|3|4\s?[ab]|5)\s?[.,:]\s*(?=\S)|^\s*(4[ab])\s*(?=\d)", re.IGNORECASE)
_DATES = ("date_of_birth", "issue_date", "expiry_date")
_NUMBER = re.compile(r"(?=.*\d)[A-Z0-9][A-Z0-9 \-]{4,24}")
_NAME = re.compile(r"[^\W\d_][^\d_]{1,60}")
_SEX = re.compile(r"\b([MF])\b")


def fields(seen: Sequence[Seen], kind: str, calendar: Calendar) -> dict[str, Value]:
    """Keys by the numbers of a licence or by labels. Names stay below the line: nothing else confirms their
    place."""
    out = _by_number(seen, calendar) if kind == "driver_license" else {}
    for key in LABELS:
        if key not in out and key != "nationality":
            value = _by_label(seen, key, calendar)
            if value is not None:
                out[key] = value
    names = [out[key] for key in ("given_names", "surname") if key in out]
    if names:
        out["full_name"] = Value(" ".join(name.text for name in names), min(name.score for name in names))
    return out


def _by_number(seen: Sequence[Seen], calendar: Calendar) -> dict[str, Value]:
    out: dict[str, Value] = {}
    for line in seen:
        mark = _FIELD.match(line.text)
        if mark is None:
            continue
        key = _NUMBERED[(mark[1] or mark[2]).replace(" ", "").lower()]
        again = _FIELD.match(line.second)
        second = line.second[again.end() :] if again else ""
        rest = Seen(line.text[mark.end() :].strip(), second.strip(), line.left, line.top, line.right, line.bottom)
        value = _value(key, rest, calendar, exact=again is not None)
        if value is not None:
            out.setdefault(key, value)
    return out if len(out) >= 3 else {}


def _by_label(seen: Sequence[Seen], key: str, calendar: Calendar) -> Value | None:
    places = list(with_neighbours(seen)) if key in _DATES else seen
    every = tuple(phrase for phrases in LABELS.values() for phrase in phrases)
    for place, exact in labelled(places, LABELS[key]):
        if key in _DATES or not has_label(place, every, exactly=True):
            value = _value(key, place, calendar, exact=exact)
            if value is not None:
                return value
    return None


def _value(key: str, place: Seen, calendar: Calendar, *, exact: bool) -> Value | None:
    if key in _DATES:
        return _date(place, calendar, past=key != "expiry_date", exact=exact)
    if key == "gender":
        found = _SEX.search(fold(place.text))
        return Value(found[1], evidence.DOUBTED) if found and len(place.text) < 6 else None
    score = evidence.DOUBTED if place.agreed and exact else evidence.ONCE
    if key == "document_number":
        found = _NUMBER.fullmatch(place.text.strip().upper())
        return Value(place.text.strip().replace(" ", ""), score) if found else None
    return Value(place.text.upper(), score) if _NAME.fullmatch(place.text) else None


def _date(place: Seen, calendar: Calendar, *, past: bool, exact: bool) -> Value | None:
    found = dates.find(place.text, calendar.order)
    if not found or (full := found[0].on(calendar.today, past=past)) is None:
        return None
    twice = dates.find(place.second, calendar.order)[:1] == found[:1]
    sure = twice and exact and not found[0].ambiguous
    return Value(full.isoformat(), evidence.CHECKED if sure else evidence.ONCE)
