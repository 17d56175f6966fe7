"""Who owns an embedded data folder: the first process that runs jobs there, until it ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from frontdesk.config import Settings

LOCK = "owner.lock"


@contextmanager
def sharing(settings: Settings) -> Iterator[bool]:
    """Whether this process is only a guest: another one owns the embedded database. The system frees a dead owner's
    lock, so nothing is left behind by a crash."""
    if settings.sqlite_path is None:
        yield False
        return
    with (settings.data / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield True
            return
        yield False
