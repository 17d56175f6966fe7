"""The list of the US Treasury as three CSV files without headers: `sdn.csv`, and `alt.csv` and `add.csv` beside it."""

import re
from collections.abc import Iterator
from pathlib import Path

from frontdesk.kyc.checks.lists import values
from frontdesk.kyc.checks.lists.ofac import KINDS
from frontdesk.kyc.checks.lists.reading import ListDamaged, Opened, Passing, Unique, rows
from frontdesk.kyc.model.screening import Listed, ListedName

_NOTHING = ("", "-0-")
_COLUMNS, _ALT_COLUMNS, _ADD_COLUMNS = 12, 5, 6
_END = "\x1a"
"""The files end with the sign that ended files under CP/M."""
_MOST_BESIDE = 2_000_000
_BORN = re.compile(r"\b(?:alt\. )?DOB ([^;.]+)")
_PLACE = re.compile(r"\b(?:alt\. )?(?:nationality|citizen) ([^;.]+)")
_NUMBER = re.compile(r"(?:Passport|National ID|Identification|Tax ID|SSN|Registration|Cedula)[^;]*? ([A-Z0-9-]{5,})\b")
_WEAK = re.compile(r"a\.k\.a\. [\"'“]([^\"'”]+)")
Beside = dict[str, list[str]]


def entries(file: Passing, opened: Opened, path: Path) -> Iterator[Listed]:
    """Each entry, with its aliases and countries from the two other files. Raises `ListDamaged`."""
    aliases = _beside(path, "alt.csv", _ALT_COLUMNS, 3)
    places = _beside(path, "add.csv", _ADD_COLUMNS, 4)
    unique = Unique()
    for where, row in rows(file.lines()):
        if row in ([], [_END]):
            continue
        if len(row) != _COLUMNS:
            raise ListDamaged(f"{where}: {_COLUMNS} values are expected, and there are {len(row)}")
        if not row[0].isdigit() or row[1] in _NOTHING:
            raise ListDamaged(f"{where}: no {'name' if row[0].isdigit() else 'number of an entry'}")
        yield unique.check(_entry(row, aliases.pop(row[0], []), places.pop(row[0], [])), where)
    for name, left in (("alt.csv", aliases), ("add.csv", places)):
        if left:
            raise ListDamaged(f"{name} names the entry {min(left)}, which {path.name} does not have")


def _entry(row: list[str], aliases: list[str], places: list[str]) -> Listed:
    entry_id, name, sort, programme, remarks = row[0], row[1], row[2], row[3], row[11]
    weak = [ListedName(one.strip(), is_weak=True) for one in _WEAK.findall(remarks)]
    return Listed(
        entry_id,
        "entity" if sort in _NOTHING else KINDS.get(sort.lower(), "unknown"),
        (ListedName(name), *(ListedName(one) for one in aliases), *weak),
        tuple(born for said in _BORN.findall(remarks) for born in values.births(said)),
        values.countries([*places, *(one.strip() for one in _PLACE.findall(remarks)), row[9]]),
        tuple(one for one in re.split(r"[\]\[]+", programme) if one.strip() and one not in _NOTHING),
        tuple(dict.fromkeys(_NUMBER.findall(remarks))),
    )


def _beside(path: Path, name: str, columns: int, wanted: int) -> Beside:
    """One column of a file beside the list's, by the number of the entry."""
    found = next((one for one in path.parent.iterdir() if one.name.lower() == name), None)
    if found is None:
        raise ListDamaged(f"{name} is not beside {path.name}: without it aliases or countries would be missing")
    known: Beside = {}
    with found.open("rb") as file:
        lines = Passing(file, lambda _: None).lines()
        for count, (where, row) in enumerate(rows(lines, name), 1):
            if row in ([], [_END]):
                continue
            if len(row) != columns or not row[0].isdigit() or count > _MOST_BESIDE:
                raise ListDamaged(f"{where}: {columns} values are expected, the first a number")
            if row[wanted] not in _NOTHING:
                known.setdefault(row[0], []).append(row[wanted])
            else:
                known.setdefault(row[0], [])
    return known
