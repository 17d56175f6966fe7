"""Checks and decisions by rule, when staff or the tenant's backend ask for them."""

from typing import Any

from frontdesk.kyc.service import processing
from frontdesk.kyc.service.needs import Needs
from frontdesk.kyc.wire import admin, requests, shown_to_staff
from frontdesk.kyc.wire.answers import Envelope
from frontdesk.web.endpoint import Answer, Call, Endpoint

from .calls import success

_ONE = "/kyc/sessions/{session_id}"


class Judging:
    """The calls, with what they need."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def validate(self, call: Call) -> Answer:
        body = await call.json(requests.Validate)
        tenant_id, session_id = call.caller.tenant_id, call.path["session_id"]
        by = f"key {call.caller.key_id}"
        dossier, ran = await processing.validate(self._needs, tenant_id, session_id, body.checks, by)
        return success(call, self._needs.clock, admin.validated(dossier, ran))

    async def settle(self, call: Call) -> Answer:
        tenant_id, session_id = call.caller.tenant_id, call.path["session_id"]
        dossier = await processing.settle(self._needs, tenant_id, session_id, f"key {call.caller.key_id}")
        return success(call, self._needs.clock, admin.processed(dossier))


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """The table of these calls."""
    calls = Judging(needs)

    def line(path: str, run: Any, summary: str, content: Any, refusals: tuple[int, ...], **more: Any) -> Endpoint:
        return Endpoint(
            "POST",
            path,
            run,
            summary,
            "KYC sessions",
            answers={200: Envelope[content]},
            refusals=(400, 401, 403, 404, 409, *refusals, 429, 503),
            permission="kyc:create",
            **more,
        )

    return (
        line(
            _ONE + "/validate",
            calls.validate,
            "Run checks without deciding",
            shown_to_staff.SessionValidated,
            (413, 415),
            body=requests.Validate,
            open_body=True,
        ),
        line(_ONE + "/process", calls.settle, "Run the checks and decide by rule", shown_to_staff.SessionProcessed, ()),
    )
