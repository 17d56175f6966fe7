"""The presence port on this machine: a challenge of head turns, drawn at random and judged from frames."""

import asyncio
import itertools
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from frontdesk.adapters.liveness_local_judge import Judgement, Seen, judge, timing
from frontdesk.basics.errors import Rejected
from frontdesk.ports.faces import Face, Faces
from frontdesk.ports.liveness import Attempt, Challenge, Frame, Verdict
from frontdesk.ports.ocr import RefusedFile

LABEL = "challenge, not certified"
LIVES_FOR = timedelta(minutes=3)
SECONDS_A_TURN = 6.0
SIDES = ("left", "right")
ROWS = tuple(row for length in (3, 4) for row in itertools.product(SIDES, repeat=length) if set(row) == set(SIDES))
"""Every row of turns that may be asked, each equally likely. A bent print moves to one side only, hence both sides."""
_AT_ONCE = 2
_SHOWN = 4


class LocalLiveness:
    """Keeps nothing: the attempt carries its challenge, and the frames are looked at when they are judged."""

    name = "local"

    def __init__(self, faces: Faces) -> None:
        self._faces = faces

    async def open(self, challenge_type: str, now: datetime) -> Attempt:
        """See `Liveness`. There is one type of challenge here, whatever is asked for."""
        row = secrets.choice(ROWS)
        moves = tuple(move for side in row for move in (side, "front"))
        return Attempt(secrets.token_urlsafe(18), now + LIVES_FOR, Challenge(moves, SECONDS_A_TURN * (len(row) + 1)))

    async def judge(
        self, attempt: Attempt, frames: Sequence[Frame], portrait: tuple[float, ...] | None, now: datetime
    ) -> Verdict:
        """See `Liveness`."""
        if attempt.challenge is None:
            raise Rejected("an attempt of the local provider carries its challenge")
        turns = tuple(move for move in attempt.challenge.moves if move in SIDES)
        if set(turns) != set(SIDES):
            raise Rejected("a challenge asks for both sides")
        if now >= attempt.expires_at:
            return Verdict("expired", LABEL)
        if not frames:
            return Verdict("pending", LABEL)
        hasty = timing(len(turns), attempt.challenge.seconds, [frame.at_ms for frame in frames])
        if hasty is not None:
            return _failed(hasty, frames)
        seen = await self._seen(frames)
        if seen is None:
            return _failed("unreadable_frame", frames)
        return _verdict(judge(turns, attempt.challenge.seconds, seen, portrait), frames)

    async def check(self) -> None:
        """See `Liveness`."""
        await self._faces.check()

    async def _seen(self, frames: Sequence[Frame]) -> list[Seen] | None:
        """What is in the frames; None when one of them is no sound picture."""
        # Few at once, so that the pictures of others come in between.
        room = asyncio.Semaphore(_AT_ONCE)

        async def look(frame: Frame) -> tuple[Face, ...]:
            async with room:
                return await self._faces.find(frame.content, "image/jpeg")

        tasks = [asyncio.create_task(look(frame)) for frame in frames]
        try:
            return [Seen(frame.at_ms, await task) for frame, task in zip(frames, tasks, strict=True)]
        except RefusedFile:
            return None
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _verdict(found: Judgement, frames: Sequence[Frame]) -> Verdict:
    if found.best is None:
        return _failed(found.reason, frames)
    shown = tuple(frames[number].content for number in found.peaks)
    return Verdict("succeeded", LABEL, found.confidence, None, frames[found.best].content, shown)


def _failed(reason: str | None, frames: Sequence[Frame]) -> Verdict:
    """With some of the frames, spread over the attempt, for whoever looks into it."""
    step = max(1, -(-len(frames) // _SHOWN))
    return Verdict("failed", LABEL, None, reason, None, tuple(frame.content for frame in frames[::step]))
