"""Fields of a paper with a machine-readable zone: each value with the witnesses that the paper has for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rapidfuzz import fuzz

from frontdesk.kyc.checks import countries, dates, evidence
from frontdesk.kyc.checks.evidence import Value
from frontdesk.kyc.checks.mrz import Mrz, best, parse
from frontdesk.kyc.checks.text import foldings, squeeze
from frontdesk.kyc.checks.visual import LABELS, Seen, labelled, with_neighbours
from frontdesk.ports.ocr import BandLine, Page

_KINDS = {
    "P": "passport",
    "V": "visa",
    "I": "national_id",
    "A": "national_id",
    "C": "national_id",
    "D": "driver_license",
}


@dataclass(frozen=True, slots=True)
class Zone:
    """The zone of a page: the chosen reading, and what each reader made of it alone."""

    chosen: Mrz
    first: Mrz | None
    second: Mrz | None

    def both_say(self, field: str) -> bool:
        """Both readers, each on its own, arrive at the chosen value."""
        value = getattr(self.chosen, field)
        return all(one is not None and getattr(one, field) == value for one in (self.first, self.second))


@dataclass(frozen=True, slots=True)
class Found:
    """Values by key, and what is wrong with the paper or the reading."""

    kind: str
    values: dict[str, Value]
    issues: tuple[str, ...]


def find_zone(page: Page, seen: Sequence[Seen]) -> Zone | None:
    """The zone with most right check digits; at least two of them must be right."""
    rows = _rows(page.band)
    zones = []
    for height in (3, 2):
        for start in range(len(rows) - height + 1):
            lines = rows[start : start + height]
            ranked = [zone for zone in best(lines) if sum(zone.checks.values()) >= 2]
            if ranked:
                top = [zone for zone in ranked if zone.checks == ranked[0].checks]
                chosen = max(top, key=lambda zone: _names_printed(zone, seen))
                zones.append(Zone(chosen, parse([row[0] for row in lines]), parse([row[-1] for row in lines])))
    return max(zones, key=lambda zone: sum(zone.chosen.checks.values()), default=None)


def fields(zone: Zone, seen: Sequence[Seen], today: date) -> Found:
    """Every key that the zone and what is printed, on this page and the others, give."""
    mrz = zone.chosen
    issues: list[str] = []
    values = {
        "surname": _name(zone, "surname", seen),
        "given_names": _name(zone, "given_names", seen),
        "document_number": _number(zone, seen),
        "gender": _letter(zone),
        "nationality": _country(zone, "nationality"),
        "issuing_country": _country(zone, "issuer"),
        "document_subtype": Value(
            mrz.document_code, evidence.TWICE if zone.both_say("document_code") else evidence.ONCE
        ),
        "mrz_valid": _validity(zone),
        **_dates(zone, seen, today, issues),
    }
    names = [values[key] for key in ("given_names", "surname")]
    full = " ".join(name.text for name in names if name.text)
    values["full_name"] = Value(full, min(name.score for name in names if name.text) if full else 0.0)
    if not mrz.valid:
        issues.append("mrz_check_digits_wrong")
    for key, code in (("nationality", mrz.nationality), ("issuing_country", mrz.issuer)):
        if values[key].text == "" and code:
            issues.append(f"{key}_without_alpha2")
    return Found(
        _KINDS.get(mrz.document_code[:1], "unknown"),
        {k: v for k, v in values.items() if v.text},
        tuple(issues),
    )


def _rows(band: Sequence[BandLine]) -> list[tuple[str, ...]]:
    """Readings per row from top to bottom; pieces of one row are put together from left to right."""
    rows: list[list[BandLine]] = []
    for line in sorted(band, key=lambda line: _middle(line)):
        height = max(line.quad[5], line.quad[7]) - min(line.quad[1], line.quad[3])
        if rows and abs(_middle(rows[-1][0]) - _middle(line)) < 0.5 * height:
            rows[-1].append(line)
        else:
            rows.append([line])
    out: list[tuple[str, ...]] = []
    for row in rows:
        pieces = sorted(row, key=lambda line: line.quad[0])
        out.append(("".join(p.first for p in pieces), "".join(p.second for p in pieces)))
    return out


def _middle(line: BandLine) -> float:
    return sum(line.quad[1::2]) / 4


def _names_printed(mrz: Mrz, seen: Sequence[Seen]) -> int:
    return sum(_is_printed(name, seen) for name in (mrz.surname, mrz.given_names))


def _is_printed(name: str, seen: Sequence[Seen]) -> bool:
    """Printed as a line of its own, or among the words of a line that holds more than this name."""
    if not name:
        return False
    bare = name.replace(" ", "")
    for line in seen:
        for text in line.readings:
            for folded in foldings(text):
                if folded.replace(" ", "") == bare or f" {name} " in f" {folded} ":
                    return True
    return False


def _name(zone: Zone, field: str, seen: Sequence[Seen]) -> Value:
    """Names have no check digit: the other reader or the printed part has to say the same."""
    name = getattr(zone.chosen, field)
    if not name:
        return Value("", 0.0)
    agreed, shown = zone.both_say(field), _is_printed(name, seen)
    if agreed and not shown and _is_contradicted(name, seen):
        return Value(name, evidence.DOUBTED)
    return Value(name, evidence.weigh(1 + agreed + shown))


def _is_contradicted(name: str, seen: Sequence[Seen]) -> bool:
    """Both readers see a printed word that is almost this name, and agree on how it differs."""
    bare = name.replace(" ", "")
    for line in seen:
        ways = {folded.replace(" ", "") for folded in foldings(line.text)}
        if line.agreed and ways and all(70 < fuzz.ratio(bare, way) < 100 for way in ways):
            return True
    return False


def _number(zone: Zone, seen: Sequence[Seen]) -> Value:
    """Some look-alikes (G and 6, L and 1, S and 8) are worth the same to a check digit, so alone it is no
    proof here."""
    mrz = zone.chosen
    if not mrz.number:
        return Value("", 0.0)
    shown = (
        any(squeeze(mrz.number) in squeeze(text) for line in seen for text in line.readings) and len(mrz.number) >= 5
    )
    agreed = zone.both_say("number")
    if not mrz.checks["number"]:
        return Value(mrz.number, evidence.CHECKED if agreed and shown else evidence.GUESSED)
    if not agreed and not shown:
        return Value(mrz.number, evidence.DOUBTED)
    return Value(mrz.number, evidence.weigh(1 + agreed + shown))


def _validity(zone: Zone) -> Value:
    """Right digits prove themselves; wrong ones may be a misreading, unless both readers see the same wrong
    zone."""
    if zone.chosen.valid:
        return Value("true", evidence.TWICE)
    same = zone.first is not None and zone.second is not None and zone.first.lines == zone.second.lines
    return Value("false", evidence.TWICE if same else evidence.ONCE)


def _letter(zone: Zone) -> Value:
    sex = zone.chosen.sex
    if sex not in ("M", "F", "X"):
        return Value("", 0.0)  # a filler means that the state does not say
    return Value(sex, evidence.TWICE if zone.both_say("sex") else evidence.ONCE)


def _country(zone: Zone, field: str) -> Value:
    code = countries.alpha2(getattr(zone.chosen, field))
    if code is None:
        return Value("", 0.0)
    return Value(code, evidence.TWICE if zone.both_say(field) else evidence.ONCE)


def _dates(zone: Zone, seen: Sequence[Seen], today: date, issues: list[str]) -> dict[str, Value]:
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
        if full is not None and d.year >= 1000 and (full <= today if past else 1950 < full.year < 2100):
            value = full
    agreed, shown = zone.both_say(field), bool(same)
    if not zone.chosen.checks[field]:
        return Value(value.isoformat(), evidence.CHECKED if agreed and shown else evidence.GUESSED)
    return Value(value.isoformat(), evidence.weigh(1 + agreed + shown) if agreed or shown else evidence.CHECKED)


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
