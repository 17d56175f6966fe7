"""What runs later, by name. Each job calls the service; doing one twice changes nothing."""

import json
from collections.abc import Awaitable, Callable, Mapping

from frontdesk.onboarding.service import consenting, expiring, submitting
from frontdesk.onboarding.service.needs import Needs

Run = Callable[[Needs, str], Awaitable[None]]


async def _work(needs: Needs, argument: str) -> None:
    wanted = json.loads(argument)
    await submitting.work(needs, wanted["session_id"], int(wanted["run"]))


async def _session_expired(needs: Needs, argument: str) -> None:
    await expiring.clear(needs, json.loads(argument)["session_id"])


async def _revoke_consent(needs: Needs, argument: str) -> None:
    await consenting.revoke(needs, json.loads(argument)["credentials_id"])


JOBS: Mapping[str, Run] = {
    "onboarding.work": _work,
    "onboarding.session_expired": _session_expired,
    "onboarding.revoke_consent": _revoke_consent,
}
