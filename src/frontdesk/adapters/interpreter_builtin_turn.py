"""One message against one form: its claims become updates, what is unclear becomes a question back."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from frontdesk.adapters import interpreter_builtin_claims as parsing
from frontdesk.adapters.interpreter_builtin_claims import Claim
from frontdesk.adapters.interpreter_builtin_filling import bare
from frontdesk.adapters.interpreter_builtin_matching import Match, Picked, find, pick
from frontdesk.adapters.interpreter_builtin_parts import looks_like_name, place_of
from frontdesk.adapters.interpreter_builtin_record import Outcome, Record
from frontdesk.adapters.interpreter_builtin_shapes import Shape, certain_shapes, shapes
from frontdesk.adapters.interpreter_builtin_slots import Slot
from frontdesk.adapters.interpreter_builtin_vocabulary import NO, SKIP, UNKNOWN, WRONG, YES
from frontdesk.adapters.interpreter_builtin_words import Words, fold, words_of
from frontdesk.ports.interpreter import Ask, Update

_CORRECTING = re.compile(
    r"^(?:no|not|actually|sorry|correction|i mean|i meant|wait|rather|oops|my mistake|nein|doch|eigentlich"
    r"|entschuldigung"
    r"|ich meinte|non|en fait|pardon|plutôt|en realidad|perdón|quise decir|it should)\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:not|never|no|nobody|none|neither|nor|no one|nicht|kein\w*|nie|niemand|pas|jamais|aucun\w*|personne"
    r"|nunca|nadie)\b"
    r"|n['’]t\b",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    r"^(?:it['’]?s|it is|that['’]s|that is|this is|it would be|that would be|it should be|make it|make that|i"
    r" meant|i mean|use|put"
    r"|the answer is|my answer is|es ist|das ist|das wäre|c['’]est|ce serait|es|sería|son)\s+",
    re.IGNORECASE,
)  # fmt: skip
_SAME = re.compile(r"^(?:the\s+)?same\s+(?:as|like)\s+(?:my\s+|the\s+|our\s+)?(?P<s>.+)$", re.IGNORECASE)
_CURRENCY = re.compile(r"[$€£]|\b(?:dollars?|euros?|usd|eur)\b", re.IGNORECASE)
_POINTING = re.compile(r"^(?:its|his|her|their|she|he|they)\b", re.IGNORECASE)
_SMALL_VALUES = frozenset(("gender", "nationality"))
_OWNER = re.compile(r"\w['’]s?$")
_MOST_DEPTH = 4


class Turn(Record):
    """Takes one message of a conversation against the slots of a form."""

    def __init__(self, slots: Sequence[Slot], ask: Ask, today: date, *, month_first: bool | None) -> None:
        super().__init__(slots, ask, today, month_first=month_first)
        self._asked = next((slot for slot in slots if ask.asked in [question.id for question in slot.questions]), None)
        self._before: list[Slot] | None = None
        self._correcting = False

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

    def _knows(self, said: str) -> bool:
        if len(said) > 120 or not re.search(r"[^\W\d_]|\d[a-z]?$", said):
            return False
        if _OWNER.search(said.strip()) and words_of(said).roles and not words_of(said).tokens:
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

    def _take_back(self) -> None:
        proposed = [slot for slot in self._slots if any(question.state == "proposed" for question in slot.questions)]
        if self._asked is not None and self._asked in proposed:
            self._decline(self._asked)
            return
        said_before = [slot for slot in self._last_slots() if slot in proposed]
        candidates = said_before or proposed
        if len(candidates) == 1:
            self._decline(candidates[0])
        elif candidates:
            self.outcome.unclear.append(tuple(candidates[:4]))

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
            return self._put(slot, _PLAIN.sub("", text), quietly=True)
        if len(claims) == 1 and claims[0].kind == "am" and not _PLAIN.match(text):
            # `I am an LLC` ticks the box even when another field was asked about.
            if (
                pick(claims[0].value, self._slots)[0] is not None
                and slot.wants == "text"
                and not looks_like_name(claims[0].value)
            ):
                return False
            text = claims[0].value
        text = _PLAIN.sub("", text).strip()
        if slot.wants == "text":
            strange = [shape for shape in certain_shapes(text) if len(shape.text) > 0.6 * len(text)]
            if strange and any(strange[0].kind == each.wants for each in self._slots):
                return False
            if fold(text) in UNKNOWN or fold(text) in YES | NO or self._correcting_other(text):
                return False
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
        found = self._find(subject)
        if found.slot is None or found.slot.wants != "amount":
            found = self._money(subject, value) or found
        if (slots := self._name_slots(self._owned(subject))) and (found.slot is None or found.score < 0.95):
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
            elif found.rivals:
                self.outcome.unclear.append(found.rivals)
            return
        if fold(value) in SKIP:
            self._leave(found.slot)
            return
        filled = self._filling.put(found.slot, value)
        small = claim.is_weak and value.islower() and not found.slot.options and not found.slot.concepts & _SMALL_VALUES
        if not filled.updates or small:
            if claim.is_weak:
                self._loose(Claim("rest", value=f"{subject} {value}"))
            else:
                self.outcome.unfit.append(found.slot)
            return
        self._add(filled.updates, found.slot)
        rest = filled.rest.strip(" ,;.")
        if rest and depth < _MOST_DEPTH:
            for more in parsing.claims(rest, self._knows):
                self._claim(more, depth + 1)

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
        fitting = [slot for slot in rivals if self._filling.put(slot, value).updates and slot.wants != "text"]
        return Match(fitting[0], 1.0) if len(fitting) == 1 else found

    def _loose(self, claim: Claim) -> None:
        """A clause that names no field: a telling shape, a correction, an option, a name."""
        shaped = [shape for shape in certain_shapes(claim.value) if self._place_shape(shape, claim)]
        if shaped or claim.kind == "reach":
            return
        claim = replace(claim, value=_affirmed(claim.value))
        value = bare(_PLAIN.sub("", parsing.opened(claim.value) or claim.value))
        if self._correcting and self._correct(value):
            return
        who = words_of(claim.subject).roles
        said = f"{claim.subject} {claim.value}" if who else claim.value
        last = self._spoken_of
        if claim.kind == "rest" and last is not None and last.form == "box" and last.roles:
            # `My wife is a student and legally blind`
            said = " ".join([*sorted(last.roles), claim.value])
        is_negated = _NEGATED.search(claim.value) is not None
        if self._state(said, is_negated, loose=claim.kind == "rest"):
            return
        if not is_negated and self._pieces(value if claim.kind == "am" else claim.value, claim.subject if who else ""):
            return
        if claim.kind == "am" and not who and not looks_like_name(value):
            # `I'm Jane Roe, 45 Temple Ave, Provo, UT 84601`
            head, _, tail = value.partition(",")
            place = self._find("address").slot
            if looks_like_name(head) and place_of(tail.strip()) is not None and place is not None and place.is_empty:
                self._put(place, tail.strip(), quietly=True)
                value = head
        if claim.kind == "am" and looks_like_name(value):
            owned = f"{claim.subject} name" if who else "name"
            found = self._find(owned)
            parts = [slot for slot in self._name_slots(owned) if slot.is_empty]
            if parts and found.score < 0.95:
                self._add(self._filling.name(value, parts), *parts)
            elif found.slot is not None and found.slot.is_empty:
                self._put(found.slot, value, quietly=True)

    def _pieces(self, text: str, owner: str = "") -> bool:
        """`Ada Lovelace, female, German`: what each piece can be, if it can be one thing only."""
        pieces = [piece.strip() for piece in re.split(r",|\band\b|\bund\b|\bet\b", text) if piece.strip()]
        placed = False
        for place, piece in enumerate(pieces[:12]):
            picked = self._nearest(piece) if not owner else None
            if picked is not None:
                self._set_box(picked, True)
                placed = True
            elif len(pieces) > 1 and self._state(f"{owner} {piece}".strip(), False, loose=True):
                placed = True
            elif place == 0 and len(pieces) > 1 and not owner and looks_like_name(piece):
                parts = [slot for slot in self._name_slots("name") if slot.is_empty]
                placed = bool(parts) and self._add(self._filling.name(piece, parts), *parts)
        return placed

    def _nearest(self, said: str) -> Picked | None:
        """The one option that is called so; of several, the one beside what was spoken of."""
        plain = [slot for slot in self._slots if all(option.polarity is None for option in slot.options)]
        picked, rivals = pick(said, plain, 0.9)
        last = self._spoken_of
        if picked is None and last is not None:
            near = [each for each in rivals if each.slot.ordinals == last.ordinals and each.slot.roles == last.roles]
            picked = near[0] if len(near) == 1 and last.ordinals | last.roles else None
        return picked

    def _place_shape(self, shape: Shape, claim: Claim) -> bool:
        """A value that its writing alone explains goes to the one slot that can hold it."""
        given = {update.id for update in self.outcome.updates.values() if update.action == "propose"}
        fitting = [slot for slot in self._slots if slot.wants == shape.kind and slot.id not in given]
        if self._asked in fitting:
            fitting = [slot for slot in fitting if slot is self._asked]
        elif self._correcting and (before := [slot for slot in self._last_slots() if slot in fitting]):
            fitting = before
        else:
            own = [slot for slot in fitting if not slot.roles]
            fitting = [slot for slot in own or fitting if not slot.is_settled]
            fitting = [slot for slot in fitting if slot.is_empty] or fitting
            words = {slot.phrases[0].words for slot in fitting if slot.phrases}
            if len(words) > 1 or (len(fitting) > 1 and "fax" in fitting[0].concepts):
                self.outcome.unclear.append(tuple(fitting[:4]))
                return True
        return bool(fitting) and self._put(fitting[0], shape.text, quietly=True)

    def _correct(self, value: str) -> bool:
        """`No, it is …`: the one thing said before that this can replace."""
        fitting = [slot for slot in self._last_slots() if self._filling.put(slot, value).updates]
        if len(fitting) > 1:
            kind = next(
                (slot.wants for slot in fitting if slot.wants != "text" and list(_any_shape(slot.wants, value))), None
            )
            fitting = [slot for slot in fitting if slot.wants == kind] if kind else fitting
        if len(fitting) == 1:
            return self._put(fitting[0], value, quietly=True)
        if fitting and not pick(value, self._slots)[0]:
            self.outcome.unclear.append(tuple(fitting))
            return True
        return False

    def _state(self, said: str, is_negated: bool, *, loose: bool) -> bool:
        """A statement as an option: `I am an LLC`, `we did not live abroad`."""
        polar = [slot for slot in self._slots if any(option.polarity is not None for option in slot.options)]
        plain = [slot for slot in self._slots if slot not in polar]
        picked, rivals = pick(_without_no(said), plain, 0.85 if loose else 0.8)
        if picked is not None:
            if is_negated and picked.slot.form != "box":
                return True
            self._set_box(picked, not is_negated)
            return True
        if self._polar(said, is_negated, polar):
            return True
        if rivals and not loose and not is_negated:
            self.outcome.unclear.append(tuple(dict.fromkeys(each.slot for each in rivals)))
        return False

    def _polar(self, said: str, is_negated: bool, slots: Sequence[Slot]) -> bool:
        picked, rivals = pick(_without_no(said), slots, 0.7)
        fitting = [each for each in (picked, *rivals) if each is not None and each.option.polarity is (not is_negated)]
        if len({each.slot.id for each in (picked, *rivals) if each is not None}) != 1 or len(fitting) != 1:
            return False
        self._add((Update(fitting[0].option.id, "propose", True),), fitting[0].slot)
        return True

    def _set_box(self, picked: Picked, is_on: bool) -> None:
        slot, option = picked.slot, picked.option
        if slot.form == "choice":
            if is_on:
                value = (option.value,) if slot.questions[0].kind == "listbox" else option.value
                self._add((Update(option.id, "propose", value),), slot)
            return
        self._add((Update(option.id, "propose", is_on),), slot)

    def _tick(self, claim: Claim) -> None:
        subject = re.sub(r"\b(?:box|check ?box|kästchen|case|casilla)\b", " ", claim.subject, flags=re.IGNORECASE)
        subject = re.sub(
            r"\b(?:for|that says|labell?ed|named|called|saying|für|pour|para)\b", " ", subject, flags=re.IGNORECASE
        )
        picked, rivals = pick(subject, self._slots, 0.6)
        if picked is None:
            found = self._find(claim.subject)
            if found.slot is not None and found.slot.form == "box":
                self._add((Update(found.slot.id, "propose", claim.kind == "on"),), found.slot)
            elif rivals:
                self.outcome.unclear.append(tuple(dict.fromkeys(each.slot for each in rivals)))
            return
        self._set_box(picked, claim.kind == "on")

    def _blank(self, claim: Claim) -> None:
        leave: Callable[[Slot], None] = self._leave if claim.kind == "skip" else self._decline
        if parsing.ALL.match(claim.subject.strip()) and claim.kind == "skip":
            for slot in self._slots:
                if slot.is_empty:
                    self._leave(slot)
            return
        if parsing.IT.match(claim.subject.strip()):
            if self._asked is not None:
                leave(self._asked)
            return
        found = self._find(claim.subject)
        if found.slot is None and claim.kind == "decline":
            held = [slot for slot in found.rivals if not slot.is_empty]
            found = Match(held[0], 1.0) if len(held) == 1 else found
        if found.slot is not None:
            leave(found.slot)
        elif parts := self._name_slots(claim.subject):
            for slot in parts:
                leave(slot)
        elif found.rivals:
            self.outcome.unclear.append(found.rivals)
        elif (picked := pick(claim.subject, self._slots)[0]) is not None and claim.kind == "decline":
            self._add((Update(picked.option.id, "decline"),), picked.slot)

    def _other(self, subject: str) -> None:
        """`No, the other address`: what was put into one goes into the other one of its kind."""
        words = words_of(subject)
        alike = [slot for slot in self._slots if slot.form == "text" and (slot.concepts | _plain(slot)) >= _all(words)]
        before = self._last_slots()
        full = [slot for slot in alike if slot.questions[0].state == "proposed"]
        full = [slot for slot in full if slot in before] or full
        free = [slot for slot in alike if slot.is_empty]
        if len(full) != 1 or len(free) != 1:
            if alike:
                self.outcome.unclear.append(tuple(free or alike))
            return
        value = full[0].questions[0].value
        if isinstance(value, str) and self._put(free[0], value, quietly=True):
            self._decline(full[0])

    def _copy(self, slot: Slot, source: str) -> None:
        found = self._find(source)
        value = found.slot.questions[0].value if found.slot is not None and found.slot is not slot else None
        if found.slot is not None:
            new = self.outcome.updates.get(found.slot.id)
            value = new.value if new is not None and new.action == "propose" else value
        if isinstance(value, str):
            self._put(slot, value, quietly=True)

    def _last_slots(self) -> list[Slot]:
        """What the person's message before this one was about."""
        if self._before is None:
            self._before = []
            said = [each.text for each in self._ask.history if each.role == "user"]
            if said:
                earlier = Turn(
                    self._slots, Ask(said[-1], self._ask.questions), self._today, month_first=self._month_first
                )
                self._before = list(dict.fromkeys(earlier.take(said[-1]).touched))
            if not self._before and self._asked is not None and not self._asked.is_empty:
                self._before = [self._asked]
        return self._before


def _affirmed(said: str) -> str:
    """`An S corporation, not a C corporation` and `not a C but an S corporation` both say the S corporation."""
    match = re.match(
        r"^(?!not\b)(.{3,}?),?\s+(?:and\s+)?(?:not|nicht|pas|no)\s+(?:an?|the|eine?|une?|de|una?)\s.+$",
        said,
        re.IGNORECASE,
    )
    if match is not None:
        return match.group(1)
    match = re.match(r"^(?:not|nicht|pas|no)\s.{2,60}?,?\s+(?:but|sondern|mais|sino)\s+(.+)$", said, re.IGNORECASE)
    return match.group(1) if match is not None else said


def _any_shape(wants: str, value: str) -> list[Shape]:
    return (
        list(shapes(value, wants)) if wants in ("email", "phone", "ssn", "ein", "iban", "vat", "routing", "zip") else []
    )


def _without_no(said: str) -> str:
    return _NEGATED.sub(" ", said)


def _plain(slot: Slot) -> frozenset[str]:
    return slot.phrases[0].words.tokens if slot.phrases else frozenset()


def _all(words: Words) -> frozenset[str]:
    return words.concepts or words.tokens
