"""What an end user does besides uploading: look, complete a step."""

from collections.abc import Mapping
from typing import Any

from frontdesk.kernel import change as changes
from frontdesk.kyc.model.session import StepAnswer
from frontdesk.kyc.rules import completion
from frontdesk.kyc.service.needs import Needs, keep, opened
from frontdesk.kyc.store.sessions import Dossier


async def look(needs: Needs, token: str) -> Dossier:
    """The session that the token opens. Raises `SessionNotFound`."""
    return await opened(needs, token)


async def complete_step(needs: Needs, token: str, step_id: str, form_data: Mapping[str, Any] | None) -> StepAnswer:
    """Accept a step with what was filled in."""

    async def turn() -> StepAnswer:
        dossier = await opened(needs, token)
        outcome = completion.complete_step(dossier.progress, step_id, form_data, needs.clock.now())
        answer: StepAnswer = await keep(needs, dossier, outcome)
        return answer

    return await changes.again(turn)
