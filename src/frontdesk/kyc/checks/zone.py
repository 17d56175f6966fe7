"""Finding the machine-readable zone of a page, and what each reader made of it."""

from collections.abc import Sequence

import msgspec

from frontdesk.kyc.checks.mrz import Mrz, best, parse
from frontdesk.kyc.checks.text import foldings
from frontdesk.kyc.checks.visual import Seen
from frontdesk.ports.ocr import BandLine, Page


class Zone(msgspec.Struct, frozen=True):
    """The zone of a page: the chosen reading, and what each reader made of it alone."""

    chosen: Mrz
    first: Mrz | None
    second: Mrz | None

    def both_say(self, field: str) -> bool:
        """Both readers, each on its own, arrive at the chosen value."""
        value = getattr(self.chosen, field)
        return all(one is not None and getattr(one, field) == value for one in (self.first, self.second))


def find_zone(page: Page, seen: Sequence[Seen]) -> Zone | None:
    """The zone with most right check digits; at least two of them must be right."""
    rows = _rows(page.band)
    zones = []
    for height in (3, 2):
        for start in range(len(rows) - height + 1):
            lines = rows[start : start + height]
            ranked = [zone for zone in best(lines) if sum(zone.checks.values()) >= 2]
            if ranked:
                top = [zone for zone in ranked if zone.checks == ranked[0].checks]
                chosen = max(top, key=lambda zone: _names_printed(zone, seen))
                zones.append(Zone(chosen, parse([row[0] for row in lines]), parse([row[-1] for row in lines])))
    return max(zones, key=lambda zone: sum(zone.chosen.checks.values()), default=None)


def is_printed(name: str, seen: Sequence[Seen]) -> bool:
    """Printed as a line of its own, or among the words of a line that holds more than this name."""
    if not name:
        return False
    bare = name.replace(" ", "")
    for line in seen:
        for text in line.readings:
            for folded in foldings(text):
                if folded.replace(" ", "") == bare or f" {name} " in f" {folded} ":
                    return True
    return False


def _rows(band: Sequence[BandLine]) -> list[tuple[str, ...]]:
    """Readings per row from top to bottom; pieces of one row are put together from left to right."""
    rows: list[list[BandLine]] = []
    for line in sorted(band, key=lambda line: _middle(line)):
        height = max(line.quad[5], line.quad[7]) - min(line.quad[1], line.quad[3])
        if rows and abs(_middle(rows[-1][0]) - _middle(line)) < 0.5 * height:
            rows[-1].append(line)
        else:
            rows.append([line])
    out: list[tuple[str, ...]] = []
    for row in rows:
        pieces = sorted(row, key=lambda line: line.quad[0])
        out.append(("".join(p.first for p in pieces), "".join(p.second for p in pieces)))
    return out


def _middle(line: BandLine) -> float:
    return sum(line.quad[1::2]) / 4


def _names_printed(mrz: Mrz, seen: Sequence[Seen]) -> int:
    return sum(is_printed(name, seen) for name in (mrz.surname, mrz.given_names))
