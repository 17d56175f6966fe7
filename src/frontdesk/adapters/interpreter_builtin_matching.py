"""Which slot a few words mean: how well they cover its wordings, whose it is, and whether anything else fits as"
" well."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from frontdesk.adapters.interpreter_builtin_labels import Phrase
from frontdesk.adapters.interpreter_builtin_slots import Option, Slot
from frontdesk.adapters.interpreter_builtin_vocabulary import SMALL
from frontdesk.adapters.interpreter_builtin_words import Words, fold, label_fold, label_words, stem, weight, words_of

LEAST_COVER = 0.7
"""Share of what was said that the form's wording must hold."""
LEAST_SCORE = 0.56
LITERAL = 0.15
"""What a wording gains that has the very words: `position` is rather `Position applied for` than `Job title`."""
MARGIN = 0.05
"""Two slots nearer than this are told apart by asking, not by guessing."""
ASTRAY = 0.8
"""What is left of a score when something was said that another place of the form speaks of."""
ALIKE, ALIKE_SHARE = 86.0, 0.9
_NUMBER = re.compile(
    r"^(?:line|box|field|item|number|nr|no|zeile|ligne|question|linea)?\W*(\d{1,2}\s?[a-z]?)\W*$", re.IGNORECASE
)

_LETTER = re.compile(r"^(?:the\s+)?(?:box|option|choice|letter|code)\s+\(?([A-Za-z])\)?$", re.IGNORECASE)

_COMPOUND = 6


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


@dataclass(frozen=True, slots=True)
class _Heard:
    """Words that were said: those that the form knows too, with what they count, and the weight of all."""

    words: Words
    known: dict[str, float]
    told: float

    @property
    def elsewhere(self) -> list[str]:
        """The words that the form has somewhere, just so."""
        return [each for each in self.known if each in self.words.tokens and each[0] != "@"]


def find(said: str, slots: Sequence[Slot]) -> Match:
    """The slot that these words name."""
    named = [slot for slot in slots if said.strip() in [question.id for question in slot.questions]]
    number = _NUMBER.match(said.strip())
    if not named and number is not None:
        line = number.group(1).replace(" ", "").lower()
        named = [slot for slot in slots if slot.line == line]
    if len(named) == 1:
        return Match(named[0], 1.0)
    exact = [slot for slot in slots if label_fold(slot.questions[0].label) == fold(said)]
    if len(exact) == 1 and exact[0].form == "text" and _is_read_anew(exact[0]):
        return Match(exact[0], 1.0)
    words = words_of(said)
    if not words.tokens - {"@name"} and words.roles:
        party = _party(words, slots)
        if party.slot is not None or not words.tokens:
            return party
    if not words.tokens:
        return Match()
    heard = _heard(words, slots)
    near_enough = ((_score(heard, slot), slot) for slot in slots if not slot.vocabulary.isdisjoint(heard.known))
    best = sorted(((points, slot) for points, slot in near_enough if points >= LEAST_SCORE), key=lambda each: -each[0])
    if not best:
        return Match()
    best = _literally(said, best)
    near = [slot for points, slot in best if points > best[0][0] - MARGIN]
    if len({_sameness(slot) for slot in near}) == 1:
        # Asked for in the same words twice: the first that is free, as on paper.
        free = [slot for slot in near if slot.is_empty]
        first = min(free or near, key=slots.index)
        return Match(first, best[0][0])
    return Match(None, best[0][0], tuple(sorted(near, key=slots.index)))


def _is_read_anew(slot: Slot) -> bool:
    """Whether its label was given another sense by what stands beside it: `Nom` beside `Prénom`."""
    return label_words(slot.questions[0].label) != slot.phrases[0].words


def _literally(said: str, best: list[tuple[float, Slot]]) -> list[tuple[float, Slot]]:
    """The same, but a slot with the very words goes before one that means the same in others."""
    words = {stem(word) for word in fold(said).split() if word not in SMALL}
    if len(best) < 2 or best[1][0] > best[0][0] - MARGIN or _says(best[0][1], words):
        return best
    named = [each for each in best if each[0] > best[0][0] - LITERAL and _says(each[1], words)]
    return named if len(named) == 1 else best


def _says(slot: Slot, literal: set[str]) -> bool:
    return bool(literal) and literal <= {stem(word) for word in label_fold(slot.questions[0].label).split()}


def _party(words: Words, slots: Sequence[Slot]) -> Match:
    """`The judge is …`, `defendant: …`: the field for that person's name."""
    named = [
        slot
        for slot in slots
        if slot.phrases and slot.form == "text" and slot.phrases[0].words.tokens <= {"@name"}
        and slot.roles == words.roles and not words.ordinals - slot.ordinals
    ]  # fmt: skip
    if not named:
        # `The child is …` for `Name of qualifying child or dependent`, where nothing else is asked of a child's name.
        named = [slot for slot in slots if slot.form == "text" and words.roles <= slot.roles]
        named = [slot for slot in named if slot.concepts <= {"name"} and not words.ordinals - slot.ordinals]
        named = [slot for slot in named if slot.concepts or not plain_words(slot)]
        if len(named) != 1:
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


