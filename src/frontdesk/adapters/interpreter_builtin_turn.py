"""One message against one form: its claims become updates, what is unclear becomes a question back."""

import re
from collections.abc import Sequence
from datetime import date

from frontdesk.adapters import interpreter_builtin_claims as parsing
from frontdesk.adapters.interpreter_builtin_blanks import Blanks
from frontdesk.adapters.interpreter_builtin_claims import Claim
from frontdesk.adapters.interpreter_builtin_filling import bare
from frontdesk.adapters.interpreter_builtin_matching import Match, find, pick
from frontdesk.adapters.interpreter_builtin_parts import looks_like_name
from frontdesk.adapters.interpreter_builtin_record import Outcome, is_person
from frontdesk.adapters.interpreter_builtin_shapes import certain_shapes
from frontdesk.adapters.interpreter_builtin_slots import Slot
from frontdesk.adapters.interpreter_builtin_statements import NEGATED, PLAIN
from frontdesk.adapters.interpreter_builtin_vocabulary import NO, SKIP, UNKNOWN, WRONG, YES
from frontdesk.adapters.interpreter_builtin_words import fold, words_of
from frontdesk.ports.interpreter import Ask

_CORRECTING = re.compile(
    r"^(?:no|not|actually|sorry|correction|i mean|i meant|wait|rather|oops|my mistake|nein|doch|eigentlich"
    r"|entschuldigung"
    r"|ich meinte|non|en fait|pardon|plutôt|en realidad|perdón|quise decir|it should)\b",
    re.IGNORECASE,
)
_SAME = re.compile(r"^(?:the\s+)?same\s+(?:as|like)\s+(?:my\s+|the\s+|our\s+)?(?P<s>.+)$", re.IGNORECASE)
_CURRENCY = re.compile(r"[$€£]|\b(?:dollars?|euros?|usd|eur)\b", re.IGNORECASE)
_POINTING = re.compile(r"^(?:its|his|her|their|she|he|they)\b", re.IGNORECASE)
_SMALL_VALUES = frozenset(("gender", "nationality"))
_OWNER = re.compile(r"\w['’]s?$")
_MOST_DEPTH = 4
_UNTIL = re.compile(
    r"^(?:to|until|till|through|bis(?:\s+zum)?|au|jusqu['’]au|hasta|al|[-–])\s+(?P<v>.+)$", re.IGNORECASE
)
_ALONG = (
    ("birth", re.compile(r"\b(?:in|à|en)\s+(?P<v>[A-ZÀ-Þ][^\d,]+?)(?=\s+on\b|\s+am\b|\s+le\b|,|$)"), "place of birth"),
    ("job", re.compile(r"\s(?:for|at|bei|chez)\s+(?P<v>[A-Z].*)$"), "employer"),
)
"""A thing, what is often told along with it, and how that is asked for."""


