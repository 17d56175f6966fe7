"""What skills that go to a bank have alike: the link back, the way there, and the grant that comes of it."""

from collections.abc import Mapping
from typing import Any

from frontdesk.basics.clock import to_micros
from frontdesk.onboarding.model.skill import Accepted, Redirected, Visit
from frontdesk.onboarding.rules.redirects import LONGEST
from frontdesk.onboarding.steps.outside import Outside
from frontdesk.ports.bank_records import Granted, Return
from frontdesk.ports.bank_records import Visit as Errand

LINK: Mapping[str, Any] = {
    "type": "string",
    "minLength": 3,
    "maxLength": LONGEST,
    "description": "the address that the user goes to when the bank is done",
}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def outcome(visit: Visit, answer: Errand | Granted) -> Redirected | Accepted:
    """What a bank's first answer makes of a step: the user goes there, or it is done already."""
    if isinstance(answer, Granted):
        return granted(answer)
    return Redirected(
        answer.url, visit.data["psu_redirect_link"], answer.reference, answer.method, {**FORM, **dict(answer.headers)}
    )


def granted(answer: Granted) -> Accepted:
    """The grant, kept for the calls of the consent."""
    keep: dict[str, Any] = {"grant": answer.grant}
    if answer.until is not None:
        keep["grant_until"] = to_micros(answer.until)
    return Accepted(keep=keep)


async def finish(visit: Visit, outside: Outside, came: Return) -> Accepted:
    """Fetch the grant for what the user agreed to."""
    return granted(await outside.bank.finish(came))
