"""What a message takes back, leaves blank or means of something else that was said before."""

from collections.abc import Callable

from frontdesk.adapters import interpreter_builtin_claims as parsing
from frontdesk.adapters.interpreter_builtin_claims import Claim
from frontdesk.adapters.interpreter_builtin_matching import Match, pick, plain_words
from frontdesk.adapters.interpreter_builtin_slots import Slot
from frontdesk.adapters.interpreter_builtin_statements import Statements
from frontdesk.adapters.interpreter_builtin_words import Words, words_of
from frontdesk.ports.interpreter import Update


class Blanks(Statements):
    """Leaves fields blank and declines what is in them."""

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

    def _blank(self, claim: Claim) -> None:
        leave: Callable[[Slot], None] = self._leave if claim.kind == "skip" else self._decline
        if parsing.ALL.match(claim.subject.strip()) and claim.kind == "skip":
            for slot in self._slots:
                if slot.is_empty:
                    self._leave(slot)
            return
        if parsing.IT.match(claim.subject.strip()):
            pointed = self._spoken_of or self._asked
            if pointed is not None:
                leave(pointed)
            return
        if claim.kind == "skip" and self._none_of(claim.subject):
            return
        found = self._find(claim.subject)
        if found.slot is None and claim.kind == "decline":
            held = [slot for slot in found.rivals if not slot.is_empty]
            found = Match(held[0], 1.0) if len(held) == 1 else found
        if found.slot is not None:
            leave(found.slot)
            self._taken_back = found.slot if claim.kind == "decline" else None
        elif parts := self._name_slots(claim.subject):
            for slot in parts:
                leave(slot)
        elif found.rivals:
            self.outcome.unclear.append(found.rivals)
        elif (picked := pick(claim.subject, self._slots)[0]) is not None and claim.kind == "decline":
            self._add((Update(picked.option.id, "decline"),), picked.slot)

    def _none_of(self, subject: str) -> bool:
        """`We have no pets` is the box that says no, or no cross; `I have no spouse` leaves blank what is about one."""
        words = words_of(subject)
        if words.roles and not words.tokens and not words.ordinals:
            theirs = [slot for slot in self._slots if slot.roles == words.roles and slot.is_empty]
            for slot in theirs:
                self._leave(slot)
            return bool(theirs)
        picked, rivals = pick(subject, self._slots, 0.7)
        if picked is not None and picked.slot.form == "box" and picked.option.polarity is None:
            return self._add((Update(picked.option.id, "propose", False),), picked.slot)
        denied = [each for each in (picked, *rivals) if each is not None and each.option.polarity is False]
        if len(denied) != 1 or any(each.slot is not denied[0].slot for each in rivals):
            return False
        return self._add((Update(denied[0].option.id, "propose", True),), denied[0].slot)

    def _other(self, subject: str) -> None:
        """`No, the other address`: what was put into one goes into the other one of its kind."""
        words = words_of(subject)
        alike = [
            slot for slot in self._slots if slot.form == "text" and (slot.concepts | plain_words(slot)) >= _all(words)
        ]
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


def _all(words: Words) -> frozenset[str]:
    return words.concepts or words.tokens
