"""Machine-readable zones of ICAO Doc 9303: formats, check digits, and the repairs that these prove."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

WEIGHTS = (7, 3, 1)

# What readers take for one another in OCR-B. In a place that holds letters only, or digits only, the other
# cannot be meant, so the swap needs no proof there.
TO_LETTER = str.maketrans({"0": "O", "1": "I", "2": "Z", "5": "S", "6": "G", "8": "B"})
TO_DIGIT = str.maketrans(
    {"O": "0", "Q": "0", "D": "0", "U": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "G": "6", "B": "8"}
)
_TWINS = {
    "O": "0QD",
    "0": "OQD",
    "Q": "0O",
    "D": "0O",
    "I": "1L",
    "1": "IL",
    "L": "1I",
    "Z": "2",
    "2": "Z",
} | {
    "S": "5",
    "5": "S",
    "B": "8",
    "8": "B",
    "G": "6",
    "6": "G",
}


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a zone: line, first and last-but-one column, and what may stand there (`a`, `n` or `x`)."""

    line: int
    start: int
    end: int
    holds: str = "x"


@dataclass(frozen=True, slots=True)
class Layout:
    """One format. `composite` lists what its overall check digit covers, in order; empty when it has none."""

    name: str
    rows: int
    columns: int
    fields: dict[str, Span]
    composite: tuple[Span, ...]


def _two_lines(name: str, columns: int, optional_end: int, *, own_check: bool, composite: bool) -> Layout:
    fields = {
        "document_code": Span(0, 0, 2, "a"),
        "issuer": Span(0, 2, 5, "a"),
        "names": Span(0, 5, columns, "a"),
        "number": Span(1, 0, 9),
        "number_check": Span(1, 9, 10, "n"),
        "nationality": Span(1, 10, 13, "a"),
        "birth": Span(1, 13, 19, "n"),
        "birth_check": Span(1, 19, 20, "n"),
        "sex": Span(1, 20, 21, "a"),
        "expiry": Span(1, 21, 27, "n"),
        "expiry_check": Span(1, 27, 28, "n"),
        "optional": Span(1, 28, optional_end),
    }
    if own_check:
        fields["optional_check"] = Span(1, 42, 43, "n")
    if not composite:
        return Layout(name, 2, columns, fields, ())
    fields["composite_check"] = Span(1, columns - 1, columns, "n")
    return Layout(name, 2, columns, fields, (Span(1, 0, 10), Span(1, 13, 20), Span(1, 21, columns - 1)))


LAYOUTS = {
    "TD1": Layout(
        "TD1",
        3,
        30,
        {
            "document_code": Span(0, 0, 2, "a"),
            "issuer": Span(0, 2, 5, "a"),
            "number": Span(0, 5, 14),
            "number_check": Span(0, 14, 15, "n"),
            "optional": Span(0, 15, 30),
            "birth": Span(1, 0, 6, "n"),
            "birth_check": Span(1, 6, 7, "n"),
            "sex": Span(1, 7, 8, "a"),
            "expiry": Span(1, 8, 14, "n"),
            "expiry_check": Span(1, 14, 15, "n"),
            "nationality": Span(1, 15, 18, "a"),
            "optional_2": Span(1, 18, 29),
            "composite_check": Span(1, 29, 30, "n"),
            "names": Span(2, 0, 30, "a"),
        },
        (Span(0, 5, 30), Span(1, 0, 7), Span(1, 8, 15), Span(1, 18, 29)),
    ),
    "TD2": _two_lines("TD2", 36, 35, own_check=False, composite=True),
    "TD3": _two_lines("TD3", 44, 42, own_check=True, composite=True),
    "MRVA": _two_lines("MRVA", 44, 44, own_check=False, composite=False),
    "MRVB": _two_lines("MRVB", 36, 36, own_check=False, composite=False),
}


@dataclass(frozen=True, slots=True)
class Mrz:
    """A zone taken apart: values without the fillers at their ends, dates YYMMDD, `checks` true where right.

    `stretched` counts the fillers that had to be added or taken away.
    """

    layout: str
    lines: tuple[str, ...]
    document_code: str
    issuer: str
    surname: str
    given_names: str
    number: str
    nationality: str
    birth: str
    sex: str
    expiry: str
    checks: dict[str, bool]
    repaired: frozenset[str]
    stretched: int

    @property
    def valid(self) -> bool:
        """Every check digit that the format has is right."""
        return all(self.checks.values())


def check_digit(text: str) -> int:
    """7-3-1 over digits, A = 10 to Z = 35, filler = 0 (Doc 9303 part 3, section 4.9)."""
    return sum(_worth(letter) * WEIGHTS[i % 3] for i, letter in enumerate(text)) % 10


def parse(lines: Sequence[str]) -> Mrz | None:
    """The zone in these lines, repaired where that is proved; None when they have no known shape."""
    zones = []
    for layout in LAYOUTS.values():
        if len(lines) != layout.rows or (lines[0][:1] == "V") != layout.name.startswith("MRV"):
            continue
        fitted = [_fitted(line, layout.columns) for line in lines]
        if all(line is not None for line in fitted):
            whole = [_by_place(layout, i, line) for i, line in enumerate(fitted) if line]
            stretched = sum(abs(layout.columns - len(line)) for line in lines)
            zones.append(_taken_apart(layout, whole, stretched))
    return min(zones, key=lambda zone: zone.stretched, default=None)


