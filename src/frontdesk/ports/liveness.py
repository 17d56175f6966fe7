"""The presence port: is there a living person in front of the camera now?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

MOVES = ("left", "right", "front")


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the customer is asked to do: turn the head to each of `moves` (`MOVES`, the person's own left and right) in
    this order, within `seconds` of the first frame."""

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

    `reason` is a word for staff when it is not `succeeded`: `wrong_order`, `too_slow`, `no_face`, `several_faces`,
    `person_changed`, `not_the_portrait`, `too_few_frames`, ... `label` says what the result is worth and goes wherever
    the result goes. Images are JPEG.
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
        """Begin an attempt; good for one use within three minutes."""
        ...

    async def judge(
        self, attempt: Attempt, frames: Sequence[Frame], portrait: tuple[float, ...] | None, now: datetime
    ) -> Verdict:
        """The result of an attempt; asking again gives the same. `frames` and `portrait` (the embedding of the face on
        the document, if there is one) serve a provider that judges here; others look at their own recording."""
        ...

    async def check(self) -> None:
        """Whether attempts can be opened. Raises `Unavailable` with the reason and the remedy."""
        ...
