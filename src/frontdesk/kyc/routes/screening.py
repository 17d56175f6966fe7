"""Looking for somebody in lists without a session."""

from frontdesk.kyc.service import screening
from frontdesk.kyc.service.needs import Needs
from frontdesk.kyc.wire import requests
from frontdesk.kyc.wire import screening as shown
from frontdesk.kyc.wire.answers import Envelope
from frontdesk.web.endpoint import Answer, Call, Endpoint

from .calls import success


class Screening:
    """The call, with what it needs."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs

    async def screen(self, call: Call) -> Answer:
        wish = requests.sought(await call.json(requests.Screen))
        found = await screening.alone(self._needs, call.caller.tenant_id, wish)
        content = shown.screening_found(found, wish.lists, one=wish.one, now=self._needs.clock.now())
        return success(call, self._needs.clock, content)


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """The table of this call."""
    return (
        Endpoint(
            "POST",
            "/kyc",
            Screening(needs).screen,
            "Look for somebody in lists, without a session",
            "KYC screening",
            body=requests.Screen,
            answers={200: Envelope[shown.ScreeningFound]},
            refusals=(400, 401, 403, 413, 415, 429, 503),
            permission="kyc:create",
        ),
    )
