"""What follows when a session's link has run out: the tenant is told, if it asked for that."""

from frontdesk.kernel import change as changes
from frontdesk.kernel import outbox
from frontdesk.kernel.change import Change
from frontdesk.kyc.service import announcing
from frontdesk.kyc.service.needs import Needs
from frontdesk.kyc.store import sessions as store

EVENT = "kyc.session.expired"


async def announce(needs: Needs, session_id: str) -> None:
    """Tell the tenant; of a link that was prolonged meanwhile there is nothing to tell."""
    dossier = await store.for_job(needs.db, needs.vault, needs.definitions, session_id)
    now = needs.clock.now()
    if dossier is None or not dossier.session.expired(now):
        return
    writes, jobs = await announcing.letters(needs.db, needs.vault, dossier, [(EVENT, {})], now)
    queued = [outbox.inserted(job, now) for job in jobs]
    if writes:
        await changes.commit(needs.db, needs.wakeup, Change((*writes, *queued), frozenset({outbox.TOPIC})))
