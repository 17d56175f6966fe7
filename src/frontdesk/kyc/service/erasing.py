"""Erasing: the change that leaves nothing of a session but its tombstone, and tells the tenant if it wants to know."""

from msgspec import structs

from frontdesk.basics.clock import iso
from frontdesk.basics.errors import Conflict
from frontdesk.basics.ids import prefixed
from frontdesk.kernel import blobs, erasure, events, outbox
from frontdesk.kernel import change as changes
from frontdesk.kernel.change import Change
from frontdesk.kernel.events import Fact
from frontdesk.kyc.service import announcing
from frontdesk.kyc.service.needs import ADDRESSES_DEAD_AFTER, Needs, SessionNotFound, owned
from frontdesk.kyc.store import document_numbers, faces
from frontdesk.kyc.store import sessions as store
from frontdesk.kyc.store.sessions import Dossier

EVENT = "kyc.session.erased"


async def erased(needs: Needs, read: Dossier, by: str) -> Change:
    """The change that erases a session, and removes its files now and once more when no upload can be on its way.

    The erasure is the last event of the log: nobody can read it, but its digest is the tombstone's.
    """
    now, session = needs.clock.now(), read.session
    fact = Fact(EVENT, {"by": by})
    last = events.chain(
        session.id, session.last_number, session.last_digest, [(prefixed("evt"), fact)], read.seal, now
    )[-1]
    ended = structs.replace(session, last_number=last.number, last_digest=last.digest)
    facts = {
        "session_id": session.id,
        "parent_session_id": session.parent_id,
        "erased_by": by,
        "erased_at": iso(now),
        "last_digest": last.digest.hex(),
    }
    told, jobs = announcing.erasure_letters(needs.vault, read, facts, now)
    kept_apart = (faces.deleted(session.id), document_numbers.forgotten(session.id))
    writes = (*store.deleted(read, now), *kept_apart, *told, *(outbox.inserted(job, now) for job in jobs))
    gone = await erasure.erase(needs.db, ended, now, writes, by)
    if jobs:
        gone += Change((), frozenset({outbox.TOPIC}))
    keys = await blobs.keys_of(needs.db, session.id)
    if not keys:
        return gone
    # An address that was given out before still takes bytes until it runs out, and a body may be under way even then.
    first = blobs.removal(keys, session.id)
    again = structs.replace(first, key=f"{first.key} again", due_at=now + ADDRESSES_DEAD_AFTER)
    return gone + Change((outbox.inserted(again, now),))


async def erase_whole(needs: Needs, dossier: Dossier, by: str) -> None:
    """Erase a session with its subsessions. Raises `Conflict` when one of them changed meanwhile."""
    gone, ids = await erased(needs, dossier, by), [dossier.session.id]
    for child in await store.children(needs.db, needs.vault, dossier.session.id):
        try:
            inner = await owned(needs, dossier.session.tenant_id, child.related.subsession_id)
        except SessionNotFound as error:
            # Erased by its parent's customer just now: the parent has another version, so look again.
            raise Conflict from error
        gone += await erased(needs, inner, by)
        ids.append(inner.session.id)
    await changes.commit(needs.db, needs.wakeup, gone)
    for session_id in ids:
        needs.recent.forget(session_id)


async def erase(needs: Needs, tenant_id: str, session_id: str, by: str) -> None:
    """Erase the session and its subsessions, on demand. A tombstone of each stays. Raises `SessionNotFound`."""

    async def turn() -> None:
        await erase_whole(needs, await owned(needs, tenant_id, session_id), by)

    await changes.again(turn)
    await needs.db.scrub()
