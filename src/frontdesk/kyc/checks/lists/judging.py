"""Judging an entry against a subject: the name decides, then birth, country, kind and numbers raise or lower."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import msgspec

from frontdesk.kyc.checks.names.likeness import Likeness, compare
from frontdesk.kyc.model.screening import Born, Listed, Subject, Verdict

REVIEW_FROM, MATCH_FROM = 0.8, 0.93
"""From here a person must look; from here it is a match."""
WEAK = 0.95
_HOPELESS = 0.45
"""A name below this is another name: a day of birth alone makes nobody somebody else."""
_SAME_DAY, _FITTING_BIRTH, _SAME_COUNTRY, _SAME_NUMBER = 0.5, 0.25, 0.15, 0.7
"""Which part of what is lacking to certainty each of these gives."""
_OTHER_BIRTH, _OTHER_COUNTRY, _OTHER_KIND = 0.8, 0.96, 0.9
_LEAST_BY_NUMBER = 0.85
"""A paper's number that stands in the entry needs a person, whatever the name."""
_ABOUT = timedelta(days=3 * 366)
_SLIP = timedelta(days=366)
SHORTEST_NUMBER = 5


class _Effect(msgspec.Struct, frozen=True):
    part: str
    score: float
    says: str

    def shown(self) -> dict[str, Any]:
        return {"part": self.part, "score": round(self.score, 3), "says": self.says}


def judge(subject: Subject, entry: Listed) -> Verdict:
    """How well the entry fits. `explanation` has a line for each part: `part`, the `score` after it, what it `says`."""
    if subject.kind == "wallet":
        return _judge_wallet(subject, entry)
    likeness, listed, is_weak = _best_name(subject.text, entry)
    score, shared = likeness.score, _shared_numbers(subject, entry)
    if score < _HOPELESS and not shared:
        return Verdict(round(score, 3), listed, ())
    effects = [_Effect("name", score, _says(likeness))]
    if is_weak:
        score *= WEAK
        effects.append(_Effect("alias", score, "the listed name is a weak alias"))
    for part, factor, says in (_kind(subject, entry), _birth(subject, entry), _country(subject, entry)):
        if factor is not None:
            score = score * -factor if factor < 0 else score + (1 - score) * factor
            effects.append(_Effect(part, score, says))
    if shared:
        score = max(_LEAST_BY_NUMBER, score + (1 - score) * _SAME_NUMBER)
        effects.append(_Effect("number", score, f"the number {shared[0]} stands in the entry"))
    return Verdict(round(score, 3), listed, tuple(effect.shown() for effect in effects))


def _judge_wallet(subject: Subject, entry: Listed) -> Verdict:
    wanted = exact_number(subject.text)
    listed = [*entry.numbers, *(name.text for name in entry.names)]
    hit = next((one for one in listed if exact_number(one) == wanted), None)
    if hit is None:
        return Verdict(0.0, entry.names[0].text, ())
    return Verdict(1.0, hit, (_Effect("wallet", 1.0, "the address stands in the entry").shown(),))


def _best_name(asked: str, entry: Listed) -> tuple[Likeness, str, bool]:
    judged = ((compare(asked, name.text), name.text, name.is_weak) for name in entry.names)
    return max(judged, key=lambda each: each[0].score * (WEAK if each[2] else 1))


def _says(likeness: Likeness) -> str:
    said = [
        f"{one} is {other}" if score == 1 else f"{one} is like {other} ({score:.2f})"
        for one, other, score in likeness.pairs
    ]
    said += [f"{word} is in the session's name only" for word in likeness.only_asked]
    said += [f"{word} is in the listed name only" for word in likeness.only_listed]
    return "; ".join(said) or "no word is alike"


_Part = tuple[str, float | None, str]
"""The part, which share of the doubt it takes (or, negative, by what it lowers the score), and why."""


def _kind(subject: Subject, entry: Listed) -> _Part:
    known = {"person", "entity"}
    if subject.kind in known and entry.kind != "unknown" and entry.kind != subject.kind:
        return "kind", -_OTHER_KIND, f"the entry is of kind {entry.kind}, the name that of kind {subject.kind}"
    return "kind", None, ""


def _birth(subject: Subject, entry: Listed) -> _Part:
    if subject.born is None or not entry.born:
        return "birth_date", None, ""
    day = date.fromisoformat(subject.born)
    fits = {_fit(day, one) for one in entry.born}
    if "same" in fits:
        return "birth_date", _SAME_DAY, f"{subject.born} is the listed day of birth"
    if "fits" in fits:
        return "birth_date", _FITTING_BIRTH, f"{subject.born} fits the listed time of birth"
    if "slip" in fits:
        return "birth_date", None, ""
    return "birth_date", -_OTHER_BIRTH, f"{subject.born} is none of the listed days of birth"


def _fit(day: date, born: Born) -> str:
    earliest, latest = date.fromisoformat(born.earliest), date.fromisoformat(born.latest)
    if born.is_about:
        return "fits" if earliest - _ABOUT <= day <= latest + _ABOUT else "differs"
    if earliest <= day <= latest:
        return "same" if earliest == latest else "fits"
    if earliest - _SLIP <= day <= latest + _SLIP or _turned(day, earliest):
        return "slip"
    return "differs"


def _turned(day: date, other: date) -> bool:
    """Day and month the other way round, or one of the three mistyped."""
    if day.year == other.year and (day.month, day.day) == (other.day, other.month):
        return True
    return sum(one == two for one, two in zip(day.timetuple()[:3], other.timetuple()[:3], strict=True)) == 2


def _country(subject: Subject, entry: Listed) -> _Part:
    if not subject.countries or not entry.countries:
        return "country", None, ""
    shared = sorted(set(subject.countries) & set(entry.countries))
    if shared:
        return "country", _SAME_COUNTRY, f"{', '.join(shared)} is a country of both"
    return "country", -_OTHER_COUNTRY, f"none of {', '.join(sorted(entry.countries))} is a country of the session"


def exact_number(text: str) -> str:
    """A number as it is compared: without spaces and signs; capitals count only where an alphabet has both cases."""
    bare = "".join(letter for letter in text if letter.isalnum())
    mixed = bare.lower() != bare and bare.upper() != bare and not bare.lower().startswith(("0x", "bc1"))
    return bare if mixed else bare.lower()


def number_keys(numbers: Iterable[str]) -> Iterator[str]:
    """The words under which numbers are indexed: no name has a word like these."""
    for one in numbers:
        bare = exact_number(one)
        if len(bare) >= SHORTEST_NUMBER:
            yield f"#{bare}"


def _shared_numbers(subject: Subject, entry: Listed) -> list[str]:
    return sorted(key[1:] for key in set(number_keys(subject.numbers)) & set(number_keys(entry.numbers)))
