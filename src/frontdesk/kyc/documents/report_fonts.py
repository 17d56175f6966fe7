"""The fonts of a report: those of the packages, taken when the text needs them, and what is done about the rest."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from fontTools.ttLib import TTFont

MAIN = "sans"
_FILES: tuple[tuple[str, str, str, int], ...] = (
    (MAIN, "fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf", 0),
    ("arabic", "fontpkg_noto_sans_arabic", "files/NotoSansArabic[wdth,wght].ttf", 0),
    ("hebrew", "fontpkg_heebo", "files/Heebo[wght].ttf", 0),
    ("devanagari", "fontpkg_noto_sans_devanagari", "files/NotoSansDevanagari[wdth,wght].ttf", 0),
    ("thai", "fontpkg_noto_sans_thai", "files/NotoSansThai[wdth,wght].ttf", 0),
)
_CJK = "noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc"
_JAPANESE, _KOREAN, _SIMPLIFIED = 0, 1, 2
MAIN_RANGES = (
    (0x0000, 0x08FF),
    (0x1AB0, 0x1AFF),
    (0x1C80, 0x1C8F),
    (0x1D00, 0x2DFF),
    (0x2E00, 0x2E7F),
    (0xA640, 0xA8DF),
    (0xA900, 0xFFFD),
)
"""What the main font is used for. It has Devanagari too, but a run of one font is shaped by the rules of one script:
beside a Latin word the signs would stand where no reader expects them."""
_KEPT = frozenset("\n\t\u200c\u200d")
"""Characters without a picture that texts need: joiners spell words in Arabic and Indic scripts."""


def needed(text: str) -> list[tuple[str, str, int]]:
    """Name, file and number within the file of each font that the text needs, the main one first."""
    chars = {char for char in text if not char.isspace()}
    found, left = [], chars
    for name, package, file, number in _FILES:
        path = _path(package, file)
        covered = _covered(path, number)
        if name == MAIN or any(ord(char) in covered for char in left):
            found.append((name, path, number))
            left = {char for char in left if ord(char) not in covered}
    number = _KOREAN if _has(left, "HANGUL") else _JAPANESE if _has(left, "HIRAGANA", "KATAKANA") else _SIMPLIFIED
    if any(_is_east_asian(char) for char in left):
        found.append(("cjk", _path(*_CJK), number))
    return found


def legible(text: str, fonts: Iterable[tuple[str, str, int]]) -> str:
    """The text with `<U+1F600>` for each character that no font has, and for those that nobody sees."""
    covered = [_covered(path, number) for _, path, number in fonts]

    def shown(char: str) -> str:
        if char in _KEPT:
            return char
        hidden = unicodedata.category(char) in ("Cc", "Cf", "Co", "Cn", "Cs")
        if hidden or not any(ord(char) in each for each in covered):
            return f"<U+{ord(char):04X}>"
        return char

    return "".join(shown(char) for char in unicodedata.normalize("NFC", text).replace("\r\n", "\n"))


def _is_east_asian(char: str) -> bool:
    return unicodedata.east_asian_width(char) in ("W", "F", "H") or ord(char) >= 0x2E80


def _has(chars: Iterable[str], *scripts: str) -> bool:
    return any(unicodedata.name(char, "").startswith(scripts) for char in chars)


@lru_cache(maxsize=16)
def _path(package: str, file: str) -> str:
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (path := Path(folder) / file).is_file():
            return str(path)
    raise FileNotFoundError(f"the font package {package} is not installed as it should be")


@lru_cache(maxsize=16)
def _covered(path: str, number: int) -> frozenset[int]:
    with TTFont(path, fontNumber=number, lazy=True) as font:
        found = frozenset(font.getBestCmap())
    if path != _path(*_FILES[0][1:3]):
        return found
    return frozenset(each for each in found if any(begin <= each <= end for begin, end in MAIN_RANGES))
