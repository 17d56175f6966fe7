"""The user comes back from a bank: the session ends with a token, or fails, and the user goes on to the app."""

import msgspec

from frontdesk.kernel import change as changes
from frontdesk.kernel.vault import digest
from frontdesk.onboarding.model.session import Journey, Outcome
from frontdesk.onboarding.model.skill import Accepted, Visit
from frontdesk.onboarding.rules import stepping
from frontdesk.onboarding.rules.redirects import with_query
from frontdesk.onboarding.rules.refusals import InvalidNonce, InvalidSession, UnusableReturn
from frontdesk.onboarding.service import tokens
from frontdesk.onboarding.service.banks import outside_of, return_address
from frontdesk.onboarding.service.needs import Needs, is_uuid, keep, skill_of
from frontdesk.onboarding.store import sessions as store
from frontdesk.onboarding.store.sessions import Dossier
from frontdesk.ports.bank import BankFault, Declined
from frontdesk.ports.bank_records import Return

REFUSED, BROKEN = "The user did not agree at the bank", "The bank could not complete this"


class Returned(msgspec.Struct, frozen=True):
    """The query that the user's browser brought back."""

    state: str
    code: str = ""
    error: str = ""
    error_description: str = ""


async def come_back(needs: Needs, returned: Returned) -> str:
    """Where the user goes now. Raises `UnusableReturn` for a state that is unknown, used or old."""
    if not is_uuid(returned.state) or not (returned.code or returned.error):
        raise UnusableReturn
    key, (read, journey) = returned.state, await changes.again(lambda: _claim(needs, returned))
    result: Accepted | str = REFUSED
    if not returned.error:
        result = await _finished(needs, read, journey, returned)

    async def turn() -> str:
        again = await store.load(needs.db, needs.vault, read.session.id)
        if again is None:
            raise UnusableReturn
        now = needs.clock.now()
        try:
            stepping.check_claim(again.progress, key, now)
        except (InvalidSession, InvalidNonce) as error:
            raise UnusableReturn from error
        if isinstance(result, str):
            await keep(needs, again, stepping.failed(again.progress))
            return with_query(journey.target, error=UnusableReturn.code, error_description=result)
        outcome: Outcome = stepping.came_back(again.progress, result, now)
        await keep(needs, again, outcome)
        return with_query(journey.target, temp_token=tokens.temp_token(needs.vault, again.session.id))

    return await changes.again(turn)


async def _claim(needs: Needs, returned: Returned) -> tuple[Dossier, Journey]:
    """Use the state up, before anybody is asked: a second return finds nothing."""
    read = await store.by_state(needs.db, needs.vault, digest(returned.state))
    if read is None or read.progress.journey is None:
        raise UnusableReturn
    outcome = stepping.coming_back(read.progress, returned.state, needs.clock.now())
    await keep(needs, read, outcome)
    return read, read.progress.journey


async def _finished(needs: Needs, read: Dossier, journey: Journey, returned: Returned) -> Accepted | str:
    """What the bank granted, or why it did not."""
    progress, now = read.progress, needs.clock.now()
    skill = skill_of(needs, progress)
    taken = progress.taken[-1]
    step = skill.step(taken.step)
    if step is None or step.finish is None:
        return BROKEN
    data = progress.values.get(taken.step, {})
    visit = Visit(
        progress.session_id, progress.user_id, taken.step_id, now, data, progress.values, progress.kept, needs.code
    )
    came = Return(journey.reference, return_address(needs), returned.code)
    try:
        return await step.finish(visit, outside_of(needs, read, skill, now, returned.state), came)
    except Declined:
        return REFUSED
    except BankFault:
        return BROKEN
