"""What every route of identity checks does alike: read a body, wrap an answer."""

from typing import Any, TypeVar

from frontdesk.web.endpoint import Answer, Call
from frontdesk.web.problems import FloorProblem

from frontdesk.basics.clock import Clock, iso
from frontdesk.kyc.service.needs import Needs, opened
from frontdesk.kyc.wire.answers import Envelope
from frontdesk.kyc.wire.refusals import Meta

Body = TypeVar("Body")


def success(call: Call, clock: Clock, content: Any, status: int = 200) -> Answer:
    """The envelope of a success."""
    return Answer(status, Envelope(content, Meta(call.request_id, iso(clock.now()))))


async def body_of(call: Call, needs: Needs, kind: type[Body]) -> Body:
    """The body of a public call. A bad body is told only to who holds a good token: the token is judged first."""
    try:
        return await call.json(kind)
    except FloorProblem:
        await opened(needs, call.path["access_token"])
        raise
