"""What every route of identity checks does alike: read a body, wrap an answer."""

from functools import partial
from typing import Any, TypeVar

from frontdesk.basics.clock import Clock, iso
from frontdesk.kyc.service.needs import Needs, opened
from frontdesk.kyc.wire.answers import Envelope
from frontdesk.kyc.wire.refusals import Meta
from frontdesk.web.endpoint import Answer, Call, Endpoint
from frontdesk.web.paging import Page
from frontdesk.web.problems import FloorProblem, InvalidQuery

Body = TypeVar("Body")


def success(call: Call, clock: Clock, content: Any, status: int = 200) -> Answer:
    """The envelope of a success."""
    return Answer(status, Envelope(data=content, meta=Meta(call.request_id, iso(clock.now()))))


def of_staff(
    tag: str,
    method: str,
    path: str,
    run: Any,
    summary: str,
    permission: str,
    content: Any,
    *,
    status: int = 200,
    **more: Any,
) -> Endpoint:
    """A line in a table of calls that staff make."""
    refusals = (400, 401, 403, 404, 409, 429, 503) + ((413, 415) if "body" in more else ())
    return Endpoint(
        method,
        path,
        run,
        summary,
        tag,
        answers={status: Envelope[content]},
        refusals=refusals,
        permission=permission,
        **more,
    )


of_workflows = partial(of_staff, "KYC workflows")
"""By which staff say what is asked of customers, and how it is read."""


async def body_of(call: Call, needs: Needs, kind: type[Body]) -> Body:
    """The body of a public call. A bad body is told only to who holds a good token: the token is judged first."""
    try:
        return await call.json(kind)
    except FloorProblem:
        await opened(needs, call.path["access_token"])
        raise


def page_start(page: Page) -> tuple[int, str]:
    """The instant (microseconds) and id after which the wanted page begins."""
    if page.after is None:
        return (2**62, "~") if page.descending else (0, "")
    at, row_id = page.after
    if not isinstance(at, int) or not isinstance(row_id, str) or not 0 <= at < 2**62 or "\0" in row_id:
        raise InvalidQuery("cursor", "a cursor that an earlier page of this list gave")
    return at, row_id
