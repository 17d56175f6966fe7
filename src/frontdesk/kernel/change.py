"""The one way in which anything is written: a change is composed from what was read, then committed or refused."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from frontdesk.basics.errors import Conflict
from frontdesk.basics.ids import prefixed
from frontdesk.kernel import events, outbox, sessions
from frontdesk.kernel.events import Fact
from frontdesk.kernel.lifecycle import Lifecycle
from frontdesk.kernel.outbox import Intent
from frontdesk.kernel.sessions import Session
from frontdesk.kernel.vault import Seal
from frontdesk.ports.db import Db, Write
from frontdesk.ports.wakeup import Wakeup

TRIES = 20
Answer = TypeVar("Answer")


class Change(msgspec.Struct, frozen=True):
    """Writes that are kept together or not at all, and the topics to wake once they are kept."""

    writes: tuple[Write, ...]
    topics: frozenset[str] = frozenset()
    session: Session | None = None
    """How the session is then, where the change begins one."""

    def __add__(self, other: "Change") -> "Change":
        """Both, as one change."""
        return Change(self.writes + other.writes, self.topics | other.topics, self.session)


def topic(session_id: str) -> str:
    """What a reader of a session's events listens to."""
    return f"session {session_id}"


def start(
    session: Session,
    seal: Seal,
    facts: Sequence[Fact],
    now: datetime,
    writes: Sequence[Write] = (),
    jobs: Sequence[Intent] = (),
) -> Change:
    """Create a session (which has no event yet) with its first events."""
    log = events.chain(session.id, 0, events.START, [(prefixed("evt"), fact) for fact in facts], seal, now)
    if log:
        session = replace(session, last_number=log[-1].number, last_digest=log[-1].digest)
    kept = Change((sessions.inserted(session), *events.inserted(log), *writes), session=session)
    return kept + _queued(jobs, now) if jobs else kept


def change(
    read: Session,
    lifecycle: Lifecycle,
    verb: str | None,
    seal: Seal,
    facts: Sequence[Fact],
    now: datetime,
    *,
    writes: Sequence[Write] = (),
    jobs: Sequence[Intent] = (),
    expires_at: datetime | None = None,
) -> Change:
    """Move a session by `verb` (None: leave its status), record the facts, keep `writes` and `jobs`: if it still has
    the version that was read. Raises `IllegalMove`."""
    status = read.status if verb is None else lifecycle.move(read.status, verb)
    log = events.chain(
        read.id, read.last_number, read.last_digest, [(prefixed("evt"), fact) for fact in facts], seal, now
    )
    after = replace(
        read,
        status=status,
        expires_at=expires_at or read.expires_at,
        last_number=log[-1].number if log else read.last_number,
        last_digest=log[-1].digest if log else read.last_digest,
    )
    guard = sessions.moved(read, after, now, is_final=status in lifecycle.final)
    kept = Change((guard, *events.inserted(log), *writes), frozenset({topic(read.id)}))
    return kept + _queued(jobs, now) if jobs else kept


def _queued(jobs: Sequence[Intent], now: datetime) -> Change:
    return Change(tuple(outbox.inserted(job, now) for job in jobs), frozenset({outbox.TOPIC}))


async def commit(db: Db, wakeup: Wakeup, kept: Change) -> None:
    """Keep the change, then wake those who wait for it. Raises `Conflict`, `Unavailable`."""
    await db.commit(kept.writes)
    for name in kept.topics:
        wakeup.notify(name)


async def again(turn: Callable[[], Awaitable[Answer]]) -> Answer:
    """Load, decide and commit, once more for each `Conflict`, at most `TRIES` times."""
    # Whoever conflicts has lost to somebody who won, so the next look sees the winner's state and mostly refuses.
    for _ in range(TRIES - 1):
        try:
            return await turn()
        except Conflict:
            continue
    return await turn()
