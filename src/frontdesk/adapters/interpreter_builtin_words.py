"""Words made comparable: folded, gathered into the things they name, told apart by who is meant."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from frontdesk.adapters.interpreter_builtin_vocabulary import (
    CONCEPTS,
    LANGUAGES,
    ORDINALS,
    ROLES,
    SMALL,
    Language,
    words,
)

_SPELLED = re.compile(r"\b(?:[a-z] ){1,5}[a-z]\b")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_STATES = re.compile(r"\bu s(?: a)?\b|\bus(?= (?:citizen|resident|person|national)s?\b)")
_POSSESSIVE = re.compile(r"['’]s\b|s['’](?=\s)")
_BROKEN = str.maketrans({"ß": "ss", "œ": "oe", "æ": "ae", "ø": "o", "ł": "l"})


def fold(text: str) -> str:
    """Lower case, no accents, no punctuation, one space between words; letters that were spelled out are joined."""
    lowered = _POSSESSIVE.sub("", text.lower().translate(_BROKEN))
    plain = "".join(each for each in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(each))
    spaced = _STATES.sub("usa", _NOT_WORD.sub(" ", plain).strip())
    return _SPELLED.sub(_joined, spaced)


def _joined(match: re.Match[str]) -> str:
    letters = match.group().split()
    # `I`, `a` and a letter before a word of its own (`S corporation`) are words; three letters in a row are not.
    return "".join(letters) if len(letters) >= 3 or match.group() in ("v a", "p o") else match.group()


def _table(table: dict[str, str]) -> dict[str, str]:
    return {wording: name for name, wordings in table.items() for wording in wordings.split("|")}


_CONCEPTS, _ROLES, _ORDINALS = _table(CONCEPTS), _table(ROLES), _table(ORDINALS)
_SPOKEN = {**_CONCEPTS, **{each: f"%{name}" for each, name in _ROLES.items() if " " in each}}
_PHRASE = re.compile(r"\b(?:" + "|".join(sorted(map(re.escape, _SPOKEN), key=len, reverse=True)) + r")\b")
_SELF = words(
    "my|i|me|mine|you|we|our|taxpayer|applicant|primary|tp|your|yours|petitioner|patient|patients|policyholder|insured|borrower|guest|alumno|alumna|schuler|schulerin|eleve|customer|client|tenant|renter|antragsteller|versicherter|mieter|patientin|mein|meine|ich|mon|ma|je|mi|yo"
)
_INDEXED = re.compile(r"(child|user|users|dependent|name)(\d)")
_ORDINAL = re.compile(r"(\d)(?:st|nd|rd|th)$")


@dataclass(frozen=True, slots=True)
class Words:
    """What a piece of text speaks of: things and words that carry meaning, whose they are, which of several."""

    tokens: frozenset[str]
    roles: frozenset[str] = frozenset()
    ordinals: frozenset[str] = frozenset()
    is_own: bool = False

    @property
    def concepts(self) -> frozenset[str]:
        """The things it names, without their mark."""
        return frozenset(token[1:] for token in self.tokens if token[0] == "@")


def weight(token: str) -> float:
    """How much a word tells: the name of a thing more than any other word."""
    return 3.0 if token[0] == "@" else 1.0


def words_of(text: str) -> Words:
    """The words of a text that carry meaning. What people say is not kept."""
    folded = _INDEXED.sub(_indexed, fold(text)).replace("attorney for", "represented")
    joined = _PHRASE.sub(_named, folded).split()
    roles: set[str] = set()
    ordinals: set[str] = set()
    tokens: set[str] = set()
    for place, word in enumerate(joined):
        role = word[1:] if word[0] == "%" else _ROLES.get(word) or _ROLES.get(re.sub("e?s$", "", word))
        if role is not None and (role != "foreign" or place == 0):
            roles.add(role)
        elif (ordinal := _ordinal(word)) is not None:
            ordinals.add(ordinal)
        elif word not in SMALL and word not in _SELF:
            tokens.add(stem(word))
    return Words(frozenset(tokens), frozenset(roles), frozenset(ordinals), any(word in _SELF for word in joined))


label_words = lru_cache(maxsize=8192)(words_of)
label_fold = lru_cache(maxsize=8192)(fold)
"""The same for what a form prints, which comes again with every message."""


def _named(match: re.Match[str]) -> str:
    name = _SPOKEN[match.group()]
    return name if name[0] == "%" else f"@{name}"


def _indexed(match: re.Match[str]) -> str:
    word, number = match.group(1), match.group(2)
    if word.startswith("user"):
        return "taxpayer" if number == "1" else "respondent" if number == "2" else match.group()
    return f"{word} {number}"


def _ordinal(word: str) -> str | None:
    match = _ORDINAL.match(word)
    if match is not None:
        return match.group(1)
    return word if len(word) == 1 and word.isdigit() else _ORDINALS.get(word)


def stem(word: str) -> str:
    """A word without the ending that changes with its place in the sentence."""
    if word[0] == "@" or len(word) < 4 or word.isdigit():
        return word
    if word.endswith("ment") and len(word) >= 7:
        word = word[:-4]
    for ending, least in (("ies", 5), ("ing", 6), ("ed", 5), ("es", 5), ("s", 4), ("e", 5)):
        if word.endswith(ending) and len(word) >= least and not word.endswith("ss"):
            return word[: -len(ending)] + ("i" if ending == "ies" else "")
    return word[:-1] + "i" if word.endswith("y") and len(word) > 4 else word


def language_of(texts: Iterable[str]) -> Language:
    """The language of the first text that shows one; English when none does."""
    for text in texts:
        said = re.findall(r"[\w'’]+", text.lower())
        counts = {name: sum(word in small for word in said) for name, small in LANGUAGES.items()}
        best = max(counts, key=lambda name: counts[name])
        if counts[best] and sum(count == counts[best] for count in counts.values()) == 1:
            return best
    return "en"
