"""Proofs of presence: what a step asks for, and what is recorded of each attempt."""

from datetime import datetime

import msgspec

from frontdesk.kernel.lifecycle import Lifecycle

CHALLENGE_TYPES = ("FaceMovementChallenge", "FaceMovementAndLightChallenge")
PROVIDERS = ("aws_rekognition", "local")
OWN_PROVIDER = "local"
"""Judges pictures that are sent to us; the others record by themselves."""

LIVENESS_LIFECYCLE = Lifecycle(
    "pending",
    {("pending", "pass"): "passed", ("pending", "fail"): "failed", ("pending", "expire"): "expired"},
)


class LivenessConfig(msgspec.Struct, frozen=True):
    """What a liveness step asks for. `min_confidence` is 0 to 100; `provider` None takes the installation's."""

    min_confidence: float = 90
    challenge_type: str = CHALLENGE_TYPES[0]
    save_reference_image: bool = True
    use_for_face_match: bool = True
    max_retries: int = 3
    provider: str | None = None


class KeptImage(msgspec.Struct, frozen=True):
    """A JPEG picture that is kept: of the camera until it is judged, or for staff."""

    key: str
    sha256: str
    size: int
    at_ms: int = 0
    received_at: datetime | None = None


class LivenessAnswer(msgspec.Struct, frozen=True):
    """What completing an attempt tells the customer; a failing score is never among it."""

    passed: bool
    confidence: float | None
    reference_image_key: str | None
    step_completed: bool
    session_completed: bool
    next_step_id: str | None
    message: str


class LivenessAttempt(msgspec.Struct, frozen=True):
    """One attempt. `status` is one of `LIVENESS_LIFECYCLE`; `moves` and `seconds` are the challenge, if we ask it.

    `judging_since` is when somebody began to ask the provider, for the `judging_run`th time. `label` says what the
    result is worth.
    """

    liveness_session_id: str
    step_id: str
    provider: str
    provider_id: str
    image_key: str
    created_at: datetime
    expires_at: datetime
    status: str = LIVENESS_LIFECYCLE.start
    moves: tuple[str, ...] = ()
    seconds: float = 0
    frames: tuple[KeptImage, ...] = ()
    judging_run: int = 0
    judging_since: datetime | None = None
    finished_at: datetime | None = None
    confidence: float | None = None
    reason: str | None = None
    label: str | None = None
    reference: KeptImage | None = None
    audit: tuple[KeptImage, ...] = ()
    answer: LivenessAnswer | None = None

    @property
    def own(self) -> bool:
        """Whether the pictures come to us."""
        return self.provider == OWN_PROVIDER
