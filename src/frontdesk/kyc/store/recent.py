"""What was made of rows that were read a moment ago, so that it need not be made again while they are as they were."""

import asyncio
from typing import Any, Generic, TypeVar

Made = TypeVar("Made")
Marks = tuple[Any, ...]
"""What tells that rows are as they were: an id, and the versions of everything that was read with it."""


class Recent(Generic[Made]):
    """What was kept is forgotten after `seconds` at least and twice as many at most, or once `most` newer ones came."""

    def __init__(self, *, seconds: float = 60, most: int = 4096) -> None:
        self._seconds = seconds
        self._most = most
        self._new: dict[bytes, tuple[Marks, Made]] = {}
        self._old: dict[bytes, tuple[Marks, Made]] = {}
        self._ageing = False

    def find(self, key: bytes) -> tuple[Marks, Made] | None:
        """What was made, and the marks that still must be the rows' own for it to be true."""
        return self._new.get(key) or self._old.get(key)

    def keep(self, key: bytes, marks: Marks, made: Made) -> None:
        """Must be called in the loop, which does the forgetting."""
        if len(self._new) >= self._most:
            self._old, self._new = self._new, {}
        self._new[key] = marks, made
        if not self._ageing:
            self._ageing = True
            asyncio.get_running_loop().call_later(self._seconds, self._age)

    def forget(self, first_mark: str) -> None:
        """At once, all that begins with this mark: for what was erased."""
        for kept in (self._new, self._old):
            for key in [key for key, (marks, _) in kept.items() if marks[0] == first_mark]:
                del kept[key]

    def _age(self) -> None:
        self._old, self._new = self._new, {}
        self._ageing = bool(self._old)
        if self._ageing:
            asyncio.get_running_loop().call_later(self._seconds, self._age)
