"""Machine-readable zones of ICAO Doc 9303: formats, check digits, and the repairs that these prove."""

from collections.abc import Iterator, Sequence
from itertools import combinations, product

import msgspec

from frontdesk.kyc.checks import countries
from frontdesk.kyc.checks.mrz_layouts import LAYOUTS, Layout, Span

WEIGHTS = (7, 3, 1)

# What readers take for one another in OCR-B. In a place that holds letters only, or digits only, the other
# cannot be meant, so the swap needs no proof there.
TO_LETTER = str.maketrans("012568", "OIZSGB")
TO_DIGIT = str.maketrans("OQDUILZSGB", "0000112568")
_TWINS = {"0": "OQD", "O": "0QD", "Q": "0O", "D": "0O", "1": "IL", "I": "1L", "L": "1I"}
_ROUND_TWINS = {"O": "DQU", "D": "OQ", "Q": "OD", "U": "O", "I": "LT", "L": "I", "T": "I", "G": "C", "C": "G"}
_TWINS.update({"2": "Z", "Z": "2", "5": "S", "S": "5", "6": "G", "G": "6", "8": "B", "B": "8"})


class Mrz(msgspec.Struct, frozen=True):
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
            stretched = sum(_stretch(line, layout.columns) for line in lines)
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
    if line.endswith("<<<"):
        return line.rstrip("<").ljust(columns, "<") if len(line.rstrip("<")) <= columns else None
    if abs(missing) > columns // 3:
        return None
    start, length = max(_filler_runs(line), key=lambda run: (run[0] + run[1] == len(line), run[1]), default=(0, 0))
    if length < 2 or length + missing < 1:
        return None
    return line[:start] + "<" * (length + missing) + line[start + length :]


def _stretch(line: str, columns: int) -> int:
    """How far the length is guessed. Three fillers end a line for certain, the right count fits better."""
    missing = abs(columns - len(line))
    return min(missing, 1) if line.endswith("<<<") else missing


def _filler_runs(line: str) -> Iterator[tuple[int, int]]:
    start = 0
    while (start := line.find("<", start)) >= 0:
        length = len(line) - start - len(line[start:].lstrip("<"))
        yield start, length
        start += length


def _by_place(layout: Layout, row: int, line: str) -> str:
    for span in layout.fields.values():
        if span.line == row and span.holds != "x":
            text = line[span.start : span.end].translate(TO_DIGIT if span.holds == "n" else TO_LETTER)
            if span.holds == "names":
                text = _without_noise(text)
            elif span.holds == "country":
                text = _known_country(text)
            line = line[: span.start] + text + line[span.end :]
    return line


def _without_noise(names: str) -> str:
    """Fillers alone may follow a second double filler; in faint print they look like C, K, E, L or S."""
    start = names.find("<<", names.find("<<") + 2) if "<<" in names else -1
    if start < 0 or names[start:].strip("<CKELS"):
        return names
    return names[:start].ljust(len(names), "<")


def _known_country(code: str) -> str:
    """The code, or the only known one that differs in a letter that readers take for another."""
    if countries.is_known(code):
        return code
    swaps = [code[:i] + twin + code[i + 1 :] for i, c in enumerate(code) for twin in _ROUND_TWINS.get(c, "")]
    known = [swapped for swapped in swaps if countries.is_known(swapped)]
    return known[0] if len(known) == 1 else code


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
