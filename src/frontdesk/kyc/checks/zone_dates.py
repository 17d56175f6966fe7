"""Birth, expiry and issue: the zone's dates against the printed ones, and the one that no zone holds."""

from collections.abc import Sequence
from datetime import date, timedelta

from frontdesk.kyc.checks import dates, evidence
from frontdesk.kyc.checks.evidence import Value
from frontdesk.kyc.checks.visual import LABELS, Seen, labelled, with_neighbours
from frontdesk.kyc.checks.zone import Zone


def date_fields(zone: Zone, seen: Sequence[Seen], today: date, issues: list[str]) -> dict[str, Value]:
    """The three dates; what contradicts itself is added to `issues`."""
    found = [(date_, line) for line in with_neighbours(seen) for text in line.readings for date_ in dates.find(text)]
    birth = _zone_date(zone, "birth", [d for d, _ in found], today, past=True)
    expiry = _zone_date(zone, "expiry", [d for d, _ in found], today, past=False)
    others = _others(found, today, (zone.chosen.birth, zone.chosen.expiry), birth)
    shown = any(d.yymmdd == zone.chosen.expiry for d, _ in found)
    if expiry.text and not shown and _expiry_differs(others, seen, today):
        issues.append("expiry_date_differs")
        expiry = Value(expiry.text, min(expiry.score, evidence.DOUBTED))
    if birth.text and not any(d.yymmdd == zone.chosen.birth for d, _ in found) and _birth_differs(zone, seen, today):
        issues.append("date_of_birth_differs")
        birth = Value(birth.text, min(birth.score, evidence.DOUBTED))
    return {"date_of_birth": birth, "expiry_date": expiry, "issue_date": _issued(others, seen, expiry, today)}


def _zone_date(zone: Zone, field: str, found: Sequence[dates.Printed], today: date, *, past: bool) -> Value:
    yymmdd = getattr(zone.chosen, field)
    value = dates.full_date(yymmdd, today, past=past)
    if value is None:
        return Value("", 0.0)
    same = [d for d in found if d.yymmdd == yymmdd]
    for d in same:  # the printed year settles the century, unless it is a misreading itself
        full = d.on(today, past=past)
        if full is not None and d.year >= 1000 and _is_likely(full, today, past=past):
            value = full
    agreed, shown = zone.both_say(field), bool(same)
    if not zone.chosen.checks[field]:
        return Value(value.isoformat(), evidence.CHECKED if agreed and shown else evidence.GUESSED)
    return Value(value.isoformat(), evidence.weigh(1 + agreed + shown) if agreed or shown else evidence.CHECKED)


def _is_likely(day: date, today: date, *, past: bool) -> bool:
    """Nobody alive was born 120 years ago, and no paper is valid for longer than 60 years."""
    return today.year - 120 < day.year and day <= today if past else abs(day.year - today.year) <= 60


def _others(
    found: Sequence[tuple[dates.Printed, Seen]], today: date, known: tuple[str, str], birth: Value
) -> dict[date, bool]:
    """Further printed dates after the birth; true where both readers say the same day and no other order is
    possible."""
    out: dict[date, bool] = {}
    for printed_date, line in found:
        full = printed_date.on(today, past=False)
        if (
            full is None
            or printed_date.yymmdd in known
            or full.isoformat() <= birth.text
            or full.year > today.year + 60
        ):
            continue
        agreed = len(line.readings) == 2 and all(printed_date in dates.find(text) for text in line.readings)
        out[full] = out.get(full, False) or agreed
    return out


def _expiry_differs(others: dict[date, bool], seen: Sequence[Seen], today: date) -> bool:
    sure = {day for day, agreed in others.items() if agreed}
    if len(sure) >= 2:
        return True  # a day of issue and a day of expiry are printed, and neither is the zone's
    return any(day in sure for day in _labelled_dates(seen, "expiry_date", today))


def _birth_differs(zone: Zone, seen: Sequence[Seen], today: date) -> bool:
    return any(day.strftime("%y%m%d") != zone.chosen.birth for day in _labelled_dates(seen, "date_of_birth", today))


def _labelled_dates(seen: Sequence[Seen], key: str, today: date) -> set[date]:
    """Dates beside a faultless label that both readers read alike."""
    out = set()
    for place, exact in labelled(seen, LABELS[key]):
        ways = [set(dates.find(text)) for text in place.readings]
        if exact and len(ways) == 2:
            out |= {full for d in ways[0] & ways[1] if (full := d.on(today, past=False))}
    return out


def _issued(others: dict[date, bool], seen: Sequence[Seen], expiry: Value, today: date) -> Value:
    """The day of issue is in no zone: the one further printed day before today and the expiry."""
    last = min(today.isoformat(), expiry.text or today.isoformat())
    possible = [day for day in others if day.isoformat() <= last]
    possible = [day for day in possible if others[day]] or possible
    named = [day for day in possible if day in _labelled_dates(seen, "issue_date", today)]
    if len(named) == 1:
        return Value(named[0].isoformat(), evidence.CHECKED if others[named[0]] else evidence.ONCE)
    if len(possible) != 1:
        return Value("", 0.0)
    day = possible[0]
    ends = [date.fromisoformat(expiry.text)] if expiry.text else []
    whole = any(_whole_years(day, end) for end in [*ends, *(other for other in others if other > day)])
    return Value(day.isoformat(), evidence.CHECKED if whole and others[day] else evidence.ONCE)


def _whole_years(start: date, end: date) -> bool:
    """Papers are valid for whole years, to the day or to the day before."""
    return (
        any((day.month, day.day) == (start.month, start.day) for day in (end, end + timedelta(days=1))) and end > start
    )
