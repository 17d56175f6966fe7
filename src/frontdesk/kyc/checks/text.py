"""Printed text made comparable: capitals without accents, as machine-readable zones write them."""

import unicodedata

# Doc 9303 part 3, section 6: letters that have a spelling of their own in a zone. Some states use the second
# one.
_SPELLINGS = {
    "Æ": ("AE",),
    "Œ": ("OE",),
    "Þ": ("TH",),
    "Ð": ("D",),
    "Đ": ("D",),
    "ß": ("SS",),
    "Ø": ("OE", "O"),
    "Ö": ("OE", "O"),
    "Ä": ("AE", "A"),
    "Ü": ("UE", "U", "UXX"),
    "Å": ("AA", "A"),
    "Ñ": ("N", "NXX"),
    "Ł": ("L",),
    "İ": ("I",),
    "ı": ("I",),
    "Ĳ": ("IJ",),
    "Ħ": ("H",),
}


def fold(text: str, choice: int = 0) -> str:
    """Capitals A-Z and digits, everything else one space. `choice` picks among the spellings of a letter."""
    out = []
    for letter in unicodedata.normalize("NFC", text):
        upper = letter if letter == "ß" else letter.upper()
        if upper in _SPELLINGS:
            spellings = _SPELLINGS[upper]
            out.append(spellings[min(choice, len(spellings) - 1)])
            continue
        plain = "".join(c for c in unicodedata.normalize("NFD", upper) if not unicodedata.combining(c))
        out.append(plain if plain.isascii() and plain.isalnum() else " ")
    return " ".join("".join(out).split())


def foldings(text: str) -> set[str]:
    """Every way in which this text may stand in a zone."""
    return {fold(text, choice) for choice in range(3)} - {""}


def squeeze(text: str) -> str:
    """Folded and without spaces: readers lose spaces more easily than letters."""
    return fold(text).replace(" ", "")
