"""What a tenant says about itself."""

from typing import Any

from frontdesk.kyc.service import settings
from frontdesk.kyc.service.needs import Needs
from frontdesk.kyc.wire import answers, requests
from frontdesk.kyc.wire.answers import Envelope, NotificationAnswer
from frontdesk.kyc.wire.shown_to_staff import BrandingAnswer
from frontdesk.web.endpoint import Answer, Call, Endpoint

from .calls import success

_ME = "/kyc/tenants/me"


class TenantCalls:
    """The calls on the caller's tenant, with what they need."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def notifications(self, call: Call) -> Answer:
        found = await settings.notifications(self._needs, call.caller.tenant_id)
        return success(call, self._needs.clock, answers.notification_answer(found))

    async def change_notifications(self, call: Call) -> Answer:
        body = await call.json(requests.NotificationPatch)
        found = await settings.change_notifications(self._needs, call.caller.tenant_id, requests.given(body))
        return success(call, self._needs.clock, answers.notification_answer(found))

    async def branding(self, call: Call) -> Answer:
        found = await settings.branding(self._needs, call.caller.tenant_id)
        return success(call, self._needs.clock, {"branding": found})

    async def change_branding(self, call: Call) -> Answer:
        body = await call.json(requests.BrandingPatch)
        found = await settings.change_branding(self._needs, call.caller.tenant_id, requests.given(body))
        return success(call, self._needs.clock, {"branding": found})


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """The table of calls on the tenant."""
    calls = TenantCalls(needs)

    def line(method: str, path: str, run: Any, summary: str, content: Any, body: Any = None) -> Endpoint:
        refusals = (401, 403, 404, 429, 503) if body is None else (400, 401, 403, 404, 409, 413, 415, 429, 503)
        return Endpoint(
            method,
            _ME + path,
            run,
            summary,
            "KYC tenant",
            body=body,
            answers={200: Envelope[content]},
            refusals=refusals,
            permission="tenant:admin",
        )

    channels = "/notification-channels"
    return (
        line("GET", channels, calls.notifications, "Where the tenant is told", NotificationAnswer),
        line(
            "PATCH",
            channels,
            calls.change_notifications,
            "Set where the tenant is told",
            NotificationAnswer,
            requests.NotificationPatch,
        ),
        line("GET", "/branding", calls.branding, "How its pages look", BrandingAnswer),
        line("PATCH", "/branding", calls.change_branding, "Set how they look", BrandingAnswer, requests.BrandingPatch),
    )
