"""A value into a slot: into one field, into several that hold its parts, into a box or an option."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from frontdesk.adapters import interpreter_builtin_dates as dates
from frontdesk.adapters.interpreter_builtin_matching import pick
from frontdesk.adapters.interpreter_builtin_parting import address_parts, companions, name_parts
from frontdesk.adapters.interpreter_builtin_parts import code_for, name_in, place_of, state_code
from frontdesk.adapters.interpreter_builtin_shapes import plain_amount, shapes
from frontdesk.adapters.interpreter_builtin_slots import Option, Slot
from frontdesk.adapters.interpreter_builtin_vocabulary import NO, YES
from frontdesk.adapters.interpreter_builtin_words import fold, words_of
from frontdesk.adapters.interpreter_values import clean, held
from frontdesk.ports.interpreter import Answer, Question, Update

_NEGATION = re.compile(r"\b(?:not|no|nicht|kein\w*|pas|non|never)\b|n['’]t\b", re.IGNORECASE)
_TRAILING = re.compile(
    r";.*$|,\s+(?:and\s+)?(?:not|nicht|pas)\s.*$"
    r"|,\s+(?:decided|dated|born|issued|filed|signed|since|who|which|that)\b.*$|\s+before\s+(?:the\s+)?(?:hon|judge)\b.*$",
    re.IGNORECASE | re.DOTALL,
)
_ARTICLE = re.compile(r"^(?:an?|eine?|une?)\s+(?=[A-Z0-9])")
_PLAIN_WORD = re.compile(r"\b[a-zà-ÿ]{4,}\b")
"""No number of a paper or an account has one."""
_PROSE = re.compile(r"\b(?:reason|descri\w+|expla\w+|comments?|grund|motif|motivo)\b", re.IGNORECASE)
_QUOTED = re.compile(r'^["“”„«»](.*)["“”„«»]$', re.DOTALL)
_SENTENCE = re.compile(r"\s(?:is|are|was|my|our|i['’]?m|ist|sind|mein\w*)\s", re.IGNORECASE)
"""Words of a sentence, which are in no name, number or place."""
_SHAPED = ("email", "phone", "ssn", "ein", "iban", "vat", "routing", "zip")
_TYPES = {"email": "email", "phone": "phone", "date": "date", "amount": "currency"}
_PLACES = frozenset(("city", "state", "country", "county"))
_SINGLE = frozenset(("account", "case", "city", "state", "country", "county", "middle", "apt", "gender", "nationality"))
"""Things that are over at a comma."""
_BEFORE_SUM = re.compile(
    r"^\W*(?:(?:about|around|approximately|roughly|exactly|a total of|the amount of|of|usd|eur|chf|gbp|ca|etwa"
    r"|rund|environ|de"
    r"|unos|total)\W+)*$",
    re.IGNORECASE,
)
_NAMES = frozenset(("name", "first", "last", "business"))
_NOT_ANSWERS = re.compile(r"^(?:unknown|unclear|tbd|to be determined|\?+|the same|same|different|wrong|correct"
                          r"|right|attached"
                          r"|important|required|optional|below|above|there|here|it|that"
                          r"|this)$", re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filled:
    """What came of it: the updates (none if the slot cannot hold this), and the text behind the value."""

    updates: tuple[Update, ...] = ()
    rest: str = ""


class Filling:
    """Puts values into the slots of one form, as of one day."""

    def __init__(self, slots: Sequence[Slot], today: date, *, month_first: bool | None) -> None:
        self._slots = slots
        self._today = today
        self._month_first = month_first
        self.is_lower = False
        """Set for people who write without capitals."""

    def put(self, slot: Slot, text: str) -> Filled:
        """The updates that put this text into the slot."""
        text = clean(text)
        if slot.form in ("box", "group", "choice"):
            return Filled(self._choose(slot, text))
        if _NOT_ANSWERS.match(text.strip(" .!")) or not text:
            return Filled()
        if slot.form == "split":
            return self._split(slot, text)
        question = slot.questions[0]
        if slot.wants in _SHAPED:
            return self._shaped(slot, question, text)
        if slot.wants in ("date", "amount"):
            return self._measured(slot, question, text)
        text, rest = _cut(slot, text)
        if slot.concepts & _NAMES and not slot.concepts & {"address", "street"}:
            name = name_in(bare(text))
            text, rest = name, text[text.find(name) + len(name) :].lstrip(" ,") or rest
        if not self._plausible(slot, text):
            return Filled()
        return Filled(tuple(self._texts(slot, question, _ARTICLE.sub("", bare(text)))), rest)

    def _plausible(self, slot: Slot, text: str) -> bool:
        """Whether a text can be such a thing: names have capitals and no numbers, places have capitals."""
        concepts = slot.concepts
        if slot.is_number and (not any(map(str.isdigit, text)) or _PLAIN_WORD.search(text)):
            return False
        if concepts & {"address", "street"} and not any(each.isdigit() or each.isupper() for each in text):
            return False
        if _PROSE.search(slot.questions[0].label):
            return True
        if concepts and _SENTENCE.search(text) and not concepts & {"address", "street"}:
            return False
        is_party = not slot.phrases[0].words.tokens and bool(slot.roles)
        is_named = len(concepts) == len(slot.phrases[0].words.tokens) and bool(concepts & (_NAMES | _PLACES))
        if concepts & {"address", "street"} or not (is_party or is_named):
            return True
        if any(letter.isupper() for letter in text) or self.is_lower:
            return "@" not in text and (bool(concepts & {"business", "zip"}) or sum(map(str.isdigit, text)) < 3)
        return False

    def _one(self, question: Question, value: Answer, data_type: str | None = None) -> tuple[Update, ...]:
        typed = replace(question, data_type=data_type) if data_type and question.data_type == "string" else question
        kept = held(typed, value, self._today, month_first=self._month_first)
        return () if kept is None else (Update(question.id, "propose", kept),)

    def _choose(self, slot: Slot, text: str) -> tuple[Update, ...]:
        said = fold(text)
        polar = {option.polarity: option for option in slot.options if option.polarity is not None}
        answer = True if said in YES else False if said in NO else None
        if slot.form == "box":
            if answer is None:
                return ()
            # A box that says no is ticked by a no.
            return (
                Update(
                    slot.id, "propose", answer is not False if slot.options[0].polarity is not False else not answer
                ),
            )
        if answer is not None and answer in polar:
            return (Update(polar[answer].id, "propose", True),)
        by_name = [option for option in slot.options if fold(option.label) == said or fold(option.value) == said]
        picked = by_name[0] if len(by_name) == 1 else self._contained(slot, text)
        if picked is None:
            found, _ = pick(text, (slot,), 0.6)
            picked = found.option if found is not None else None
        if picked is None:
            return self._several(slot, text)
        return (Update(picked.id, "propose", True if slot.form == "group" else picked.value),)

    def _contained(self, slot: Slot, text: str) -> Option | None:
        """The option whose words are all in the text, if it is the only one: `it is a savings account`."""
        if _NEGATION.search(text):
            return None
        words = words_of(text).tokens
        found = [
            option
            for option in slot.options
            if option.polarity is None
            and any(each.words.tokens <= words for each in option.phrases if each.weight > 0.9)
        ]
        return found[0] if len(found) == 1 else None

    def _several(self, slot: Slot, text: str) -> tuple[Update, ...]:
        if slot.form != "choice" or slot.questions[0].kind != "listbox":
            return ()
        found = [
            pick(part, (slot,), 0.8)[0] for part in re.split(r",|\band\b|\bund\b|\bet\b|\by\b|&", text) if part.strip()
        ]
        values = [each.option.value for each in found if each is not None]
        return (Update(slot.id, "propose", tuple(dict.fromkeys(values))),) if values and None not in found else ()

    def _split(self, slot: Slot, text: str) -> Filled:
        if slot.wants == "date":
            return self._split_date(slot, text)
        found = list(shapes(text, slot.wants))
        if not found:
            return Filled()
        digits = re.sub(r"\D", "", found[0].text)
        questions = slot.questions
        if slot.wants == "zip" and len(digits) == 5:
            questions = questions[:1]  # nobody must know the four behind it
        if len(digits) != sum(question.max_length or 0 for question in questions):
            return Filled()
        updates = []
        for question in questions:
            length = question.max_length or 0
            updates.append(Update(question.id, "propose", digits[:length]))
            digits = digits[length:]
        return Filled(tuple(updates), text[found[0].end :])

    def _split_date(self, slot: Slot, text: str) -> Filled:
        told = next(dates.dates(text, self._today), None)
        day = dates.chosen(told, None, month_first=self._month_first) if told is not None else None
        if told is None or day is None:
            return Filled()
        updates = []
        for question in slot.questions:
            letter = fold(question.label)[:1]
            part = (
                f"{day.year}"
                if question.max_length == 4
                else f"{day.day:02d}"
                if letter in ("d", "t", "j")
                else f"{day.month:02d}"
            )
            updates.append(Update(question.id, "propose", part))
        return Filled(tuple(updates), text[told.end :])

    def _shaped(self, slot: Slot, question: Question, text: str) -> Filled:
        found = list(shapes(text, slot.wants))
        if not found:
            return Filled()
        value = found[0].text
        digits = re.sub(r"\D", "", value)
        if slot.wants == "ssn" and len(digits) == 9:
            value = f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"
        if slot.wants == "ein" and len(digits) == 9:
            value = f"{digits[:2]}-{digits[2:]}"
        if re.search(r"digits only|nur ziffern|chiffres uniquement", question.label, re.IGNORECASE):
            value = digits
        return Filled(self._one(question, value, _TYPES.get(slot.wants)), text[found[0].end :])

    def _measured(self, slot: Slot, question: Question, text: str) -> Filled:
        if slot.wants == "date":
            told = next(dates.dates(text, self._today), None)
            if told is None:
                return Filled()
            return Filled(self._one(question, text[told.start : told.end], "date"), text[told.end :])
        found = next(shapes(text, "amount"), None)
        if found is None or plain_amount(found.text) is None or not _BEFORE_SUM.match(text[: found.start]):
            return Filled()
        # `12 Harbor Street` is no sum: a number with words behind it that are no currency.
        behind = re.match(r"\s*([^\W\d_]+)", text[found.end :])
        if behind and behind.group(1).lower() not in _MONEY:
            return Filled()
        return Filled(self._one(question, found.text, "currency"), text[found.end :])

    def _texts(self, slot: Slot, question: Question, text: str) -> Iterator[Update]:
        concepts = slot.concepts
        if question.max_length is not None and question.max_length <= 2 and len(text) > question.max_length:
            code = code_for(text, question.label, self._labels(slot)) or (
                state_code(text) if "state" in concepts else None
            )
            if "middle" in concepts and re.fullmatch(r"[A-Za-z]\.?", text):
                code = text[:1]
            yield from self._one(question, code) if code else ()
            return
        if question.max_length == 1:
            code = code_for(text, question.label, self._labels(slot))
            if code:
                text = code
        place = place_of(text) if concepts & {"address", "street"} and not concepts & {"name", "city"} else None
        if place is not None:
            near = companions(self._slots, slot)
            if near:
                for each, part in address_parts(slot, near, place):
                    yield from (
                        self._one(each.questions[0], part) if len(each.concepts) > 1 else self._alone(slot, each, part)
                    )
                return
        yield from self._one(question, text)

    def _alone(self, slot: Slot, each: Slot, part: str) -> tuple[Update, ...]:
        return self._one(each.questions[0], part) if each is slot else self.put(each, part).updates

    def name(self, text: str, slots: Sequence[Slot]) -> tuple[Update, ...]:
        """A whole name into the slots of its parts."""
        parts = name_parts(bare(text), slots)
        return tuple(update for slot, part in parts for update in self._one(slot.questions[0], part))

    def _labels(self, slot: Slot) -> list[str]:
        at = self._slots.index(slot)
        return [each.label for near in self._slots[max(0, at - 4) : at + 5] for each in near.questions]


_MONEY = frozenset(
    (
        "dollars",
        "dollar",
        "usd",
        "euro",
        "euros",
        "eur",
        "chf",
        "gbp",
        "pounds",
        "bucks",
        "in",
        "per",
        "and",
        "please",
        "und",
        "et",
    )
)


def _cut(slot: Slot, text: str) -> tuple[str, str]:
    """What belongs to the value, and what was added behind it."""
    rest = ""
    if (behind := _TRAILING.search(text)) is not None and not slot.questions[0].description:
        text, rest = text[: behind.start()], text[behind.start() :].lstrip(" ,")
    if len(slot.concepts) == 1 and slot.concepts <= _SINGLE and "," in text:
        text, _, more = text.partition(",")
        rest = f"{more}, {rest}" if rest else more
    return text, rest


def bare(text: str) -> str:
    """A text without its quotes and the stop that ended the sentence."""
    found = _QUOTED.sub(r"\1", text.strip()).strip(" ,;!")
    return (
        found[:-1].rstrip()
        if found.endswith(".") and not re.search(r"\b(?:\w|Inc|Ltd|Corp|Co|Jr|Sr|St|Ave|Rd|Blvd)\.$", found)
        else found
    )
