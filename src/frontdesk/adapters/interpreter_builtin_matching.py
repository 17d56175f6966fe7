"""Which slot a few words mean: how well they cover its wordings, whose it is, and whether anything else fits as"
" well."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from frontdesk.adapters.interpreter_builtin_labels import Phrase
from frontdesk.adapters.interpreter_builtin_slots import Option, Slot
from frontdesk.adapters.interpreter_builtin_words import Words, weight, words_of

LEAST_COVER = 0.7
"""Share of what was said that the form's wording must hold."""
LEAST_SCORE = 0.56
MARGIN = 0.05
"""Two slots nearer than this are told apart by asking, not by guessing."""
ALIKE = 86.0
_NUMBER = re.compile(
    r"^(?:line|box|field|item|number|nr|no|zeile|ligne|question|linea)?\W*(\d{1,2}\s?[a-z]?)\W*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Match:
    """The slot that was meant, or None with those between which it could not be decided."""

    slot: Slot | None = None
    score: float = 0.0
    rivals: tuple[Slot, ...] = ()


@dataclass(frozen=True, slots=True)
class Picked:
    """An option of a slot that was meant."""

    slot: Slot
    option: Option
    score: float


def find(said: str, slots: Sequence[Slot]) -> Match:
    """The slot that these words name."""
    named = [slot for slot in slots if said.strip() in [question.id for question in slot.questions]]
    number = _NUMBER.match(said.strip())
    if not named and number is not None:
        line = number.group(1).replace(" ", "").lower()
        named = [slot for slot in slots if slot.line == line]
    if len(named) == 1:
        return Match(named[0], 1.0)
    words = words_of(said)
    if not words.tokens - {"@name"} and words.roles:
        party = _party(words, slots)
        if party.slot is not None or not words.tokens:
            return party
    if not words.tokens:
        return Match()
    scored = sorted(((score(words, slot), slot) for slot in slots), key=lambda each: -each[0])
    best = [(points, slot) for points, slot in scored if points >= LEAST_SCORE]
    if not best:
        return Match()
    near = [slot for points, slot in best if points > best[0][0] - MARGIN]
    if len({_sameness(slot) for slot in near}) == 1:
        # Asked for in the same words twice: the first that is free, as on paper.
        free = [slot for slot in near if slot.is_empty]
        first = min(free or near, key=slots.index)
        return Match(first, best[0][0])
    return Match(None, best[0][0], tuple(sorted(near, key=slots.index)))


def _party(words: Words, slots: Sequence[Slot]) -> Match:
    """`The judge is …`, `defendant: …`: the field for that person's name."""
    named = [
        slot
        for slot in slots
        if slot.phrases and slot.form == "text" and slot.phrases[0].words.tokens <= {"@name"}
        and slot.roles == words.roles and not words.ordinals - slot.ordinals
    ]  # fmt: skip
    if not named:
        return Match()
    free = [slot for slot in named if slot.is_empty] or named
    alike = len({_sameness(slot) for slot in named}) == 1 or len(free) == 1
    return Match(free[0], 0.95) if alike else Match(None, 0.95, tuple(free))


def _sameness(slot: Slot) -> tuple[object, ...]:
    return (
        slot.form,
        slot.phrases[0].words if slot.phrases else None,
        slot.roles,
        slot.wants,
        slot.questions[0].section,
    )


def score(said: Words, slot: Slot) -> float:
    """How well these words name the slot, 0 to 1."""
    best = max((_fit(said, phrase) for phrase in slot.phrases), default=0.0)
    return best * belonging(said, slot.roles, slot.ordinals)


def belonging(said: Words, roles: frozenset[str], ordinals: frozenset[str]) -> float:
    """How well the person meant, and which of several, agree."""
    if said.roles - roles or said.ordinals - ordinals:
        return 0.2
    share = 1.0
    if roles - said.roles:
        share *= 0.6
    if ordinals and not said.ordinals:
        share *= 0.95 if "1" in ordinals else 0.75
    return share


def _fit(said: Words, phrase: Phrase, least: float = LEAST_COVER) -> float:
    told = sum(map(weight, said.tokens))
    asked = sum(map(weight, phrase.words.tokens))
    both = sum(weight(token) * _holds(phrase.words.tokens, token) for token in said.tokens)
    if not told or not asked or both / told < least:
        return 0.0
    return phrase.weight * (both / told) * (0.55 + 0.45 * min(1.0, both / asked))


def _holds(tokens: Iterable[str], token: str) -> float:
    """1 if the word is there, less if only one like it, 0 if none."""
    if token in tokens:
        return 1.0
    if len(token) < 5 or token[0] == "@":
        return 0.0
    from rapidfuzz.fuzz import ratio

    return 0.9 if any(len(each) >= 5 and ratio(token, each) >= ALIKE for each in tokens) else 0.0


def pick(said: str, slots: Sequence[Slot], least: float = 0.8) -> tuple[Picked | None, tuple[Picked, ...]]:
    """The one option of all these slots that the words mean, and between which it could not be decided."""
    words = words_of(said)
    if not words.tokens:
        return None, ()
    found: list[Picked] = []
    for slot in slots:
        stem = slot.phrases[0].words.tokens if slot.form == "group" and slot.phrases else frozenset()
        for option in slot.options:
            # What all boxes of a group have in common tells nothing about which one is meant.
            told = (
                replace(words, tokens=words.tokens - stem) if option.polarity is None and words.tokens - stem else words
            )
            points = max((_fit(told, phrase) for phrase in option.phrases), default=0.0)
            if slot.form == "box":
                points *= belonging(words, slot.roles, slot.ordinals)
            else:
                owned = slot.roles.union(*(phrase.words.roles for phrase in option.phrases))
                numbered = slot.ordinals.union(*(phrase.words.ordinals for phrase in option.phrases))
                points *= 0.5 if words.roles - owned or words.ordinals - numbered else 1.0
            if points >= least:
                found.append(Picked(slot, option, points))
    found.sort(key=lambda picked: -picked.score)
    if not found:
        return None, ()
    near = [picked for picked in found if picked.score > found[0].score - MARGIN]
    return (near[0], ()) if len(near) == 1 else (None, tuple(near))
