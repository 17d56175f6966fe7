"""A tenant's or operator's own list: CSV in UTF-8 with a header; values of one cell are parted by semicolons."""

from collections.abc import Iterator
from pathlib import Path

from frontdesk.kyc.checks.lists import values
from frontdesk.kyc.checks.lists.reading import ListDamaged, Opened, Passing, Unique, rows
from frontdesk.kyc.model.screening import KINDS, Listed, ListedName

REQUIRED = ("id", "name")
COLUMNS = (*REQUIRED, "aliases", "weak_aliases", "type", "birth_date", "country", "programme", "numbers")


def is_header(text: bytes) -> bool:
    """Whether a file begins with a header of ours."""
    found = [one.strip(b' "').lower() for one in text.partition(b"\n")[0].rstrip(b"\r").split(b",")]
    return all(one.encode() in found for one in REQUIRED)


def entries(file: Passing, opened: Opened, path: Path) -> Iterator[Listed]:
    """Each entry. Raises `ListDamaged`."""
    found, unique = rows(file.lines()), Unique()
    where, header = next(found, ("line 1", []))
    columns = [one.lower() for one in header]
    unknown = [one for one in columns if one not in COLUMNS]
    if unknown or len(set(columns)) < len(columns) or not set(REQUIRED) <= set(columns):
        raise ListDamaged(f"{where}: the columns are {', '.join(COLUMNS)}; {' and '.join(REQUIRED)} are required")
    for where, row in found:
        if not any(row):
            continue
        if len(row) != len(columns):
            raise ListDamaged(f"{where}: {len(columns)} values are expected, and there are {len(row)}")
        yield unique.check(_entry(dict(zip(columns, row, strict=True)), where), where)


def _entry(row: dict[str, str], where: str) -> Listed:
    for required in REQUIRED:
        if not row[required]:
            raise ListDamaged(f"{where}: {required} is empty")
    kind = row.get("type", "").lower() or "unknown"
    if kind not in KINDS:
        raise ListDamaged(f"{where}: type is one of {', '.join(KINDS)}")
    born = tuple((said, values.births(said)) for said in _many(row, "birth_date"))
    places = [(said, values.country(said)) for said in _many(row, "country")]
    if any(not one for _, one in born):
        raise ListDamaged(f"{where}: birth_date is like 1970-05-01, 1970, 1968..1972 or ~1970")
    if any(one is None for _, one in places):
        raise ListDamaged(f"{where}: country is two letters, or the English name of a country")
    names = [ListedName(row["name"]), *(ListedName(one) for one in _many(row, "aliases"))]
    return Listed(
        row["id"],
        kind,
        (*names, *(ListedName(one, is_weak=True) for one in _many(row, "weak_aliases"))),
        tuple(one for _, found in born for one in found),
        tuple(dict.fromkeys(one for _, one in places if one)),
        tuple(_many(row, "programme")),
        tuple(_many(row, "numbers")),
    )


def _many(row: dict[str, str], column: str) -> list[str]:
    return [one.strip() for one in row.get(column, "").split(";") if one.strip()]
