"""A form as the built-in interpreter sees it: slots, each one thing to say, made of one field or of several."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from frontdesk.adapters.interpreter_builtin_labels import (
    ASIDE,
    POLAR,
    Phrase,
    bare_label,
    last_words,
    line_of,
    main_sentence,
    number_at_end,
    phrases_of,
    sentences_of,
    shared_beginning,
    wordings_of,
)
from frontdesk.adapters.interpreter_builtin_words import Words, fold, label_words
from frontdesk.adapters.interpreter_values import is_signature
from frontdesk.ports.interpreter import Question

Form = Literal["text", "split", "box", "group", "choice"]

_NOT_ROLE = re.compile(r"\bnot (?:the|a|an) (\w+)", re.IGNORECASE)
_SIGNED = re.compile(r"\bsignature\b|\bsign here\b|\bunterschrift\b|\bfirma\b$", re.IGNORECASE)
_NUMBER = re.compile(r"(?<!and )\b(?:number|no\.?|num|nr\.?|nummer|#)\W*(?:\([^()]*\)\W*)?$", re.IGNORECASE)
_SHORT = 60
"""Characters of a label in which every word is about the field itself."""
_SPLITS = {
    (3, 2, 4): "ssn", (2, 7): "ein", (2, 2, 4): "date", (3, 3, 4): "phone", (5, 4): "zip", (4, 2, 2): "date",
}  # fmt: skip
_DATED = re.compile(r"^\W*(?:mm?|dd?|yyyy|yy|month|day|year|tag|monat|jahr|jour|mois|dia|mes|ano)\W*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a slot with a fixed set: the field it is in, its value, its wordings.

    `polarity` is set where the answer is a bare yes or no, and the wordings are those of the question before it.
    """

    id: str
    value: str
    label: str
    phrases: tuple[Phrase, ...]
    polarity: bool | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing to say. `questions` in order; `wants` is the kind of value; `line` its number on the form.

    `vocabulary` are all words of its wordings and options.
    """

    form: Form
    questions: tuple[Question, ...]
    phrases: tuple[Phrase, ...]
    wants: str = "text"
    options: tuple[Option, ...] = ()
    roles: frozenset[str] = frozenset()
    ordinals: frozenset[str] = frozenset()
    line: str | None = None
    vocabulary: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """The first field's id."""
        return self.questions[0].id

    @property
    def concepts(self) -> frozenset[str]:
        """The things that its main wording names."""
        return self.phrases[0].words.concepts if self.phrases else frozenset()

    @property
    def is_number(self) -> bool:
        """Whether the label ends by asking for a number, of a paper or an account."""
        return self.form == "text" and _NUMBER.search(main_sentence(self.questions[0].label)) is not None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said of it yet."""
        return all(question.state == "empty" for question in self.questions)

    @property
    def is_settled(self) -> bool:
        """Whether only a message that names it may change it."""
        return any(question.state in ("confirmed", "skipped", "declined") for question in self.questions)


def slots_of(questions: Sequence[Question]) -> tuple[Slot, ...]:
    """The slots of a form in its order. Signatures have none."""
    made: list[Slot] = []
    for run in _runs([each for each in questions if not is_signature(each) and not _SIGNED.search(each.label)]):
        slot = _slot(run)
        made.append(_with_inherited_role(slot, made) if made else slot)
    return tuple(replace(slot, vocabulary=_vocabulary(slot)) for slot in _numbered(_first_names(made)))


def _vocabulary(slot: Slot) -> frozenset[str]:
    phrases = (*slot.phrases, *(phrase for option in slot.options for phrase in option.phrases))
    return frozenset().union(*(phrase.words.tokens for phrase in phrases))


def _first_names(slots: list[Slot]) -> list[Slot]:
    # `Nombre` beside `Apellidos` is the first name, `Nom` beside `Prénom` the last.
    made = list(slots)
    for place, slot in enumerate(slots):
        if slot.concepts != {"name"} or slot.phrases[0].words.tokens != {"@name"}:
            continue
        beside = [
            each for each in slots[max(0, place - 1) : place + 2] if each is not slot and each.roles == slot.roles
        ]
        for part, other in (("first", "last"), ("last", "first")):
            if any(each.concepts == {other} for each in beside):
                words = replace(slot.phrases[0].words, tokens=frozenset((f"@{part}",)))
                made[place] = replace(
                    slot, phrases=(Phrase(words), *(replace(each, weight=0.6) for each in slot.phrases))
                )
    return made


def _numbered(slots: list[Slot]) -> Iterator[Slot]:
    # `1d. Account number` and `2d. Account number` are those of the first and of the second account.
    lines: dict[frozenset[str], set[str]] = {}
    for slot in slots:
        lines.setdefault(_asked_for(slot), set()).add(slot.line or "")
    for slot in slots:
        several = len(lines[_asked_for(slot)]) > 1 and re.fullmatch(r"\d[a-z]", slot.line or "")
        yield replace(slot, ordinals=slot.ordinals | {(slot.line or "")[0]}) if several and not slot.ordinals else slot


def _asked_for(slot: Slot) -> frozenset[str]:
    if slot.form == "group":
        return frozenset(token for option in slot.options for each in option.phrases[:1] for token in each.words.tokens)
    return slot.phrases[0].words.tokens if slot.phrases else frozenset()


def _runs(questions: list[Question]) -> Iterator[tuple[Question, ...]]:
    taken: set[str] = set()
    for place, question in enumerate(questions):
        if question.id in taken:
            continue
        run: tuple[Question, ...] = (question,)
        if question.kind == "checkbox" and question.group:
            run = tuple(each for each in questions if each.kind == "checkbox" and each.group == question.group)
        elif question.kind == "text":
            run = _pieces(questions[place : place + 3]) or run
        taken.update(each.id for each in run)
        yield run


def _pieces(following: list[Question]) -> tuple[Question, ...] | None:
    lengths = tuple(each.max_length for each in following if each.kind == "text")
    for pattern, wants in _SPLITS.items():
        pieces = following[: len(pattern)]
        if lengths[: len(pattern)] != pattern or len(pieces) != len(pattern):
            continue
        concepts = frozenset().union(*(label_words(each.label).concepts for each in pieces))
        if wants == "date":
            fits = all(_DATED.match(bare_label(each.label)) or "date" in each.label.lower() for each in pieces[1:])
        else:
            fits = wants in concepts or (wants == "ssn" and "tin" in concepts)
        if fits:
            return tuple(pieces)
    return None


def _slot(run: tuple[Question, ...]) -> Slot:
    first = run[0]
    line = line_of(first.label)
    if first.kind == "checkbox":
        return _boxes(run, line)
    phrases = phrases_of(first.label, first.section, first.description)
    words = phrases[0].words
    if excepted := frozenset(_NOT_ROLE.findall(first.label)):
        # `If I am not the veteran, my name is` asks for somebody else's name.
        others = label_words(" ".join(sorted(excepted))).roles
        phrases = tuple(replace(each, words=replace(each.words, roles=each.words.roles - others)) for each in phrases)
        words = phrases[0].words
    whole = (
        label_words(ASIDE.sub(" ", bare_label(first.label))) if len(first.label) <= _SHORT and not excepted else words
    )
    ordinals = words.ordinals or (whole.ordinals | number_at_end(first.label))
    slot = Slot("text", run, phrases, roles=words.roles or whole.roles, ordinals=ordinals, line=line)
    if len(run) > 1:
        wants = _SPLITS[tuple(each.max_length or 0 for each in run)]
        named = (Phrase(Words(frozenset((f"@{wants}",)))),) if wants in ("ssn", "ein") else ()
        return replace(slot, form="split", wants=wants, phrases=named + phrases)
    if first.kind in ("radio", "dropdown", "listbox"):
        options = tuple(
            Option(first.id, value, label, tuple(wordings_of(label)) or tuple(wordings_of(value)))
            for value, label in first.choices
        )
        return replace(slot, form="choice", options=options)
    return replace(slot, wants=_wants(first, phrases))


def _boxes(run: tuple[Question, ...], line: str | None) -> Slot:
    stem = shared_beginning([each.label for each in run]) if len(run) > 1 else ""
    options = tuple(_box(each, stem) for each in run)
    context = " ".join(part for part in (stem, run[0].section or "", run[0].description or "") if part)
    phrases: tuple[Phrase, ...] = (Phrase(label_words(stem)),) if stem else ()
    if context and context != stem:
        phrases += (Phrase(label_words(context), 0.8),)
    if len(run) == 1:
        phrases = options[0].phrases + phrases
    # `A U.S. citizen. Spouse.`: the last word tells whose box it is.
    tail = label_words((sentences_of(run[0].label) or (run[0].label,))[-1])
    words = label_words(stem) if len(run) > 1 else tail if not tail.tokens else label_words(last_words(run[0].label))
    form: Form = "box" if len(run) == 1 else "group"
    return Slot(form, run, phrases, "choice", options, words.roles, words.ordinals, line)


def _box(question: Question, stem: str) -> Option:
    last = last_words(question.label)
    said = fold(last)
    if said in POLAR:
        rest = question.label[: question.label.rfind(last)]
        wordings = tuple(wordings_of(rest, is_box=True)) or (Phrase(label_words(stem)),)
        return Option(question.id, "on", last, wordings, said in ("yes", "ja", "oui", "si"))
    own = question.label
    if stem and len(sentences_of(own)) > 1:
        own = ". ".join(part for part in sentences_of(own) if fold(part) not in fold(stem)) or own
    return Option(question.id, "on", last, tuple(wordings_of(own, is_box=True)))


def _with_inherited_role(slot: Slot, before: list[Slot]) -> Slot:
    # `Last name.` after `Spouse's first name` is the spouse's, and so is a number that was asked for once already.
    last, parts = before[-1], {"first", "middle", "last"}
    if slot.roles or not last.roles or not slot.concepts or "first" in slot.concepts:
        return slot
    named = slot.concepts & parts and last.concepts & parts
    again = slot.form == "text" and any(_again(slot, each) for each in before[-8:])
    return replace(slot, roles=last.roles, ordinals=slot.ordinals or last.ordinals) if named or again else slot


def _again(slot: Slot, earlier: Slot) -> bool:
    return not earlier.roles and bool(earlier.phrases) and earlier.phrases[0].words == slot.phrases[0].words


_BY_CONCEPT = {
    "ein": "ein", "ssn": "ssn", "tin": "tin", "vat": "vat", "iban": "iban", "routing": "routing", "phone": "phone",
    "fax": "phone", "email": "email", "birth": "date", "zip": "zip", "amount": "amount",
}  # fmt: skip
_DATE = re.compile(r"\b(?:date|datum|fecha)\b", re.IGNORECASE)


def _wants(question: Question, phrases: tuple[Phrase, ...]) -> str:
    typed = {"date": "date", "email": "email", "phone": "phone", "currency": "amount", "number": "amount"}
    if question.data_type in typed:
        return typed[question.data_type]
    concepts = phrases[0].words.concepts
    kinds = {_BY_CONCEPT[each] for each in concepts if each in _BY_CONCEPT}
    if len(kinds) == 1 and not concepts - set(_BY_CONCEPT) - {"name", "account"}:
        return kinds.pop()
    if kinds == {"ssn", "tin"}:
        return "ssn"
    if not concepts and _DATE.search(main_sentence(question.label)) and len(phrases[0].words.tokens) <= 4:
        return "date"
    return "text"
