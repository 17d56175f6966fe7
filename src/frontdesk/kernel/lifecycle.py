"""A lifecycle is a table: from a status, by a verb, to a status. Nothing cleverer."""

from collections.abc import Mapping
from typing import ClassVar

from frontdesk.basics.errors import Problem


class IllegalMove(Problem):
    """The verb is not allowed in this status."""

    code: ClassVar[str] = "illegal_move"


class Lifecycle:
    """The statuses of one thing, the one it starts in, and every allowed move."""

    def __init__(self, start: str, moves: Mapping[tuple[str, str], str]) -> None:
        self.start = start
        self.moves = dict(moves)
        self.statuses = frozenset({start, *self.moves.values(), *(status for status, _ in self.moves)})
        self.final = frozenset(self.statuses - {status for status, _ in self.moves})

    def move(self, status: str, verb: str) -> str:
        """The status after `verb`. Raises `IllegalMove`."""
        after = self.moves.get((status, verb))
        if after is None:
            raise IllegalMove(f"{verb} is not possible while the status is {status}")
        return after

    def allows(self, status: str, verb: str) -> bool:
        """Whether the table has a line for it."""
        return (status, verb) in self.moves
