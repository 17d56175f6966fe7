"""What a message has come to so far: the slots it was about, the updates it makes, what stayed unclear."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from frontdesk.adapters.interpreter_builtin_filling import Filling
from frontdesk.adapters.interpreter_builtin_labels import main_sentence
from frontdesk.adapters.interpreter_builtin_matching import Match, belonging, find
from frontdesk.adapters.interpreter_builtin_slots import Slot
from frontdesk.adapters.interpreter_builtin_words import words_of
from frontdesk.ports.interpreter import Ask, Update

_PRONOUN = re.compile(r"^(?:its|his|her|their|she|he|they|seine?|ihre?|son|sa|ses|su|sus)\b\s*", re.IGNORECASE)
_SELF = re.compile(
    r"^(?:(?:the|our|le|la|der|die|el)\s+)?(?:patient|applicant|taxpayer|petitioner|policyholder|insured|tenant|renter"
    r"|borrower|guest|customer|client|participant|antragsteller|mieter)(?:in|e)?$",
    re.IGNORECASE,
)
"""Whoever fills the form in, by the form's own words."""
_ELSEWHERE = (
    ("address", "street address"), ("street", "address"), ("zip", "city state zip"), ("city", "city state zip"),
)  # fmt: skip
"""Where else a thing is asked for when no field has its name."""


@dataclass
class Outcome:
    """What a message came to: updates by field, what it did not fit, what it could mean, what it asked."""

    updates: dict[str, Update] = field(default_factory=dict)
    unfit: list[Slot] = field(default_factory=list)
    unclear: list[tuple[Slot, ...]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    touched: list[Slot] = field(default_factory=list)
    unknown: bool = False
    must_sign: bool = False


def is_person(said: str) -> bool:
    """Whether some words name somebody and nothing else: `the patient`, `first dependent`."""
    words = words_of(said)
    return not words.tokens and (bool(words.roles) or _SELF.match(said.strip()) is not None)


class Record:
    """Finds slots by what is said, puts values into them, and remembers of whom the sentence speaks."""

    def __init__(
        self,
        slots: Sequence[Slot],
        ask: Ask,
        today: date,
        touched_by: Callable[[str], list[Slot]],
        *,
        month_first: bool | None,
    ) -> None:
        self._touched_by = touched_by
        self._slots = slots
        self._ask = ask
        self._today = today
        self._month_first = month_first
        self._filling = Filling(slots, today, month_first=month_first)
        self._spoken_of: Slot | None = None
        self._taken_back: Slot | None = None
        self._asked = next((slot for slot in slots if ask.asked in [question.id for question in slot.questions]), None)
        self._before: list[Slot] | None = None
        self._correcting = False
        self.outcome = Outcome()

    def _owned(self, said: str) -> str:
        """`Its number` with what `its` stands for."""
        last = self._spoken_of
        if last is not None and re.search(r"\w['’]s?$", said.strip()) and not words_of(said).tokens:
            # `My number is …, and my wife's is …`
            return f"{said} {main_sentence(last.questions[0].label)}"
        if last is None or not _PRONOUN.match(said):
            return said
        rest = _PRONOUN.sub("", said)
        return " ".join([*sorted(last.roles), *sorted(last.ordinals), rest])

    def _find(self, said: str) -> Match:
        """The slot that is meant, by what was spoken of just before where the words alone do not say."""
        pointed, said = said, self._owned(said)
        said = "name" if is_person(said) and not words_of(said).roles else said
        words, last = words_of(said), self._spoken_of
        if (
            last is not None
            and not words.is_own
            and not words.roles
            and not words.ordinals
            and (last.ordinals or last.roles)
        ):
            nearby = find(" ".join([*sorted(last.roles), *sorted(last.ordinals), said]), self._slots)
            if nearby.slot is not None and nearby.slot.roles == last.roles and nearby.slot.ordinals == last.ordinals:
                return nearby
        found = find(said, self._slots)
        if found.slot is None and not found.rivals and pointed != said and _PRONOUN.match(pointed):
            found = find(_PRONOUN.sub("", pointed), self._slots)
        if found.slot is None and not found.rivals:
            for wording, instead in _ELSEWHERE:
                if words.concepts == {wording} and len(words.tokens) == 1:
                    return find(" ".join([*sorted(words.roles), instead]), self._slots)
        return found

    def _name_slots(self, said: str) -> list[Slot]:
        words = words_of(said)
        if words.tokens != {"@name"} and not is_person(said):
            return []
        return [
            slot for slot in self._slots
            if slot.concepts & {"first", "middle", "last"} and slot.concepts <= {"first", "middle", "last", "name"}
            and belonging(words, slot.roles, slot.ordinals) >= 0.95 and slot.roles == words.roles
        ][:3]  # fmt: skip

    # What it comes to.

    def _put(self, slot: Slot, value: str, *, quietly: bool = False) -> bool:
        filled = self._filling.put(slot, value)
        if not filled.updates and not quietly:
            self.outcome.unfit.append(slot)
        return self._add(filled.updates, slot)

    def _add(self, updates: Sequence[Update], *slots: Slot) -> bool:
        for update in updates:
            grouped = [question.id for slot in slots if slot.form == "group" for question in slot.questions]
            clash = [name for name in grouped if update.value is True and name != update.id and self._is_on(name)]
            if clash:
                # Two boxes of which only one can be: neither, and a question.
                del self.outcome.updates[clash[0]]
                self.outcome.unclear.append(tuple(slots))
                continue
            self.outcome.updates[update.id] = update
        if updates:
            self.outcome.touched.extend(slots)
            self._spoken_of = slots[0]
        return bool(updates)

    def _is_on(self, name: str) -> bool:
        update = self.outcome.updates.get(name)
        return update is not None and update.value is True

    def _leave(self, slot: Slot) -> None:
        states = ("empty", "proposed", "declined")
        self._add([Update(each.id, "skip") for each in slot.questions if each.state in states], slot)

    def _decline(self, slot: Slot) -> None:
        held = [each for each in slot.questions if each.state in ("proposed", "confirmed") and each.value is not False]
        self._add([Update(each.id, "decline") for each in held or slot.questions[:1]], slot)

    def _last_slots(self) -> list[Slot]:
        """What the person's message before this one was about."""
        if self._before is None:
            said = [each.text for each in self._ask.history if each.role == "user"]
            self._before = list(dict.fromkeys(self._touched_by(said[-1]))) if said else []
            if not self._before and self._asked is not None and not self._asked.is_empty:
                self._before = [self._asked]
        return self._before
