"""A name as its words: Latin letters without accents, honorifics and company forms dropped, particles marked."""

import re
import unicodedata
from functools import lru_cache

import msgspec
from anyascii import anyascii

_HONORIFICS = """
    mr mrs ms miss mister dr prof professor sir dame lord lady hon sheikh shaykh shaikh cheikh sheik haji hajji hajj
    alhaji hadji sayyid sayid sayed seyyed syed mullah mulla mawlawi maulavi maulana maulvi ustad ustadh qari hafiz
    imam ayatollah general gen colonel col major maj captain capt lieutenant lt brigadier admiral commander senor
    senora herr frau monsieur madame don dona doctor engineer eng ing
"""
_FORMS = """
    ltd limited llc llp lp inc incorporated corp corporation co company companies plc gmbh mbh ag kg kgaa ohg ug sa
    sas sarl sarlu srl spa snc sl slu scs bv nv vof oy oyj ab as asa aps sro doo dooel ad ead eood ood kft zrt nyrt
    rt zao oao ooo pao ao tov pat pjsc ojsc jsc cjsc pvt pte pty bhd sdn tbk pt kk fze fzc fzco fzllc est sal saog
    saoc wll bsc psc ltda eireli cv sapi
"""
_PARTICLES = """
    al el ul bin ben ibn bint binti von van vom zu zur der den ter ten de del della dello degli di da do dos das du
    la le las los y e af av
"""
_SERVANT = re.compile(r"ab(?:d|ed)(?:[aeiou]?l|[aeiou])(.{3,})")
"""`Abdul` and what follows, as one word: written apart as often."""
_SERVANTS = frozenset({"abdul", "abdel", "abdal", "abdol", "abdur", "abdu", "abdl", "abdil", "abed"})
HONORIFICS, FORMS, PARTICLES = (frozenset(text.split()) for text in (_HONORIFICS, _FORMS, _PARTICLES))
_LETTERS = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_ALIFS = dict.fromkeys("اأآٱ", "a") | {"إ": "i"}
"""The one vowel that Arabic always writes."""
_ARTICLE = re.compile(r"\b(ال)(?=\w{3})")
_BREAK = re.compile(r"[^a-z0-9]+")


class Word(msgspec.Struct, frozen=True):
    """One word of a name; a particle like `al` or `von` tells little and is often left out."""

    text: str
    is_particle: bool = False


@lru_cache(maxsize=65_536)
def words(name: str) -> tuple[Word, ...]:
    """The words of a name in their order; none only when nothing in it can be read or compared.

    What is dropped or marked is so only while two other words remain: `Van Ben` and `Co Ltd` stay whole.
    """
    found = [part for part in _BREAK.split(_latin(name)) if part]
    if not found:
        bare = "".join(
            one for one in unicodedata.normalize("NFKC", name).casefold() if one.isprintable() and one != " "
        )
        return (Word(bare),) if bare else ()
    found = [part for each in found for part in _parted(each)]
    for noise in (FORMS, HONORIFICS):
        kept = [part for part in found if part not in noise]
        if len(kept) >= 2 or (kept and noise is FORMS and len(kept[0]) > 2):
            found = kept
    strong = [part for part in found if part not in PARTICLES]
    if len(strong) < 2:
        return tuple(Word(part) for part in found)
    return tuple(Word(part, part in PARTICLES) for part in found)


def _latin(name: str) -> str:
    letters = []
    for letter in _ARTICLE.sub("\\1 ", unicodedata.normalize("NFKC", name)):
        spelt = _ALIFS.get(letter) or anyascii(letter)
        if letter == "ʿ" or spelt == "`":  # the letter ayn: a vowel to most who write it in Latin letters
            spelt = "a"
        # Scripts without capitals whose signs are syllables: each is a word, as in `Wang Xiao Ming`.
        if spelt[:1].isupper() and not letter.isascii() and letter.lower() == letter.upper():
            spelt = f" {spelt}"
        letters.append(spelt)
    text = "".join(letters).lower()
    text = _LETTERS.sub(_joined_form, text)
    return re.sub(r"['’‘`´\"]", "", text)


def _joined_form(match: re.Match[str]) -> str:
    bare = match.group().replace(".", "")
    return f"{bare} " if bare in FORMS else match.group()


def _parted(word: str) -> list[str]:
    if word in _SERVANTS:
        return ["abd"]
    match = _SERVANT.fullmatch(word)
    if match is None:
        return [word]
    rest = match.group(1)
    return ["abd", rest[1:] if rest[0] == rest[1] else rest]
