"""What follows when a session's time is over: what it was told is erased."""

import contextlib

from frontdesk.kernel import change as changes
from frontdesk.kernel import erasure
from frontdesk.onboarding.model.session import OPEN, Outcome
from frontdesk.onboarding.rules import exchanging
from frontdesk.onboarding.rules.stepping import emptied
from frontdesk.onboarding.service.consenting import lapse, revoked
from frontdesk.onboarding.service.needs import Needs, keep
from frontdesk.onboarding.store import consents
from frontdesk.onboarding.store import sessions as store
from frontdesk.ports.bank import BankFault


async def clear(needs: Needs, session_id: str) -> None:
    """The job: forget what a session without a result was told; end a consent whose time is over; erase a session of
    which nothing may be kept any longer."""
    read = await store.load(needs.db, needs.vault, session_id)
    if read is None or not read.session.expired(needs.clock.now()):
        return  # erased, or prolonged by its exchange meanwhile
    consent = await consents.of_session(needs.db, session_id)
    if consent is not None and needs.clock.now() < consent.retained_until:
        await lapse(needs, consent)
        return
    if read.progress.kept.get("grant") is not None:
        # The last chance to give the grant back: it goes with the session. A bank that is away must not prevent that.
        with contextlib.suppress(BankFault):
            await revoked(needs, read)

    async def turn() -> None:
        again = await store.load(needs.db, needs.vault, session_id)
        now = needs.clock.now()
        if again is None or not again.session.expired(now) or again.progress.status in OPEN:
            return
        consent = await consents.of_session(needs.db, session_id)
        if consent is None:
            after = emptied(again.progress)
            await keep(needs, again, Outcome(after, None, (("onboarding.session_cleared", {}),)))
            return
        writes = [store.deleted(session_id), consents.forgotten(consent.credentials_id)]
        ended = exchanging.lapsed(consent, now)
        if ended is not None:
            writes.append(consents.updated(consent, ended))
        gone = await erasure.erase(needs.db, again.session, now, tuple(writes))
        await changes.commit(needs.db, needs.wakeup, gone)

    await changes.again(turn)
