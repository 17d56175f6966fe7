"""Tables as passages: each cell under the name of its column, or beside the name in the first one."""

from collections.abc import Sequence

from frontdesk.ports.interpreter import Passage


def rows_as_passages(rows: Sequence[Sequence[str]], name: str, *, is_drawn: bool = False) -> list[Passage]:
    """Passages of a table. More than two columns have a header, with one case a row. Two columns are names and values
    when the table was drawn in a text (`is_drawn`); in a file of rows they may be that too, if they look it.

    Of several cases each is a passage under the same key: whoever matches them sees that they disagree.
    """
    filled = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    width = max((len(row) for row in filled), default=0)
    if not filled or width == 0:
        return []
    if width == 1:
        return [Passage("\n".join(row[0] for row in filled if row), name)]
    if width == 2 and (is_drawn or _is_list_of_names(filled)):
        return [Passage(row[1], name, row[0]) for row in filled if len(row) > 1 and row[0] and row[1]]
    header, *cases = filled
    if not cases:
        return [Passage(" ".join(header), name)]
    return [
        Passage(cell, name, title)
        for case in cases
        for title, cell in zip(header, case, strict=False)
        if title and cell
    ]


def _is_list_of_names(rows: Sequence[Sequence[str]]) -> bool:
    names = [row[0] for row in rows if row[0]]
    values = [row[1] for row in rows if len(row) > 1 and row[1]]
    if len(rows) < 3 and not any(_is_value(each) for each in values[:1]):
        return False
    # `email` over addresses is a header.
    if values and not _is_value(values[0]) and sum(map(_is_value, values[1:])) > (len(values) - 1) / 2:
        return False
    return len(names) == len(set(names)) and not any(map(_is_value, names))


def _is_value(cell: str) -> bool:
    """Whether a cell looks like a value and not like the name of one."""
    return "@" in cell or sum(letter.isdigit() for letter in cell) > max(2, len(cell) / 3)
