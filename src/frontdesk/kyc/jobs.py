"""What runs later, by name. Each job calls the service; doing one twice changes nothing."""

import json
from collections.abc import Awaitable, Callable, Mapping

from frontdesk.kyc.service import expiring, extraction, mailing, processing
from frontdesk.kyc.service.needs import Needs

Run = Callable[[Needs, str], Awaitable[None]]


async def _extract(needs: Needs, argument: str) -> None:
    wanted = json.loads(argument)
    await extraction.run(needs, wanted["session_id"], wanted["doc_id"], int(wanted["run"]), wanted["document_type"])


async def _session_expired(needs: Needs, argument: str) -> None:
    await expiring.announce(needs, json.loads(argument)["session_id"])


async def _mail(needs: Needs, argument: str) -> None:
    wanted = json.loads(argument)
    await mailing.mail(needs, wanted["session_id"], wanted["event"], wanted["message_id"])


async def _decide_by_rule(needs: Needs, argument: str) -> None:
    await processing.run(needs, json.loads(argument)["session_id"])


JOBS: Mapping[str, Run] = {
    "kyc.extract": _extract,
    "kyc.session_expired": _session_expired,
    "kyc.mail": _mail,
    "kyc.process": _decide_by_rule,
}
