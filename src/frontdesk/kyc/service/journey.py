"""What an end user does besides uploading: look, complete a step."""

from collections.abc import Mapping
from typing import Any

from frontdesk.kernel import change as changes
from frontdesk.kyc.model.session import Progress, StepAnswer
from frontdesk.kyc.rules import completion
from frontdesk.kyc.service import checking
from frontdesk.kyc.service.checking import Asked
from frontdesk.kyc.service.needs import Needs, keep, opened
from frontdesk.kyc.store.sessions import Dossier


async def look(needs: Needs, token: str) -> Dossier:
    """The session that the token opens. Raises `SessionNotFound`."""
    return await opened(needs, token)


async def complete_step(needs: Needs, token: str, step_id: str, form_data: Mapping[str, Any] | None) -> StepAnswer:
    """Accept a step with what was filled in. A validation step's checks are run first. Raises `Unavailable` when that
    takes too long."""

    async def turn() -> StepAnswer | None:
        now = needs.clock.now()
        dossier = await opened(needs, token, now)
        if completion.checks_before(dossier.progress, step_id):
            return None
        outcome = completion.complete_step(dossier.progress, step_id, form_data, now)
        answer: StepAnswer = await keep(needs, dossier, outcome, now=now)
        return answer

    done = await changes.again(turn)
    return await _check_and_complete(needs, token, step_id) if done is None else done


async def _check_and_complete(needs: Needs, token: str, step_id: str) -> StepAnswer:
    async def find() -> Dossier:
        return await opened(needs, token)

    def wanted(progress: Progress) -> tuple[str, ...]:
        return completion.checks_before(progress, step_id)

    async def turn(prior: Asked) -> StepAnswer:
        dossier, now = await find(), needs.clock.now()
        found, writes = await checking.findings(needs, dossier, wanted(dossier.progress), prior)
        outcome = completion.complete_step(dossier.progress, step_id, None, now, found)
        answer: StepAnswer = await keep(needs, dossier, outcome, writes=writes)
        return answer

    return await checking.checked(needs, find, wanted, turn)