def _heard(words: Words, slots: Sequence[Slot]) -> _Heard:
    vocabulary = frozenset().union(*(slot.vocabulary for slot in slots))
    known: dict[str, float] = {}
    for token in words.tokens:
        if f"@{token}" in vocabulary:
            known.setdefault(f"@{token}", weight(token) * ALIKE_SHARE)
        if token in vocabulary:
            known[token] = weight(token)
        elif len(token) >= 5 and token[0] != "@":
            # Mistyped, perhaps: words of the form that look like it count for a little less.
            known.update({each: weight(token) * ALIKE_SHARE for each in _alike(token, vocabulary) if each not in known})
    return _Heard(words, known, sum(map(weight, words.tokens)))


def _alike(token: str, vocabulary: frozenset[str]) -> list[str]:
    from rapidfuzz.fuzz import ratio
    from rapidfuzz.process import extract

    long = [each for each in vocabulary if len(each) >= 5 and each[0] != "@"]
    found = [each for each, _, _ in extract(token, long, scorer=ratio, score_cutoff=ALIKE, limit=3)]
    # `Eintritt` for `Eintrittsdatum`
    return found or [each for each in long if len(token) >= _COMPOUND and each.startswith(token)][:3]


def _score(heard: _Heard, slot: Slot) -> float:
    """How well these words name the slot, 0 to 1."""
    best = max((_fit(heard, phrase) for phrase in slot.phrases), default=0.0)
    return best * belonging(heard.words, slot.roles, slot.ordinals) if best else 0.0


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


def _fit(heard: _Heard, phrase: Phrase, without: frozenset[str] = frozenset()) -> float:
    told, tokens = heard.told - sum(map(weight, heard.words.tokens & without)), phrase.words.tokens
    both = sum(share for each, share in heard.known.items() if each in tokens and each not in without)
    if told <= 0 or not both or both / told < LEAST_COVER:
        return 0.0
    both = min(both, told)
    astray = any(each not in tokens | without and f"@{each}" not in tokens for each in heard.elsewhere)
    strays = ASTRAY if astray else 1.0
    return strays * phrase.weight * (both / told) * (0.55 + 0.45 * min(1.0, both / sum(map(weight, tokens))))


def plain_words(slot: Slot) -> frozenset[str]:
    """The words of a slot's main wording."""
    return slot.phrases[0].words.tokens if slot.phrases else frozenset()


def _printed(slot: Slot, option: Option) -> str:
    """The label of an option as the form has it, with its letter."""
    return next((each.label for each in slot.questions if slot.form != "choice" and each.id == option.id), option.label)


def _tokens(option: Option) -> frozenset[str]:
    return frozenset().union(*(phrase.words.tokens for phrase in option.phrases))


def _numbers(option: Option) -> frozenset[str]:
    return option.phrases[0].words.ordinals if option.phrases else frozenset()


def pick(said: str, slots: Sequence[Slot], least: float = 0.8) -> tuple[Picked | None, tuple[Picked, ...]]:
    """The one option of all these slots that the words mean, and between which it could not be decided."""
    words, exact = words_of(said), fold(said)
    if not words.tokens:
        return None, ()
    if (letter := _LETTER.match(said.strip())) is not None:
        lettered = re.compile(rf"\W*{letter[1]}\W", re.IGNORECASE)
        named = [
            Picked(slot, each, 1.0) for slot in slots for each in slot.options if lettered.match(_printed(slot, each))
        ]
        return (named[0], ()) if len(named) == 1 else (None, tuple(named))
    found: list[Picked] = []
    heard = _heard(words, slots)
    for slot in slots:
        if not slot.options or slot.vocabulary.isdisjoint(heard.known):
            continue
        stem = slot.phrases[0].words.tokens if slot.form == "group" and slot.phrases else frozenset()
        asked = plain_words(slot) & words.tokens if slot.form == "choice" else frozenset()
        asked = asked if words.tokens - asked else frozenset()
        for option in slot.options:
            # What all boxes of a group have in common tells nothing about which one is meant.
            shared = stem if option.polarity is None and words.tokens - stem else frozenset()
            # `A 12 month lease`: what the label of the list says is no part of the answer.
            if asked:
                shared |= asked - _tokens(option)
            points = max((_fit(heard, phrase, shared) for phrase in option.phrases), default=0.0)
            points = 1.0 if label_fold(option.label) == exact else points
            if not points:
                continue
            if slot.form == "box":
                points *= belonging(words, slot.roles, slot.ordinals)
            else:
                owned = slot.roles.union(*(phrase.words.roles for phrase in option.phrases))
                numbered = slot.ordinals.union(*(phrase.words.ordinals for phrase in option.phrases))
                points *= 0.5 if words.roles - owned or words.ordinals - numbered else 1.0
                points *= 0.6 if slot.form == "choice" and _numbers(option) - words.ordinals else 1.0
            if points >= least:
                found.append(Picked(slot, option, points))
    found.sort(key=lambda picked: -picked.score)
    if not found:
        return None, ()
    near = [picked for picked in found if picked.score > found[0].score - MARGIN]
    return (near[0], ()) if len(near) == 1 else (None, tuple(near))
