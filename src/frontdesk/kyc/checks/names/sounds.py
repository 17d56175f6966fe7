"""How a word sounds, coarsely: the consonants in classes, so that most ways to write it in Latin letters are one."""

import re
from functools import lru_cache

_TOGETHER = (
    ("tsch", "S"), ("shch", "S"), ("dzh", "J"), ("sch", "S"), ("tch", "S"), ("sh", "S"), ("zh", "S"), ("cz", "S"),
    ("ts", "S"), ("tz", "S"), ("dj", "J"), ("dz", "S"), ("kh", "K"), ("gh", "K"), ("ck", "K"), ("qu", "K"),
    ("ng", "N"), ("ph", "F"), ("th", "T"), ("dh", "T"), ("x", "KS"),
)  # fmt: skip
_CLASSES = str.maketrans(
    {**dict.fromkeys("kqg", "K"), **dict.fromkeys("sz", "S"), **dict.fromkeys("dt", "T"), **dict.fromkeys("fv", "F")}
    | dict(zip("bpmnlrj", "BPMNLRJ", strict=True))
)
_PLAIN = re.compile(r"[a-z]+")
_VOWELS = frozenset("aeiou")


@lru_cache(maxsize=131_072)
def sounds(word: str) -> frozenset[str]:
    """The skeletons of a word: `muhammad`, `mohamed` and Arabic `mhmd` are all `MT`. A word with digits stays.

    There is more than one where letters are read differently: `ch` is a hiss in Chekhov and a K in Bach, and `c` may be
    either, too.
    """
    if not _PLAIN.fullmatch(word):
        return frozenset({word})
    text = word
    for spelling, sign in _TOGETHER:
        text = text.replace(spelling, sign)
    if "c" not in text:
        return frozenset({_skeleton(text)})
    hard = re.sub(r"c(?=[eiy])", "S", text.replace("ch", "K")).replace("c", "K")
    soft = re.sub(r"c(?=[eiy])", "S", text.replace("ch", "S")).replace("c", "K")
    hissed = text.replace("ch", "S").replace("c", "S")
    return frozenset({_skeleton(hard), _skeleton(soft), _skeleton(hissed)})


def _skeleton(text: str) -> str:
    # Between consonants, where Arabic is spelt letter by letter, a w is a vowel.
    text = re.sub(r"(?<=[^aeiou])w(?![aeiou])", "", text).replace("w", "F")
    first = text[0]
    head = "A" if first in _VOWELS else "J" if first == "y" else "H" if first == "h" else ""
    body = re.sub(r"[aeiouyh]", "", text).translate(_CLASSES)
    # Inside a word a J may be the Y of another language.
    signs = head + body[:1] + body[1:].replace("J", "") if not head else head + body.replace("J", "")
    return re.sub(r"(.)\1+", r"\1", signs)


@lru_cache(maxsize=131_072)
def is_unvowelled(word: str) -> bool:
    """Whether a word has hardly a vowel, as those of Arabic and Hebrew script have not."""
    return len(word) > 2 and sum(letter in _VOWELS for letter in word) * 4 <= len(word)
