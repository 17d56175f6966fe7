"""What an identity paper says in its machine-readable zone (ICAO 9303), as far as its check digits agree."""

import re
from collections.abc import Iterator, Sequence
from itertools import product

import msgspec

from frontdesk.ports.ocr import Reading

_WEIGHTS = (7, 3, 1)
_VALUES = {**{str(n): n for n in range(10)}, **{chr(65 + n): 10 + n for n in range(26)}, "<": 0}
_LETTERS = str.maketrans("01258", "OIZSB")
_DATE = re.compile(r"\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")


class _Layout(msgspec.Struct, frozen=True):
    """Where the parts are: line, first column, column after the last. A check digit follows each but the names."""

    lines: int
    width: int
    names: tuple[int, int, int]
    number: tuple[int, int, int]
    birth: tuple[int, int, int]
    expiry: tuple[int, int, int]
    nationality: tuple[int, int, int]


_LAYOUTS = (
    _Layout(2, 44, (0, 5, 44), (1, 0, 9), (1, 13, 19), (1, 21, 27), (1, 10, 13)),
    _Layout(2, 36, (0, 5, 36), (1, 0, 9), (1, 13, 19), (1, 21, 27), (1, 10, 13)),
    _Layout(3, 30, (2, 0, 30), (0, 5, 14), (1, 0, 6), (1, 8, 14), (1, 15, 18)),
)


def printed_on(reading: Reading) -> dict[str, str] | None:
    """Names, number and dates of the holder; None when no zone was read whose check digits are right.

    The names have no check digit: they are what a reader saw, for the user to look over.
    """
    for page in reading.pages:
        band = [tuple(dict.fromkeys((_clean(one.first), _clean(one.second)))) for one in page.band]
        for layout in _LAYOUTS:
            for lines in _candidates(band, layout):
                found = _read(lines, layout)
                if found is not None:
                    return found
    return None


def check_digit(text: str) -> str:
    """The check digit of ICAO 9303: weights 7, 3, 1 over digits, letters (A is 10) and fillers (0)."""
    return str(sum(_VALUES[char] * _WEIGHTS[place % 3] for place, char in enumerate(text)) % 10)


def _clean(line: str) -> str:
    return re.sub(r"[^A-Z0-9<]", "", line.upper())


def _candidates(band: Sequence[tuple[str, ...]], layout: _Layout) -> Iterator[tuple[str, ...]]:
    """Every run of neighbouring lines of the right widths, as each of the two readers saw them."""
    for start in range(len(band) - layout.lines + 1):
        choices = [[line for line in band[start + place] if len(line) == layout.width] for place in range(layout.lines)]
        yield from product(*choices)


def _read(lines: tuple[str, ...], layout: _Layout) -> dict[str, str] | None:
    checked = []
    for line, start, end in (layout.number, layout.birth, layout.expiry):
        text = lines[line][start:end]
        if check_digit(text) != lines[line][end]:
            return None
        checked.append(text)
    number, birth, expiry = checked
    if not _DATE.fullmatch(birth) or not _DATE.fullmatch(expiry):
        return None
    line, start, end = layout.names
    last, _, first = lines[line][start:end].partition("<<")
    names = {"last_name": _spaced(last), "first_name": _spaced(first)}
    line, start, end = layout.nationality
    found = {
        **names,
        "document_number": number.strip("<"),
        "nationality": lines[line][start:end].strip("<"),
        "birth_date": _day(birth, expiry),
        "expiry_date": _day(expiry, None),
    }
    return {key: value for key, value in found.items() if value}


def _spaced(name: str) -> str:
    # Names in the zone have letters only: a digit there is a letter that was misread.
    return " ".join(part for part in name.translate(_LETTERS).split("<") if part).title()


def _day(text: str, expiry: str | None) -> str:
    """`1974-08-12`. The zone holds two digits of the year: papers expire in this century, and after the birth."""
    is_recent = expiry is None or (text[:2] < expiry[:2] and int(text[:2]) < 30)
    century = "20" if is_recent else "19"
    return f"{century}{text[:2]}-{text[2:4]}-{text[4:6]}"
