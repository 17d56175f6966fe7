"""The built-in interpreter: reads messages and papers against a form with rules alone, on any machine."""

import asyncio
import re
from collections.abc import Sequence

from frontdesk.adapters.interpreter_builtin_material import MOST_PASSAGES, Material
from frontdesk.adapters.interpreter_builtin_replies import next_slot, reply_to
from frontdesk.adapters.interpreter_builtin_slots import slots_of
from frontdesk.adapters.interpreter_builtin_turn import Turn
from frontdesk.adapters.interpreter_builtin_words import language_of
from frontdesk.adapters.interpreter_values import kept
from frontdesk.basics.clock import Clock, SystemClock
from frontdesk.ports.interpreter import Ask, Matched, Passage, Question, Understood

_AMERICAN = re.compile(r"\b(?:SSN|S S N|EIN|ZIP|Z I P|IRS|I R S|social security|MM/DD)\b", re.IGNORECASE)


class BuiltinInterpreter:
    """Recognisers and matching; no model, no network. It abstains and asks where it is not sure."""

    name = "builtin"

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    async def take_turn(self, ask: Ask) -> Understood:
        """See the port."""
        # In a thread of its own: a long message against a long form takes a while, and others wait for the loop.
        return await asyncio.to_thread(self._taken, ask)

    def _taken(self, ask: Ask) -> Understood:
        slots = slots_of(ask.questions)
        language = language_of([ask.message, *(each.text for each in reversed(ask.history) if each.role == "user")])
        today = self._clock.now().date()
        turn = Turn(slots, ask, today, month_first=month_first(ask.questions))
        outcome = turn.take(ask.message)
        updates = kept(ask.questions, outcome.updates.values(), today)
        following = next_slot(slots, updates, outcome)
        return Understood(
            reply_to(ask, slots, outcome, updates, following, language), updates, following.id if following else None
        )

    async def match(self, questions: tuple[Question, ...], passages: tuple[Passage, ...]) -> Matched:
        """See the port."""
        return await asyncio.to_thread(self._matched, questions, passages)

    def _matched(self, questions: tuple[Question, ...], passages: tuple[Passage, ...]) -> Matched:
        today = self._clock.now().date()
        reading = Material(questions, slots_of(questions), today, month_first=month_first(questions))
        for passage in passages[:MOST_PASSAGES]:
            reading.take(passage)
        return reading.matched()

    async def check(self) -> None:
        """Nothing that could be away."""


def month_first(questions: Sequence[Question]) -> bool | None:
    """Whether a form's people write the month before the day; None if it does not show."""
    labels = " ".join(f"{question.label} {question.section or ''}" for question in questions)
    if _AMERICAN.search(labels):
        return True
    return False if language_of([labels]) in ("de", "fr", "es") else None