class Turn(Blanks):
    """Takes one message of a conversation against the slots of a form."""

    def __init__(self, slots: Sequence[Slot], ask: Ask, today: date, *, month_first: bool | None) -> None:
        super().__init__(slots, ask, today, self._earlier, month_first=month_first)
        self._known: dict[tuple[str, str], bool] = {}

    def _earlier(self, message: str) -> list[Slot]:
        """What an earlier message of the same person was about."""
        earlier = Turn(self._slots, Ask(message, self._ask.questions), self._today, month_first=self._month_first)
        return earlier.take(message).touched

    def take(self, message: str) -> Outcome:
        """Everything that the message says."""
        self._filling.is_lower = message == message.lower()
        if self._whole(message):
            return self.outcome
        self._correcting = _CORRECTING.match(message.strip()) is not None
        claims = parsing.claims(message, self._knows)
        whole = bool(claims) and all(each.kind in ("rest", "am", "reach") or each.is_weak for each in claims)
        if self._asked is not None and whole and self._answer(message, claims):
            return self.outcome
        sentence = 0
        for claim in claims:
            if claim.sentence != sentence:
                sentence, self._spoken_of = claim.sentence, self._spoken_of if _POINTING.match(claim.subject) else None
            self._claim(claim)
        return self.outcome

    def claim(self, claim: Claim) -> Outcome:
        """What one claim comes to."""
        self._filling.is_lower = claim.value == claim.value.lower()
        self._claim(claim)
        return self.outcome

    def _knows(self, said: str) -> bool:
        # Asked several times of the same words while a sentence is taken apart.
        asked = (said, self._spoken_of.id if self._spoken_of is not None else "")
        if asked not in self._known:
            self._known[asked] = self._names(said)
        return self._known[asked]

    def _names(self, said: str) -> bool:
        """Whether some words name a slot, a person of the form or an option."""
        if len(said) > 120 or not re.search(r"[^\W\d_]|\d[a-z]?$", said):
            return False
        if _OWNER.search(said.strip()) and words_of(said).roles and not words_of(said).tokens:
            return True
        if _POINTING.match(said) and len(said.split()) == 2:
            return True
        found = self._find(said)
        if found.slot is not None or found.rivals or self._name_slots(said) or words_of(said).tokens == {"@tin"}:
            return True
        return pick(said, self._slots, 0.85)[0] is not None

    # The whole message is one small word.

    def _whole(self, message: str) -> bool:
        said = fold(message)
        if said in WRONG:
            self._take_back()
            return True
        if said in SKIP and self._asked is not None:
            self._leave(self._asked)
            return True
        if said in UNKNOWN and not (self._asked is not None and self._asked.form in ("choice", "group")):
            self.outcome.unknown = True
            return True
        return False

    def _answer(self, message: str, claims: list[Claim]) -> bool:
        """The message as the answer to what was asked, taken whole."""
        slot = self._asked
        assert slot is not None
        text = parsing.opened(message.strip()) or message.strip()
        if slot.form in ("box", "group", "choice"):
            said = fold(message)
            for candidate in (said, fold(text)):
                if candidate in YES or candidate in NO:
                    return self._put(slot, candidate)
            first, polar = (said.split(" ") or [""])[0], any(option.polarity is not None for option in slot.options)
            if first in ("yes", "no", "ja", "nein", "oui", "non", "si") and (slot.form == "box" or polar):
                return self._put(slot, first)
            return self._put(slot, PLAIN.sub("", text), quietly=True)
        if len(claims) == 1 and claims[0].kind == "am" and not PLAIN.match(text):
            # `I am an LLC` ticks the box even when another field was asked about.
            if (
                pick(claims[0].value, self._slots)[0] is not None
                and slot.wants == "text"
                and not looks_like_name(claims[0].value)
            ):
                return False
            text = claims[0].value
        text = PLAIN.sub("", text).strip()
        if slot.wants == "text":
            strange = [shape for shape in certain_shapes(text) if len(shape.text) > 0.6 * len(text)]
            if strange and any(strange[0].kind == each.wants for each in self._slots):
                return False
            if fold(text) in UNKNOWN or fold(text) in YES | NO or self._correcting_other(text):
                return False
            if any(fold(text) == fold(each.label) for other in self._slots for each in other.questions):
                return False  # `Hot food: yes` is a box of the form, in its own words
            if "first" in slot.concepts and looks_like_name(text) and (parts := self._name_slots("name")):
                return self._add(self._filling.name(text, parts), *parts)
        return self._put(slot, text, quietly=slot.wants != "text")

    def _correcting_other(self, text: str) -> bool:
        return bool(self._correcting and self._last_slots() and self._asked not in self._last_slots())

    # One claim.

    def _claim(self, claim: Claim, depth: int = 0) -> None:
        if claim.kind == "question":
            self.outcome.asked.append(claim.value)
        elif claim.kind == "value":
            self._value(claim, depth)
        elif claim.kind in ("am", "rest", "reach"):
            self._loose(claim)
        elif claim.kind in ("skip", "decline"):
            self._blank(claim)
        elif claim.kind in ("on", "off"):
            self._tick(claim)
        elif claim.kind == "sign":
            self.outcome.must_sign = True
        elif claim.kind == "other":
            self._other(claim.subject)

    def _value(self, claim: Claim, depth: int) -> None:
        subject, value = claim.subject, claim.value
        if is_person(owned := self._owned(subject)) and _is_shape(value):
            self._loose(Claim("am", owned, value))  # `my landlord is …, his number is …`
            return
        found = self._find(subject)
        if found.slot is None or found.slot.wants != "amount":
            found = self._money(subject, value) or found
        if (slots := self._name_slots(self._owned(subject))) and (found.slot is None or found.score < 0.95):
            if is_person(self._owned(subject)) and not looks_like_name(value.split(",")[0]):
                self._loose(Claim("am", self._owned(subject), value))
                return
            self._add(self._filling.name(value, slots), *slots)
            return
        same = _SAME.match(bare(value))
        if same is not None and found.slot is not None:
            self._copy(found.slot, same["s"])
            return
        if found.slot is None:
            found = self._by_value(found, subject, value)
        if found.slot is None:
            picked, _ = pick(subject, self._slots)
            if picked is not None and fold(value) in YES | NO:
                self._set_box(picked, fold(value) in YES)
            elif claim.is_weak:
                self._loose(Claim("rest", value=f"{subject} {value}"))
            elif self._whole_statement(claim):
                return
            elif found.rivals:
                self.outcome.unclear.append(found.rivals)
            return
        if fold(value) in SKIP:
            self._leave(found.slot)
            return
        value = self._in_one_breath(found.slot, value)
        filled = self._filling.put(found.slot, value)
        if not filled.updates and not claim.is_weak and self._whole_statement(claim):
            return
        small = claim.is_weak and value.islower() and not found.slot.options and not found.slot.concepts & _SMALL_VALUES
        if not filled.updates or small:
            if claim.is_weak:
                self._loose(Claim("rest", value=f"{subject} {value}"))
            else:
                self.outcome.unfit.append(found.slot)
                self._spoken_of = found.slot
            return
        self._add(filled.updates, found.slot)
        rest = self._until(found.slot, filled.rest.strip(" ,;."))
        if rest and depth < _MOST_DEPTH:
            for more in parsing.claims(rest, self._knows):
                self._claim(more, depth + 1)

    def _in_one_breath(self, slot: Slot, value: str) -> str:
        """`Born on May 3 in Lyon`, `a clerk for Bluefin Labs`: the other thing that is told along; what is left."""
        for concept, pattern, said in _ALONG:
            match = pattern.search(value) if concept in slot.concepts else None
            other = self._find(said).slot if match is not None else None
            if match is not None and other is not None and other is not slot and other.is_empty:
                self._put(other, match["v"], quietly=True)
                return f"{value[: match.start()]} {value[match.end() :]}".strip(" ,")
        return value

    def _until(self, slot: Slot, rest: str) -> str:
        """`From March 2 to June 30`: the second date is that of the next field."""
        match = _UNTIL.match(rest)
        after = self._slots[self._slots.index(slot) + 1 :][:1]
        if match is None or slot.wants != "date" or not after or after[0].wants != "date":
            return rest
        self._put(after[0], match["v"], quietly=True)
        return ""

    def _whole_statement(self, claim: Claim) -> bool:
        """`An extension was filed`: no value for a thing, but a box of the form in its own words; or a number."""
        said = f"{claim.subject} {claim.value}"
        return self._state(said, NEGATED.search(said) is not None, loose=True) or self._measure(said)

    def _money(self, subject: str, value: str) -> Match | None:
        """`$200 into the first account` is its amount, not its number."""
        if not _CURRENCY.search(value):
            return None
        found = find(f"{self._owned(subject)} amount", [slot for slot in self._slots if slot.wants == "amount"])
        return found if found.slot is not None else None

    def _by_value(self, found: Match, subject: str, value: str) -> Match:
        """Which of several fits the value; the tax number of whichever kind it is written as."""
        rivals: Sequence[Slot] = found.rivals
        if not rivals and words_of(subject).concepts == {"tin"}:
            words = words_of(subject)
            rivals = [slot for slot in self._slots if slot.wants in ("ssn", "ein") and slot.roles == words.roles]
            kinds = {shape.kind for shape in certain_shapes(value)}
            rivals = [slot for slot in rivals if slot.wants in kinds]
        if looks_like_name(bare(value).split(",")[0]):
            # `Second signatory: Owen Pugh, owen@example.org`
            named = [slot for slot in rivals if slot.concepts == {"name"}]
            if len(named) == 1:
                return Match(named[0], 1.0)
        fitting = [slot for slot in rivals if self._filling.put(slot, value).updates and slot.wants != "text"]
        return Match(fitting[0], 1.0) if len(fitting) == 1 else found

    def _copy(self, slot: Slot, source: str) -> None:
        found = self._find(source)
        value = found.slot.questions[0].value if found.slot is not None and found.slot is not slot else None
        if found.slot is not None:
            new = self.outcome.updates.get(found.slot.id)
            value = new.value if new is not None and new.action == "propose" else value
        if isinstance(value, str):
            self._put(slot, value, quietly=True)


def _is_shape(value: str) -> bool:
    return any(len(shape.text) > 0.6 * len(value) for shape in certain_shapes(value))
