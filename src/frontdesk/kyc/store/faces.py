"""Faces that are kept to notice the same one in another session: each sealed with its session's own key."""

from array import array
from collections.abc import AsyncIterator, Iterable
from datetime import datetime

import msgspec

from frontdesk.basics.clock import to_micros
from frontdesk.kernel.vault import BrokenSeal, Seal, Vault
from frontdesk.ports.db import Db, Write

PAGE = 500
KEEP = """
INSERT INTO kyc_faces (session_id, tenant_id, workflow_id, customer_id, retained_until, sealed)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (session_id) DO UPDATE SET retained_until = excluded.retained_until, sealed = excluded.sealed
"""
DELETE = "DELETE FROM kyc_faces WHERE session_id = $1"
SELECT_OF_TENANT = """
SELECT f.session_id, f.customer_id, f.retained_until, f.sealed, s.wrapped_key
FROM kyc_faces f JOIN sessions s ON s.id = f.session_id
WHERE f.tenant_id = $1 AND f.session_id > $2 ORDER BY f.session_id LIMIT $3
"""
SELECT_OF_WORKFLOW = """
SELECT f.session_id, f.customer_id, f.retained_until, f.sealed, s.wrapped_key
FROM kyc_faces f JOIN sessions s ON s.id = f.session_id
WHERE f.tenant_id = $1 AND f.session_id > $2 AND f.workflow_id = $4 ORDER BY f.session_id LIMIT $3
"""
SELECT_OVER = "SELECT session_id FROM kyc_faces WHERE retained_until <= $1 ORDER BY retained_until LIMIT $2"
DELETE_OVER = "DELETE FROM kyc_faces WHERE session_id = $1 AND retained_until <= $2"


class Owner(msgspec.Struct, frozen=True):
    """Whose face it is. Sessions of one customer are expected to show one face."""

    session_id: str
    tenant_id: str
    workflow_id: str
    customer_id: str | None


def kept(owner: Owner, seal: Seal, embedding: tuple[float, ...], until: datetime) -> Write:
    """Keep a session's face until then; a newer one takes its place."""
    sealed = seal.seal(array("f", embedding).tobytes(), _purpose(owner.session_id))
    return Write(
        KEEP,
        (
            owner.session_id,
            owner.tenant_id,
            owner.workflow_id,
            owner.customer_id,
            to_micros(until),
            sealed,
        ),
    )


def deleted(session_id: str) -> Write:
    """Forget the session's face."""
    return Write(DELETE, (session_id,))


class Kept(msgspec.Struct, frozen=True):
    """A session's face as it is stored, with the session's wrapped key."""

    session_id: str
    sealed: bytes
    wrapped: bytes


async def others(db: Db, owner: Owner, now: datetime, *, same_workflow: bool) -> AsyncIterator[list[Kept]]:
    """The faces of the tenant's other sessions whose time is not over, page by page; not those of the same customer."""
    place = ""
    while True:
        if same_workflow:
            rows = await db.all(SELECT_OF_WORKFLOW, owner.tenant_id, place, PAGE, owner.workflow_id)
        else:
            rows = await db.all(SELECT_OF_TENANT, owner.tenant_id, place, PAGE)
        yield [
            Kept(session_id, sealed, wrapped)
            for session_id, customer_id, until, sealed, wrapped in rows
            if session_id != owner.session_id
            and (customer_id is None or customer_id != owner.customer_id)
            and until > to_micros(now)
        ]
        if len(rows) < PAGE:
            return
        place = rows[-1][0]


def opened(vault: Vault, page: Iterable[Kept]) -> list[tuple[str, bytes]]:
    """Each session with the numbers of its face, four bytes each."""
    found = []
    for one in page:
        try:
            seal = vault.open_session_key(one.session_id, bytes(one.wrapped))
            found.append((one.session_id, seal.unseal(bytes(one.sealed), _purpose(one.session_id))))
        except BrokenSeal:
            continue  # its key is gone: nobody can say what it was
    return found


async def sweep(db: Db, now: datetime, limit: int = 500) -> int:
    """Forget the faces whose time is over, at most `limit`, and say how many."""
    rows = await db.all(SELECT_OVER, to_micros(now), limit)
    for (session_id,) in rows:
        await db.commit([Write(DELETE_OVER, (session_id, to_micros(now)))])
    return len(rows)


def _purpose(session_id: str) -> str:
    return f"face {session_id}"
