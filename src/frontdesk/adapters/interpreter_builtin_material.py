"""Supporting material against a form: keys against labels, lines and sentences as if they were said."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from frontdesk.adapters.interpreter_builtin_claims import Claim
from frontdesk.adapters.interpreter_builtin_matching import Match, find, pick
from frontdesk.adapters.interpreter_builtin_record import Outcome
from frontdesk.adapters.interpreter_builtin_slots import Slot
from frontdesk.adapters.interpreter_builtin_turn import Turn
from frontdesk.adapters.interpreter_builtin_vocabulary import NO, YES
from frontdesk.adapters.interpreter_builtin_words import fold, words_of
from frontdesk.adapters.interpreter_values import is_signature, kept
from frontdesk.ports.interpreter import Ask, Finding, Matched, Passage, Question, Update

Confidence = Literal["high", "medium", "low"]
MOST_PASSAGES = 4_000
MOST_LINES = 1_500
"""Lines of running text that are looked at, over all passages."""
LONGEST_LINE = 1_200
_QUOTE = 200
_ORDER: tuple[Confidence, ...] = ("low", "medium", "high")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LABELLED = re.compile(r"^\W{0,3}(?P<key>[^:=\t|]{2,80}?)\s*(?::|=|\t|\||\s{3,}|\.{4,})\s*(?P<value>\S.*)$")


@dataclass(frozen=True, slots=True)
class _Offer:
    update: Update
    source: str
    quote: str
    confidence: Confidence


class Material:
    """Gathers what passages say of the fields of one form."""

    def __init__(
        self, questions: Sequence[Question], slots: Sequence[Slot], today: date, *, month_first: bool | None
    ) -> None:
        self._questions = tuple(questions)
        self._signed = _beside_signatures(questions)
        self._slots = tuple(slots)
        self._today = today
        self._month_first = month_first
        self._offers: dict[str, list[_Offer]] = {}
        self._dropped: list[tuple[str, str, str]] = []
        self._lines = 0

    def take(self, passage: Passage) -> None:
        """One passage more."""
        if passage.key is not None:
            self._keyed(passage.key, passage.text, passage, certain=True)
            return
        for line in _lines(passage.text):
            self._lines += 1
            if self._lines > MOST_LINES:
                return
            labelled = _LABELLED.match(line)
            if labelled is not None and self._keyed(labelled["key"], labelled["value"], passage, certain=False):
                continue
            self._said(line, passage)

    def _keyed(self, key: str, text: str, passage: Passage, *, certain: bool) -> bool:
        found, wording = self._slot_of(key)
        if not text.strip():
            return False
        quote = f"{key}: {text}"
        if found.slot is not None and found.slot.id in self._signed:
            return True
        if found.slot is None:
            return self._box(wording, text, passage, quote)
        outcome = self._turn(text).claim(Claim("value", wording, text))
        if not outcome.updates:
            if found.score >= 0.7:
                kind = _KINDS.get(found.slot.wants, "value for it")
                self._dropped.append((found.slot.id, text[:_QUOTE], f"this is no {kind}"))
            return found.score >= 0.7
        confidence: Confidence = "high" if found.score >= 0.8 else "medium" if found.score >= 0.6 or certain else "low"
        self._offer(_proposed(outcome), passage, quote, confidence)
        return True

    def _slot_of(self, key: str) -> tuple[Match, str]:
        """By the whole path of a key first (`spouse.phone`), then by its last part alone."""
        spoken = " ".join(_CAMEL.sub(" ", re.sub(r"[._/\[\]-]+", " ", key)).split())
        whole = find(spoken, self._slots)
        last = _CAMEL.sub(" ", re.split(r"[./\[\]]+", key.strip("./[]"))[-1]).replace("_", " ")
        if whole.slot is not None or last == spoken or words_of(spoken).roles != words_of(last).roles:
            return whole, spoken
        short = find(last, self._slots)
        return replace(short, score=short.score * 0.85), last

    def _box(self, wording: str, text: str, passage: Passage, quote: str) -> bool:
        answer = True if fold(text) in YES | {"x", "1"} else False if fold(text) in NO | {"0"} else None
        picked, _ = pick(wording, self._slots, 0.75)
        if picked is None or answer is None or picked.slot.form == "choice":
            return False
        self._offer(
            (Update(picked.option.id, "propose", answer),), passage, quote, "high" if picked.score > 0.9 else "medium"
        )
        return True

    def _said(self, line: str, passage: Passage) -> None:
        outcome = self._turn(line).take(line)
        self._offer(_proposed(outcome), passage, line, "medium" if len(line) < 300 else "low")

    def _turn(self, text: str) -> Turn:
        return Turn(self._slots, Ask(text, self._questions), self._today, month_first=self._month_first)

    def _offer(self, updates: Sequence[Update], passage: Passage, quote: str, confidence: Confidence) -> None:
        for update in updates:
            if update.id in self._signed:
                continue
            offer = _Offer(update, passage.source, " ".join(quote.split())[:_QUOTE], confidence)
            self._offers.setdefault(update.id, []).append(offer)

    def matched(self) -> Matched:
        """The best of what was offered for each field; what contradicts it lowers its confidence."""
        chosen: list[_Offer] = []
        for question in self._questions:
            offers = self._offers.get(question.id)
            if offers:
                best = max(offers, key=lambda offer: _ORDER.index(offer.confidence))
                others = [offer for offer in offers if not _same(offer.update.value, best.update.value)]
                for other in others:
                    self._dropped.append(
                        (question.id, str(other.update.value)[:_QUOTE], f"{best.source} says otherwise")
                    )
                if any(_ORDER.index(other.confidence) >= _ORDER.index(best.confidence) - 1 for other in others):
                    best = replace(
                        best, confidence=_ORDER[max(0, _ORDER.index(best.confidence) - 1 - (len(others) > 2))]
                    )
                chosen.append(best)
        holdable = {
            update.id: update for update in kept(self._questions, (offer.update for offer in chosen), self._today)
        }
        findings = []
        for offer in chosen:
            update = holdable.get(offer.update.id)
            if update is None or update.value is None:
                self._dropped.append(
                    (offer.update.id, str(offer.update.value)[:_QUOTE], "only one box of this group can be on")
                )
            elif update.value is not False:
                findings.append(Finding(update.id, update.value, offer.source, offer.quote, offer.confidence))
        return Matched(tuple(findings), tuple(dict.fromkeys(self._dropped)))


_KINDS = {
    "email": "e-mail address",
    "phone": "telephone number",
    "date": "date",
    "amount": "number",
    "ssn": "social security number",
    "ein": "employer identification number",
    "iban": "IBAN",
    "vat": "VAT number",
    "routing": "routing number",
    "zip": "ZIP code",
    "choice": "choice of this field",
}


def _beside_signatures(questions: Sequence[Question]) -> set[str]:
    """The dates that whoever signs writes beside the signature: they stay blank too."""
    places = [place for place, question in enumerate(questions) if is_signature(question)]
    return {
        question.id
        for place, question in enumerate(questions)
        if words_of(question.label).tokens <= {"date", "dat", "sign", "signatur", "@signature"}
        and "date" in question.label.lower() + question.data_type
        and any(abs(place - at) <= 2 for at in places)
    }


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        for start in range(0, len(line.rstrip()), LONGEST_LINE):
            part = line[start : start + LONGEST_LINE].strip()
            if part:
                yield part


def _proposed(outcome: Outcome) -> list[Update]:
    # A paper answers no question and takes nothing back: only what it states counts.
    return [update for update in outcome.updates.values() if update.action == "propose"]


def _same(one: object, other: object) -> bool:
    return one == other or (isinstance(one, str) and isinstance(other, str) and fold(one) == fold(other))
