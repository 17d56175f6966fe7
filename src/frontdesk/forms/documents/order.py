"""The order in which a page is read: rows from top to bottom, in a row from left to right."""

from collections.abc import Sequence

from frontdesk.forms.documents.frame import Box


def reading_order(places: Sequence[tuple[int, Box]]) -> list[int]:
    """The indexes of places (page, box) in reading order. Boxes whose middles lie within one another share a row."""
    left = sorted(range(len(places)), key=lambda i: (places[i][0], places[i][1][1], places[i][1][0], places[i][1], i))
    ordered: list[int] = []
    while left:
        page, first = places[left[0]]
        # A tall field must not pull all that stands beside it into its own row.
        bottom = min(first[3], first[1] + 14.0)
        row = [i for i in left if places[i][0] == page and _starts_within(places[i][1], first[1], bottom)]
        ordered += sorted(row, key=lambda i: (places[i][1][0], places[i][1], i))
        taken = set(row)
        left = [i for i in left if i not in taken]
    return ordered


def _starts_within(box: Box, top: float, bottom: float) -> bool:
    middle = (box[1] + min(box[3], box[1] + 14.0)) / 2
    return top - 0.01 <= middle <= max(bottom, top + 3.0) + 0.01
