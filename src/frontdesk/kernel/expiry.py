"""The sweeper: it writes down what time alone has already decided, and clears away what is no longer needed."""

from collections.abc import Mapping
from datetime import datetime

from frontdesk.basics.clock import to_micros
from frontdesk.basics.errors import Conflict
from frontdesk.kernel import change as changes
from frontdesk.kernel import idempotency, sessions
from frontdesk.kernel.events import Fact
from frontdesk.kernel.lifecycle import Lifecycle
from frontdesk.kernel.outbox import Intent
from frontdesk.kernel.vault import BrokenSeal, Vault
from frontdesk.ports.db import Db, Write
from frontdesk.ports.wakeup import Wakeup

SELECT_DUE = f"SELECT {sessions.COLUMNS} FROM sessions s WHERE s.due_at <= $1 ORDER BY s.due_at LIMIT $2"
SETTLE = "UPDATE sessions SET due_at = NULL WHERE id = $1 AND version = $2"


async def sweep(
    db: Db, wakeup: Wakeup, vault: Vault, lifecycles: Mapping[str, Lifecycle], now: datetime, limit: int = 100
) -> int:
    """Record the expiry of at most `limit` sessions whose time is over, and say how many were found.

    A kind whose table has the verb `expire` is moved by it; the others keep their status (expiry is a property
    there). Each expiry is one event and one job, both `KIND.session_expired`; a session extended later may expire
    again.
    """
    rows = await db.all(SELECT_DUE, to_micros(now), limit)
    for row in rows:
        session = sessions.from_row(row)
        lifecycle = lifecycles[session.kind]
        verb = "expire" if lifecycle.allows(session.status, "expire") else None
        try:
            seal = vault.open_session_key(session.id, session.wrapped_key)
        except BrokenSeal:
            # Nothing can be told of it, and it must not stand before the others for ever. It is expired all the same.
            await db.commit([Write(SETTLE, (session.id, session.version))])
            continue
        name = f"{session.kind}.session_expired"
        fact = Fact(name, {"status": session.status})
        job = Intent(name, f"{name} {session.id} {session.version + 1}", {"session_id": session.id}, session.id)
        settled = Write(SETTLE, (session.id, session.version + 1))
        try:
            kept = changes.change(session, lifecycle, verb, seal, [fact], now, writes=[settled], jobs=[job])
            await changes.commit(db, wakeup, kept)
        except Conflict:
            continue  # somebody changed it meanwhile, perhaps extended it: the next sweep looks again
    await db.commit([Write(idempotency.DELETE_EXPIRED, (to_micros(now),))])
    return len(rows)
