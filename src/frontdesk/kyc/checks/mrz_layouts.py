"""The five formats of ICAO Doc 9303, parts 4 to 7: what stands where."""

import msgspec


class Span(msgspec.Struct, frozen=True):
    """A place in a zone: line, first column, the column after the last, and what may stand there.

    `a` letters, `n` digits, `x` both; `names` and `country` are letters of which more is known.
    """

    line: int
    start: int
    end: int
    holds: str = "x"


class Layout(msgspec.Struct, frozen=True):
    """One format. `composite` lists what its overall check digit covers, in order; empty when it has none."""

    name: str
    rows: int
    columns: int
    fields: dict[str, Span]
    composite: tuple[Span, ...]


def _two_lines(name: str, columns: int, optional_end: int, *, own_check: bool, composite: bool) -> Layout:
    fields = {
        "document_code": Span(0, 0, 2, "a"),
        "issuer": Span(0, 2, 5, "country"),
        "names": Span(0, 5, columns, "names"),
        "number": Span(1, 0, 9),
        "number_check": Span(1, 9, 10, "n"),
        "nationality": Span(1, 10, 13, "country"),
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
            "issuer": Span(0, 2, 5, "country"),
            "number": Span(0, 5, 14),
            "number_check": Span(0, 14, 15, "n"),
            "optional": Span(0, 15, 30),
            "birth": Span(1, 0, 6, "n"),
            "birth_check": Span(1, 6, 7, "n"),
            "sex": Span(1, 7, 8, "a"),
            "expiry": Span(1, 8, 14, "n"),
            "expiry_check": Span(1, 14, 15, "n"),
            "nationality": Span(1, 15, 18, "country"),
            "optional_2": Span(1, 18, 29),
            "composite_check": Span(1, 29, 30, "n"),
            "names": Span(2, 0, 30, "names"),
        },
        (Span(0, 5, 30), Span(1, 0, 7), Span(1, 8, 15), Span(1, 18, 29)),
    ),
    "TD2": _two_lines("TD2", 36, 35, own_check=False, composite=True),
    "TD3": _two_lines("TD3", 44, 42, own_check=True, composite=True),
    "MRVA": _two_lines("MRVA", 44, 44, own_check=False, composite=False),
    "MRVB": _two_lines("MRVB", 36, 36, own_check=False, composite=False),
}
