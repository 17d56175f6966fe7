"""Counts in one page of memory that several processes of a machine share, so that a limit is as wide as it says."""

import fcntl
import mmap
import os
import struct
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

_SECRET = 32
_ENTRY = struct.Struct("<QII")
"""Digest of rule and caller, end of the window or pause in Unix seconds, calls."""
_TRIES = 8
_PAUSE = "\0pause"


class SharedCounts:
    """A table of fixed size in a file that is mapped into memory.

    An entry stands in one of a few places that its digest names; where all are taken, the one whose window ends first
    is forgotten. The digest is keyed, so that nobody can choose callers that push out each other.

    Reading and writing an entry is one step under a lock of the file: a process that was held up in between would write
    back a count from long ago.
    """

    def __init__(self, path: Path) -> None:
        """Opens what `create` made."""
        self._file = os.open(path, os.O_RDWR)  # open as long as the table: it holds the lock
        weakref.finalize(self, os.close, self._file)
        self._memory = mmap.mmap(self._file, 0)
        self._secret = self._memory[:_SECRET]
        self._places = (len(self._memory) - _SECRET) // _ENTRY.size

    @staticmethod
    def create(path: Path, most: int = 131_072) -> None:
        """Make an empty table for so many callers of all rules together."""
        with path.open("xb") as file:
            file.write(os.urandom(_SECRET))
            file.truncate(_SECRET + most * _ENTRY.size)

    def add(self, rule: str, caller: str, ends_at: int) -> int:
        digest = self._digest(rule, caller)
        with self._alone():
            at, known, calls = self._look(digest)
            calls = calls + 1 if known == ends_at else 1
            _ENTRY.pack_into(self._memory, at, digest, ends_at, calls)
        return calls

    def pause(self, caller: str, until: float) -> None:
        digest = self._digest(_PAUSE, caller)
        with self._alone():
            at, _, _ = self._look(digest)
            _ENTRY.pack_into(self._memory, at, digest, int(until), 1)

    def paused_until(self, caller: str) -> float:
        _, until, _ = self._look(self._digest(_PAUSE, caller))
        return float(until)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process is at the table meanwhile. One that dies lets go."""
        fcntl.lockf(self._file, fcntl.LOCK_EX, 1)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1)

    def _digest(self, rule: str, caller: str) -> int:
        named = f"{rule}\0{caller}".encode()
        return int.from_bytes(blake2b(named, digest_size=8, key=self._secret).digest(), "little")

    def _look(self, digest: int) -> tuple[int, int, int]:
        """Where the entry stands, the end and the calls that it has; or where it may stand, and 0 and 0."""
        oldest, place = 1 << 32, 0
        for step in range(_TRIES):
            at = _SECRET + (digest + step) % self._places * _ENTRY.size
            found, ends_at, calls = _ENTRY.unpack_from(self._memory, at)
            if found == digest:
                return at, ends_at, calls
            if ends_at < oldest:
                oldest, place = ends_at, at
        return place, 0, 0
