"""Which font files there are, and which of them draws what.

The files come with Python packages that this one depends on, so that the same text gives the same bytes on every
machine: Noto Sans (Latin, Greek, Cyrillic), its Arabic, Devanagari and Thai, Heebo (Hebrew) and Noto Sans CJK, all
under the Open Font License. Other scripts are taken from the machine's own Noto fonts, when it has them.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from frontdesk.forms.documents.fonts_faces import FontFile

_CHINESE, _JAPANESE, _KOREAN = ("Hani", "Bopo"), ("Hani", "Hira", "Kana"), ("Hani", "Hang")
_CJK = "noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc"
_PACKAGED: tuple[tuple[str, str, int, tuple[str, ...], float, float], ...] = (
    ("fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf", 0, ("Latn", "Grek", "Cyrl"), 0.78, 0.23),
    ("fontpkg_noto_sans_arabic", "files/NotoSansArabic[wdth,wght].ttf", 0, ("Arab",), 0.9, 0.4),
    ("fontpkg_heebo", "files/Heebo[wght].ttf", 0, ("Hebr",), 0.76, 0.22),
    ("fontpkg_noto_sans_devanagari", "files/NotoSansDevanagari[wdth,wght].ttf", 0, ("Deva",), 0.95, 0.4),
    ("fontpkg_noto_sans_thai", "files/NotoSansThai[wdth,wght].ttf", 0, ("Thai",), 1.0, 0.3),
    (*_CJK, 2, _CHINESE, 0.87, 0.15),
    (*_CJK, 3, _CHINESE, 0.87, 0.15),
    (*_CJK, 0, _JAPANESE, 0.87, 0.15),
    (*_CJK, 1, _KOREAN, 0.87, 0.15),
)
SIMPLIFIED, TRADITIONAL, JAPANESE, KOREAN = 2, 3, 0, 1
"""Where the collection keeps the shapes of each language."""

_COLLECTED = {script for package, _, _, scripts, _, _ in _PACKAGED if package == _CJK[0] for script in scripts}
SAMPLES = {
    "Latin": ("Latn", "Ł"),
    "Greek": ("Grek", "Ω"),
    "Cyrillic": ("Cyrl", "Ж"),
    "Arabic": ("Arab", "ع"),
    "Hebrew": ("Hebr", "ש"),
    "Devanagari": ("Deva", "क"),
    "Thai": ("Thai", "ก"),
    "Chinese": ("Hani", "漢"),
    "Japanese": ("Hira", "あ"),
    "Korean": ("Hang", "한"),
}
"""The scripts that forms can be filled in with everywhere, each with a character of its own."""

_MACHINE = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "/opt/homebrew/share/fonts",
)


@dataclass(frozen=True, slots=True)
class Fonts:
    """What there is to draw with: `packaged` files first, then what lies in the folders of `machine`."""

    packaged: tuple[FontFile, ...]
    machine: tuple[Path, ...] = ()

    def for_script(self, script: str) -> tuple[FontFile, ...]:
        """Files meant for a script, best first; none if there is none."""
        found = tuple(file for file in self.packaged if script in file.scripts)
        return found or tuple(self._on_machine(script))

    def _on_machine(self, script: str) -> Iterable[FontFile]:
        for folder in self.machine if script in _COLLECTED else ():
            for file in _font_files(folder):
                if file.name == _CJK[1]:
                    yield from (
                        FontFile(file, *each[2:]) for each in _PACKAGED if each[1] == _CJK[1] and script in each[3]
                    )
        from fontTools.unicodedata import script_name

        # Latin, Greek and Cyrillic share the file that is named after none of them.
        western = script in ("Latn", "Grek", "Cyrl")
        name = "" if western else str(script_name(script, default=script)).replace("_", "")
        for folder in self.machine:
            for wanted in (f"NotoSans{name}", f"NotoSerif{name}"):
                for file in _font_files(folder):
                    if file.name in (f"{wanted}-Regular.ttf", f"{wanted}-Regular.otf", f"{wanted}[wdth,wght].ttf"):
                        yield FontFile(file, 0, (script,))


@lru_cache(maxsize=16)
def _font_files(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in folder.rglob("Noto*") if path.suffix in (".ttf", ".otf", ".ttc")))


@lru_cache(maxsize=1)
def installed() -> Fonts:
    """The fonts of the packages and of this machine."""
    packaged = []
    for package, name, index, scripts, above, below in _PACKAGED:
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            if (path := Path(folder) / name).is_file():
                packaged.append(FontFile(path, index, scripts, above, below))
    machine = (Path(sys.prefix) / "share" / "fonts", Path.home() / ".local/share/fonts", *map(Path, _MACHINE))
    return Fonts(tuple(packaged), tuple(folder for folder in machine if folder.is_dir()))


def lacking(fonts: Fonts) -> tuple[str, ...]:
    """Which of the scripts in `SAMPLES` have no font."""
    return tuple(
        name
        for name, (script, char) in SAMPLES.items()
        if not any(ord(char) in file.face.characters for file in fonts.for_script(script))
    )
