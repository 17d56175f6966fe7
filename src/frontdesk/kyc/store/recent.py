"""What was made of rows that were read a moment ago, so that a row that is as it was need not be opened once more."""

import asyncio
from typing import Generic, TypeVar

from frontdesk.ports.db import Row

Made = TypeVar("Made")


class Recent(Generic[Made]):
    """Keyed by the first column. Nothing in it is ever out of date: what it keeps is found by an equal row only.

    What was kept is forgotten after `seconds` at least and twice as many at most, or once `most` newer ones came.
    """

    def __init__(self, *, seconds: float = 60, most: int = 4096) -> None:
        self._seconds = seconds
        self._most = most
        self._new: dict[str, tuple[Row, Made]] = {}
        self._old: dict[str, tuple[Row, Made]] = {}
        self._ageing = False

    def find(self, row: Row) -> Made | None:
        """What was made of a row like this one."""
        kept = self._new.get(row[0]) or self._old.get(row[0])
        return kept[1] if kept is not None and kept[0] == row else None

    def keep(self, row: Row, made: Made) -> None:
        """Must be called in the loop, which does the forgetting."""
        if len(self._new) >= self._most:
            self._old, self._new = self._new, {}
        self._new[row[0]] = row, made
        if not self._ageing:
            self._ageing = True
            asyncio.get_running_loop().call_later(self._seconds, self._age)

    def forget(self, key: str) -> None:
        """At once, for what was erased."""
        self._new.pop(key, None)
        self._old.pop(key, None)

    def _age(self) -> None:
        self._old, self._new = self._new, {}
        self._ageing = bool(self._old)
        if self._ageing:
            asyncio.get_running_loop().call_later(self._seconds, self._age)