def best(readings: Sequence[Sequence[str]]) -> Iterator[Mrz]:
    """Every zone that choosing one reading per line gives, the one with most right check digits first.

    `readings` holds, per line, what each reader made of it, the better reader first.
    """
    choices = sorted(product(*(range(len(line)) for line in readings)), key=sum)
    found = [parse([line[i] for line, i in zip(readings, choice, strict=True)]) for choice in choices]
    yield from sorted(
        (zone for zone in found if zone),
        key=lambda zone: (zone.stretched > 8, -sum(zone.checks.values()), zone.stretched),
    )


def split_names(text: str) -> tuple[str, str]:
    """Surname and given names; without the double filler everything is the surname."""
    surname, _, given = text.strip("<").partition("<<")
    return _spaced(surname), _spaced(given)


def _taken_apart(layout: Layout, lines: list[str], stretched: int) -> Mrz:
    repaired: set[str] = set()
    if not _check(layout, lines, "number"):
        mended = _mended_number(layout, lines)
        if mended is not None:
            lines, repaired = mended, {"number"}
    value = {name: _at(lines, span) for name, span in layout.fields.items()}
    checks = {name: _check(layout, lines, name) for name in ("number", "birth", "expiry")}
    if "optional_check" in value:
        checks["optional"] = _check(layout, lines, "optional")
    if layout.composite:
        checks["composite"] = _composite_holds(layout, lines)
    surname, given = split_names(value["names"])
    return Mrz(
        layout.name,
        tuple(lines),
        value["document_code"].rstrip("<"),
        value["issuer"].rstrip("<"),
        surname,
        given,
        _long_number(value)[0].strip("<"),
        value["nationality"].rstrip("<"),
        value["birth"],
        value["sex"],
        value["expiry"],
        checks,
        frozenset(repaired),
        stretched,
    )


def _long_number(value: dict[str, str]) -> tuple[str, str]:
    """Number and check digit. A number of more than nine characters goes on in the optional data (part 5,
    4.2.2)."""
    rest, _, _ = value["optional"].partition("<")
    if value["number_check"] == "<" and len(rest) >= 2 and "composite_check" in value and "optional_check" not in value:
        return value["number"] + rest[:-1], rest[-1]
    return value["number"], value["number_check"]


def _check(layout: Layout, lines: Sequence[str], name: str) -> bool:
    value = {key: _at(lines, span) for key, span in layout.fields.items()}
    text, digit = _long_number(value) if name == "number" else (value[name], value[f"{name}_check"])
    if name == "optional" and digit == "<":
        return not text.strip("<")  # the digit of an empty field may be left empty
    if name in ("birth", "expiry") and not text.replace("<", "").isdigit():
        return False
    return digit == str(check_digit(text)) and (name != "number" or bool(text.strip("<")))


def _composite_holds(layout: Layout, lines: Sequence[str]) -> bool:
    covered = "".join(_at(lines, span) for span in layout.composite)
    return _at(lines, layout.fields["composite_check"]) == str(check_digit(covered))


def _mended_number(layout: Layout, lines: list[str]) -> list[str] | None:
    """Lines with one or two look-alikes swapped in the number, if exactly one swap satisfies every digit over
    it."""
    span = layout.fields["number"]
    old = _at(lines, span)
    spots = [i for i, letter in enumerate(old) if letter in _TWINS]
    for count in (1, 2):
        good = []
        for chosen in combinations(spots, count):
            for twins in product(*(_TWINS[old[i]] for i in chosen)):
                letters = list(old)
                for i, twin in zip(chosen, twins, strict=True):
                    letters[i] = twin
                tried = _replaced(lines, span, "".join(letters))
                if _check(layout, tried, "number") and (not layout.composite or _composite_holds(layout, tried)):
                    good.append(tried)
        if good:
            return good[0] if len(good) == 1 else None
    return None


def _fitted(line: str, columns: int) -> str | None:
    """The line at its proper length. Readers miscount fillers: only a run of fillers is made longer or
    shorter."""
    missing = columns - len(line)
    if missing == 0:
        return line
    if abs(missing) > columns // 3:
        return None
    start, length = max(_filler_runs(line), key=lambda run: (run[0] + run[1] == len(line), run[1]), default=(0, 0))
    if length < 2 or length + missing < 1:
        return None
    return line[:start] + "<" * (length + missing) + line[start + length :]


def _filler_runs(line: str) -> Iterator[tuple[int, int]]:
    start = 0
    while (start := line.find("<", start)) >= 0:
        length = len(line) - start - len(line[start:].lstrip("<"))
        yield start, length
        start += length


def _by_place(layout: Layout, row: int, line: str) -> str:
    for span in layout.fields.values():
        if span.line == row and span.holds != "x":
            text = line[span.start : span.end].translate(TO_LETTER if span.holds == "a" else TO_DIGIT)
            line = line[: span.start] + text + line[span.end :]
    return line


def _replaced(lines: list[str], span: Span, text: str) -> list[str]:
    out = list(lines)
    out[span.line] = out[span.line][: span.start] + text + out[span.line][span.end :]
    return out


def _at(lines: Sequence[str], span: Span) -> str:
    return lines[span.line][span.start : span.end]


def _spaced(text: str) -> str:
    return " ".join(part for part in text.split("<") if part)


def _worth(letter: str) -> int:
    if letter.isdigit():
        return int(letter)
    return 0 if letter == "<" else ord(letter) - 55
