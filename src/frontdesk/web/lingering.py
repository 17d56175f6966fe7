"""Refusing a body that is still coming, so that the client gets to read the refusal."""

import asyncio

from frontdesk.web.endpoint import Call
from frontdesk.web.problems import ClientGone, TooLarge, TooSlow

_HARMLESS = 262_144
_LINGER_BYTES = 8_388_608
_LINGER_SECONDS = 2.0


def leaves_body_unread(call: Call, status: int) -> bool:
    """True if more is coming than the server should swallow quietly to keep the connection open."""
    if call.read_to_end:
        return False
    size = call.declared_size
    if size is not None:
        return size > _HARMLESS or status == 408 or call.header("expect") is not None
    return call.header("transfer-encoding") is not None


async def linger(call: Call, status: int) -> None:
    """Read on and throw away, for a moment: closing with unread bytes would reset the connection."""
    if status == 408 or call.header("expect") is not None:
        # Nothing is coming any more, or nothing was sent yet: there is nothing to swallow.
        return
    try:
        async with asyncio.timeout(_LINGER_SECONDS):
            async for _ in call.rest(_LINGER_BYTES):
                pass
    except (TimeoutError, ClientGone, TooLarge, TooSlow):
        return
