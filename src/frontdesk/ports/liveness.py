"""The presence port: is there a living person in front of the camera now?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

MOVES = ("left", "right", "front")
"""`left` is the person's own left, on a frame the right edge: frames are as the camera takes them, not mirrored.
A page may mirror its preview, in which the person then sees the head turn to the left edge."""
MOST_FRAMES = 64
"""Of one attempt. Three or four a second, 640 pixels on the longer side, are plenty."""

_FRAMES = ("too_few_frames", "too_many_frames", "times_not_growing", "too_slow", "too_fast", "gap", "unreadable_frame")
_FACES = ("no_face", "several_faces", "person_changed", "not_the_portrait")
_TURNS = ("not_front_first", "not_front_last", "no_front_between", "no_turn", "turns_missing", "wrong_order")
REASONS = frozenset((*_FRAMES, *_FACES, *_TURNS, "provider_failed"))


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the customer is asked to do: turn the head to each of `moves` (`MOVES`, the person's own left and right) in
    this order, within `seconds` of the first frame. Every turn (35 degrees or more) is followed by `front`; the first
    frame and the last look to the front."""

    moves: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt as the provider knows it. `challenge` is None where the provider's own page asks for the moves."""

    provider_id: str
    expires_at: datetime
    challenge: Challenge | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """One JPEG picture of the camera, taken `at_ms` milliseconds after the first one."""

    at_ms: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the provider says. `state` is `pending`, `succeeded`, `failed` or `expired`; `confidence` 0 to 100.

    `reason` is one of `REASONS`, a word for staff, when it is `failed`. `confidence` is the provider's own figure, and
    None where it has none. `label` says what the result is worth and goes wherever the result goes. Images are JPEG.
    """

    state: str
    label: str
    confidence: float | None = None
    reason: str | None = None
    reference_image: bytes | None = None
    audit_images: tuple[bytes, ...] = ()


class Liveness(Protocol):
    """Opens attempts and judges them. `name` is `aws_rekognition` or `local`. Errors: `Unavailable`, `Rejected`."""

    @property
    def name(self) -> str:
        """How the provider is called on the wire."""
        ...

    async def open(self, challenge_type: str, now: datetime) -> Attempt:
        """Begin an attempt; good for one use until its `expires_at`, three minutes at most."""
        ...

    async def judge(
        self, attempt: Attempt, frames: Sequence[Frame], portrait: tuple[float, ...] | None, now: datetime
    ) -> Verdict:
        """The result of an attempt; asking again gives the same, and keeping it is the caller's.

        `frames` and `portrait` (the embedding of the face on the document, if there is one) serve a provider that
        judges here: without frames an attempt is `pending`, with late ones `expired`. Others look at their own
        recording. `Rejected`: no such attempt.
        """
        ...

    async def check(self) -> None:
        """Whether attempts can be opened. Raises `Unavailable` with the reason and the remedy."""
        ...
