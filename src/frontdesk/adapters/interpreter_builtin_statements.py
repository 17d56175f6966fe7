"""Clauses that name no field: a value with a telling shape, a correction, a statement that is one of the options."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from frontdesk.adapters import interpreter_builtin_claims as parsing
from frontdesk.adapters.interpreter_builtin_claims import Claim
from frontdesk.adapters.interpreter_builtin_filling import bare
from frontdesk.adapters.interpreter_builtin_matching import Picked, pick
from frontdesk.adapters.interpreter_builtin_measures import measured, ranged
from frontdesk.adapters.interpreter_builtin_parts import looks_like_name, place_of
from frontdesk.adapters.interpreter_builtin_record import Record
from frontdesk.adapters.interpreter_builtin_shapes import Shape, certain_shapes, shapes
from frontdesk.adapters.interpreter_builtin_slots import Slot
from frontdesk.adapters.interpreter_builtin_words import fold, label_fold, words_of
from frontdesk.ports.interpreter import Update

NEGATED: Final = re.compile(
    r"\b(?:not|never|no one|no|nobody|none|neither|nor|nicht|kein\w*|nie|niemand|pas|jamais|aucun\w*|personne"
    r"|nunca|nadie)\b"
    r"|n['’]t\b",
    re.IGNORECASE,
)
_THE = re.compile(r"^(?:the|die|la|le)\s+(?=[A-Z])")
_FROM = re.compile(r"\s+(?:from|of|with|at|aus|von)\s+(?=[A-Z])")
_PARTS = re.compile(r"\s*(?:[,;](?!\d)|\b(?:and|und|et|y)\b)\s*")
_DEMONYM = re.compile(r"[A-Z][a-z]+(?:ian|ish|ese|ean|can|i)")
PLAIN: Final = re.compile(
    r"^(?:it['’]?s|it is|that['’]s|that is|this is|it would be|that would be|it should be|make it|make that|i"
    r" meant|i mean|because|weil|parce que|porque|use|put"
    r"|the answer is|my answer is|es ist|das ist|das wäre|c['’]est|ce serait|es|sería|son)\s+",
    re.IGNORECASE,
)  # fmt: skip
"""Words before an answer that say only that it is one."""


class Statements(Record):
    """Finds out what a clause states without naming a field."""

    def _loose(self, claim: Claim) -> None:
        """A clause that names no field: a telling shape, a correction, an option, a name."""
        shaped = [shape for shape in certain_shapes(claim.value) if self._place_shape(shape, claim)]
        if shaped or claim.kind == "reach":
            return
        claim = replace(claim, value=_affirmed(claim.value))
        value = bare(PLAIN.sub("", parsing.opened(claim.value) or claim.value))
        value = _THE.sub("", value) if claim.kind == "am" else value
        head = _FROM.split(value)[0]
        value = head if claim.kind == "am" and looks_like_name(head) else value
        if self._correcting and self._correct(value):
            return
        if self._taken_back is not None and self._put(self._taken_back, value, quietly=True):
            return  # `the date is wrong, it is July 17`
        who = words_of(claim.subject).roles
        said = f"{claim.subject} {claim.value}" if who else claim.value
        last = self._spoken_of
        if claim.kind == "rest" and last is not None and last.form == "box" and last.roles:
            # `My wife is a student and legally blind`
            said = " ".join([*sorted(last.roles), claim.value])
        is_negated = NEGATED.search(claim.value) is not None
        if self._state(said, is_negated, loose=claim.kind == "rest"):
            return
        if not is_negated and self._measure(claim.value if not who else said):
            return
        if not is_negated and self._pieces(value if claim.kind == "am" else claim.value, claim.subject if who else ""):
            return
        if claim.kind == "am" and claim.subject and not who and words_of(claim.subject).tokens:
            return  # `my PCP is Dr. Okoro` on a form that asks for no such thing
        if claim.kind == "am" and not who and not looks_like_name(value):
            # `I'm Jane Roe, 45 Temple Ave, Provo, UT 84601`
            head, _, tail = value.partition(",")
            place = self._find("address").slot
            if looks_like_name(head) and place_of(tail.strip()) is not None and place is not None and place.is_empty:
                self._put(place, tail.strip(), quietly=True)
                value = head
        if claim.kind == "am" and not who and _DEMONYM.fullmatch(value):
            people = self._find("nationality").slot
            if people is not None and people.is_empty:
                self._put(people, value, quietly=True)  # `I'm Nigerian`
        if claim.kind == "am" and looks_like_name(value):
            owned = f"{claim.subject} name" if who else "name"
            found = self._find(owned)
            parts = [slot for slot in self._name_slots(owned) if slot.is_empty]
            if parts and found.score < 0.95:
                self._add(self._filling.name(value, parts), *parts)
            elif found.slot is not None and found.slot.is_empty and not _others(found.slot):
                self._put(found.slot, value, quietly=True)

    def _measure(self, said: str) -> bool:
        """`There will be 3 occupants`: the one number of a sentence."""
        if pair := ranged(said, self._slots, self._today):
            return all(self._put(*each, quietly=True) for each in pair)
        whole = measured(said, self._slots, self._today)
        found = [whole] if whole else [measured(part, self._slots, self._today) for part in _PARTS.split(said)[:8]]
        return sum(self._put(*each, quietly=True) for each in found if each is not None) > 0

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
        theirs = words_of(f"{claim.subject} {claim.value}").roles
        given = {update.id for update in self.outcome.updates.values() if update.action == "propose"}
        fitting = [slot for slot in self._slots if slot.wants == shape.kind and slot.id not in given]
        if self._asked in fitting:
            fitting = [slot for slot in fitting if slot is self._asked]
        elif self._correcting and (before := [slot for slot in self._last_slots() if slot in fitting]):
            fitting = before
        else:
            last = self._spoken_of
            near = [
                slot
                for slot in fitting
                if last is not None and last.roles and (slot.roles, slot.ordinals) == (last.roles, last.ordinals)
            ]
            own = [slot for slot in fitting if slot.roles == theirs and theirs] or near
            own = own or [slot for slot in fitting if not slot.roles and not _others(slot)]
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
        if (named := _called(said, plain)) is not None:
            self._set_box(named, True)  # `none of the above` is a box of the form
            return True
        picked, rivals = pick(_without_no(said), plain, 0.85 if loose else 0.8)
        if len({each.slot.id for each in rivals}) == 1:
            # `Police notified` and `police not notified`
            same = [each for each in rivals if (NEGATED.search(each.option.label) is not None) is is_negated]
            if len(same) == 1:
                return self._add(self._filling.put(same[0].slot, same[0].option.label).updates, same[0].slot)
        if picked is not None:
            if is_negated and picked.slot.form != "box":
                return True
            self._set_box(picked, not is_negated)
            return True
        if self._polar(said, is_negated, polar):
            return True
        if not is_negated and (named := _distinctive(said, plain, self._slots)) is not None:
            self._set_box(named, True)
            return True
        if not is_negated and (only := _only_one_in(said, plain)) is not None:
            self._set_box(only, True)
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


def _others(slot: Slot) -> bool:
    """Whether the label names an owner of whom nothing is known here: `Coach's name`."""
    label = slot.questions[0].label
    return not slot.roles and not words_of(label).is_own and re.search(r"\w(?:['’]s|s['’])\s", label) is not None


def _distinctive(said: str, slots: Sequence[Slot], every: Sequence[Slot]) -> Picked | None:
    """The option that all these words are of, if one of them stands nowhere else on the form: `en espèces`."""
    picked, _ = pick(said, slots, 0.7)
    if picked is None:
        return None
    own = [phrase.words.tokens for phrase in picked.option.phrases]
    others = [other for slot in every for other in _wordings(slot) if other not in own]
    tokens = words_of(said).tokens
    told = any(tokens <= each for each in own) and any(not any(token in each for each in others) for token in tokens)
    return picked if told else None


def _wordings(slot: Slot) -> list[frozenset[str]]:
    of_options = [phrase.words.tokens for option in slot.options for phrase in option.phrases]
    return of_options or [phrase.words.tokens for phrase in slot.phrases[:1]]


def _only_one_in(said: str, slots: Sequence[Slot]) -> Picked | None:
    """The one option of the form whose words are all in a short statement: `I'm coming for tourism`."""
    words = words_of(said)
    found = [
        (Picked(slot, option, 0.8), option.phrases[0].words.tokens)
        for slot in slots
        if slot.form in ("choice", "group") and words.roles <= slot.roles and words.tokens & slot.vocabulary
        for option in slot.options
        if option.phrases and option.phrases[0].words.tokens and option.phrases[0].words.tokens <= words.tokens
        if option.phrases[0].words.ordinals <= words.ordinals
    ]
    if len(found) != 1:
        return None
    # The name of a thing is surer than a word of the language.
    most = 2 if any(token[0] == "@" for token in found[0][1]) else 1
    return found[0][0] if len(words.tokens - found[0][1]) <= most else None


def _called(said: str, slots: Sequence[Slot]) -> Picked | None:
    """The option whose label is just these words."""
    named = [
        Picked(slot, option, 1.0) for slot in slots for option in slot.options if label_fold(option.label) == fold(said)
    ]
    return named[0] if len(named) == 1 else None


def _affirmed(said: str) -> str:
    """`An S corporation, not a C corporation` and `not a C but an S corporation` both say the S corporation."""
    match = re.match(
        r"^(?!not\b)(.{3,}?)(?:,?\s+(?:and\s+)?(?:not|nicht|pas|no)\s+(?:an?|the|eine?|une?|de|una?)\s.+"
        r"|,\s+(?:not|nicht|pas|no)\s+[\w -]{2,40})$",
        said,
        re.IGNORECASE,
    )
    if match is not None:
        return match.group(1)
    but = r"^(?:not|nicht|pas|no)\s.{2,60}?(?:,\s+|,?\s+(?:but|sondern|mais|sino)\s+)(.+)$"
    match = re.match(but, said, re.IGNORECASE)
    return match.group(1) if match is not None else said


def _any_shape(wants: str, value: str) -> list[Shape]:
    return (
        list(shapes(value, wants)) if wants in ("email", "phone", "ssn", "ein", "iban", "vat", "routing", "zip") else []
    )


def _without_no(said: str) -> str:
    return NEGATED.sub(" ", said)
