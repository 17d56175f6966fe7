"""What runs later, by name. Each job calls the service; doing one twice changes nothing."""

import json
from collections.abc import Awaitable, Callable, Mapping

from frontdesk.kyc.service import extraction
from frontdesk.kyc.service.needs import Needs

Run = Callable[[Needs, str], Awaitable[None]]


async def _extract(needs: Needs, argument: str) -> None:
    wanted = json.loads(argument)
    await extraction.run(needs, wanted["session_id"], wanted["doc_id"], int(wanted["run"]), wanted["document_type"])


JOBS: Mapping[str, Run] = {"kyc.extract": _extract}
