"""Fields of a paper with a machine-readable zone: each value with the witnesses that the paper has for it."""

from collections.abc import Sequence
from datetime import date

import msgspec
from rapidfuzz import fuzz

from frontdesk.kyc.checks import countries, evidence
from frontdesk.kyc.checks.evidence import Value
from frontdesk.kyc.checks.text import foldings, squeeze
from frontdesk.kyc.checks.visual import Seen
from frontdesk.kyc.checks.zone import Zone, is_printed
from frontdesk.kyc.checks.zone_dates import date_fields

_KINDS = {
    "P": "passport",
    "V": "visa",
    "I": "national_id",
    "A": "national_id",
    "C": "national_id",
    "D": "driver_license",
}


class Found(msgspec.Struct, frozen=True):
    """Values by key, and what is wrong with the paper or the reading."""

    kind: str
    values: dict[str, Value]
    issues: tuple[str, ...]


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
        **date_fields(zone, seen, today, issues),
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


def _name(zone: Zone, field: str, seen: Sequence[Seen]) -> Value:
    """Names have no check digit: the other reader or the printed part has to say the same."""
    name = getattr(zone.chosen, field)
    if not name:
        return Value("", 0.0)
    agreed, shown = zone.both_say(field), is_printed(name, seen)
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
