"""What runs later, by name. Each job calls the service; doing one twice changes nothing."""

import json
from collections.abc import Awaitable, Callable, Mapping

from frontdesk.agents.service import keeping
from frontdesk.agents.service.needs import Needs

Run = Callable[[Needs, str], Awaitable[None]]


async def _turn(needs: Needs, argument: str) -> None:
    wanted = json.loads(argument)
    await keeping.look_after(needs, wanted["session_id"], wanted["turn_id"], int(wanted["number"]))


JOBS: Mapping[str, Run] = {"agents.turn": _turn}
