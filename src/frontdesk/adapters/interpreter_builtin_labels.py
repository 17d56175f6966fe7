"""What a label says: its number, its sentences, the one that asks, the words of each and how far to trust them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from frontdesk.adapters.interpreter_builtin_words import Words, fold, label_words

_LINE = re.compile(
    r"^\s*(?:page \d+\.\s*)?(?:line\s+)?\(?(\d{1,2}\s?[a-zA-Z]?|[A-Z])\s?[.):](?:\s+|$)|^\s*(\d{1,2}[a-z])\s+"
    r"|^\s*(\d{1,2}[a-z]?)\s+(?=(?-i:[A-Z]))",
    re.IGNORECASE,
)
_PAGE = re.compile(r"^\s*page \d+\.\s*", re.IGNORECASE)
_SENTENCE = re.compile(r"(?:(?<=[a-z)\]0-9A-Z][.:?!])|(?<=\.\?))\s+(?=[A-Z(\d])")
ASIDE = re.compile(r"\(([^()]*)\)|\[[^\]]*\]")
_LEADER = re.compile(r"(?:\s*[._…]){3,}\s*\w{0,3}$")
_ANSWER = re.compile(r"(?<=\w)\s*:\s+(?=(?-i:[A-Za-z]))(?=(?:yes|no|ja|nein|oui|non|s[ií])\W*$)", re.IGNORECASE)
_PART = re.compile(r"^[^.?!]{3,60}?\s[-–]\s+(?=\d{1,2}\.\s)")
POLAR = ("yes", "no", "ja", "nein", "oui", "non", "si")
_OWNED = re.compile(r"^[\w .'’]{3,24}:\s+[\w .'’-]{2,40}$")
_CELL = re.compile(r"Row:\s*(?:\(\d+\)\s*)?(.*?)\.?\s*Column:\s*(.*?)\.")
_ROW = re.compile(r"^\s*(?:\d+\.\s*)?Row:\s*(?:\(\d+\)\s*)?(\d)\b")
_TELLING = re.compile(
    r"^(?:check|enter|see|note|do not|don.t|add|print|applies|the |for |please|reserved|if )", re.IGNORECASE
)
_NUMBERED = re.compile(r"(?:row|column|line|zeile|ligne)?\s*(\d{1,2})\s*(?:of \d+)?\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Phrase:
    """One wording of what a slot asks for, and how much it is to be believed (0 to 1)."""

    words: Words
    weight: float = 1.0


def line_of(label: str) -> str | None:
    """The number that a label begins with: `2b`."""
    match = _LINE.match(_PAGE.sub("", label))
    return None if match is None else (match.group(1) or match.group(2) or match.group(3)).replace(" ", "").lower()


def number_at_end(label: str) -> frozenset[str]:
    """Which of several, where the label ends with it (`Row 2`, `2 of 5`) or is that of a cell."""
    if (cell := _ROW.match(label)) is not None:
        return frozenset(cell.group(1))
    match = _NUMBERED.search(bare_label(label))
    return frozenset(match.group(1)) if match and len(match.group(1)) == 1 and match.start() > 0 else frozenset()


def bare_label(label: str) -> str:
    """A label without its number."""
    return _LINE.sub("", _PAGE.sub("", label), count=1).strip()


def _divided(text: str) -> list[str]:
    parts: list[str] = []
    asked = _ANSWER.split(text)
    for part in [each for half in asked for each in _SENTENCE.split(half)]:
        # `1a.` is the number of what follows.
        if parts and re.fullmatch(r"\(?\d{1,2}\s?[a-zA-Z]?[.):]", parts[-1]):
            parts[-1] += f" {part}"
        else:
            parts.append(part)
    return parts


@lru_cache(maxsize=8192)
def sentences_of(label: str) -> tuple[str, ...]:
    """The sentences of a label, each without its number."""
    text = _PART.sub("", _CELL.sub(r"\1 \2.", _LEADER.sub("", _PAGE.sub("", label))))
    parts = [bare_label(part).strip(" .:") for part in _divided(text)]
    return tuple(part for part in parts if len(part) > 1)


@lru_cache(maxsize=8192)
def main_sentence(label: str) -> str:
    """The sentence that says what to put here: the first that is no instruction."""
    if _OWNED.match(label):
        return bare_label(label)
    numbered = [part for part in _divided(_LEADER.sub("", label))[1:] if _LINE.match(part)]
    parts = [bare_label(part).strip(" .:") for part in numbered] + list(sentences_of(label))
    for part in parts:
        if not _TELLING.match(part) and label_words(ASIDE.sub(" ", part)).tokens:
            return part
    return parts[0] if parts else label


@lru_cache(maxsize=8192)
def phrases_of(label: str, section: str | None, description: str | None) -> tuple[Phrase, ...]:
    """The wordings of what is asked for, the main one first."""
    main = main_sentence(label)
    found = [Phrase(label_words(ASIDE.sub(" ", main)))]
    for part in sentences_of(label):
        if part != main:
            found.append(Phrase(label_words(ASIDE.sub(" ", part)), 0.6 if _TELLING.match(part) else 0.85))
    whole = label_words(label)
    found.append(Phrase(whole, 0.7))
    if found[0].words.tokens and (initials := _initials(main)):
        found.append(Phrase(Words(frozenset((initials,))), 0.95))
    if section:
        found.append(Phrase(label_words(f"{section} {ASIDE.sub(' ', main)}"), 0.95))
    if description:
        found.append(Phrase(label_words(description), 0.6))
    return tuple(each for each in found if each.words.tokens) or (Phrase(whole),)


def _initials(label: str) -> str:
    """`PCP` for `Primary care physician`."""
    words = fold(ASIDE.sub(" ", label)).split()
    return "".join(word[0] for word in words) if 3 <= len(words) <= 5 and all(map(str.isalpha, words)) else ""


@lru_cache(maxsize=8192)
def wordings_of(label: str, *, is_box: bool = False) -> tuple[Phrase, ...]:
    """The wordings of one answer, with what stands on both sides of a stroke or an `or`."""
    return tuple(_worded(label, is_box=is_box))


def _worded(label: str, *, is_box: bool) -> Iterator[Phrase]:
    parts = sentences_of(label) or (label,)
    last = last_words(label)
    for part in parts:
        believed = 1.0 if part == last or not is_box else 0.8
        believed *= 0.6 if _TELLING.match(part) and len(parts) > 1 else 1.0
        bare = ASIDE.sub(" ", part)
        for wording in dict.fromkeys([bare, *re.split(r"/|;|\bor\b|\boder\b|\bou\b|\s-\s|:", bare)]):
            words = label_words(wording)
            if words.tokens:
                yield Phrase(words, believed if wording == bare else believed * 0.97)


def last_words(label: str) -> str:
    """The sentence that tells one box from the next."""
    parts = list(sentences_of(label))
    # `LLC. Enter the tax classification` is the box of an LLC: what follows tells what else to do.
    while len(parts) > 1 and not label_words(parts[-1]).tokens and fold(parts[-1]) not in POLAR:
        parts.pop()
    while len(parts) > 1 and (_TELLING.match(parts[-1]) or _LINE.match(label)) and not _TELLING.match(parts[0]):
        parts.pop()
    return parts[-1] if parts else label


def shared_beginning(labels: list[str]) -> str:
    """The question that the boxes of a group have in common."""
    split = [sentences_of(label) for label in labels]
    shared: list[str] = []
    for parts in zip(*split, strict=False):
        if len({fold(part) for part in parts}) > 1:
            break
        shared.append(parts[0])
    if shared or not any(len(parts) > 1 for parts in split):
        return " ".join(shared) if any(len(parts) > len(shared) for parts in split) else ""
    return split[0][0] if len(split[0]) > 1 and all(len(parts) <= 1 for parts in split[1:]) else ""
