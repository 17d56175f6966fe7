"""How proofs of presence look on the wire: to customers, and to staff."""

import msgspec
from msgspec import UNSET, UnsetType

from frontdesk.basics.clock import unix
from frontdesk.kyc.model.liveness import LivenessAnswer
from frontdesk.kyc.rules.liveness import LARGEST_FRAME, MOST_FRAMES
from frontdesk.kyc.service.presence import Started
from frontdesk.kyc.wire.shown import AttemptStatus


class ChallengeAsked(msgspec.Struct, frozen=True):
    """Turn the head to each of `moves` (`left`, `right`, `front`; the customer's own left and right), all within
    `seconds` of the first frame. POST the camera's pictures to `frames_path`, below the session's address, with
    `?at_ms=`, milliseconds since the first one."""

    moves: list[str]
    seconds: float
    frames_path: str
    max_frames: int
    max_frame_bytes: int


class LivenessStarted(msgspec.Struct, frozen=True):
    """A new attempt, open until `expires_at` (Unix seconds). `challenge` is there with the provider `local`."""

    liveness_session_id: str
    step_id: str
    message: str
    provider: str
    expires_at: int
    attempts_remaining: int
    challenge: ChallengeAsked | UnsetType = UNSET


class FrameTaken(msgspec.Struct, frozen=True):
    """A picture of the camera was taken; `frames` is how many there are."""

    liveness_session_id: str
    at_ms: int
    frames: int


class LivenessCompleted(msgspec.Struct, frozen=True):
    """The result of an attempt. `confidence` (0 to 100) is null unless it passed."""

    passed: bool
    confidence: float | None
    reference_image_s3_key: str | None
    step_completed: bool
    session_completed: bool
    next_step_id: str | None
    message: str


class PictureShown(msgspec.Struct, frozen=True):
    """A kept picture of an attempt. `image` is its name for `GET …/liveness/{liveness_session_id}/url`."""

    image: str
    sha256: str
    size: int


class AttemptKept(msgspec.Struct, frozen=True):
    """One attempt at a liveness step. `confidence` is 0 to 100, `label` says what the result is worth."""

    liveness_session_id: str
    status: AttemptStatus
    created_at: str
    provider: str
    label: str | None
    confidence: float | None
    reason: str | None
    expires_at: int
    finished_at: str | None
    frames: int
    images: list[PictureShown]


class PresenceShown(msgspec.Struct, frozen=True):
    """How a liveness step stands: its attempt that counts, by which provider, and what that is worth."""

    step_id: str
    provider: str
    label: str | None
    status: AttemptStatus
    confidence: float | None
    attempts: int


class DuplicateShown(msgspec.Struct, frozen=True):
    """Another session that shows a face like this one. `similarity` is 0 to 1."""

    session_id: str
    similarity: float


class PictureAddress(msgspec.Struct, frozen=True):
    """Where a picture of a liveness attempt can be fetched until `expires_at`."""

    liveness_session_id: str
    image: str
    url: str
    mime_type: str
    expires_at: int


class LivenessKept(msgspec.Struct, frozen=True, kw_only=True):
    """What a liveness step asks for."""

    min_confidence: float
    challenge_type: str
    save_reference_image: bool
    use_for_face_match: bool
    max_retries: int
    provider: str | UnsetType = UNSET


def liveness_started(started: Started) -> LivenessStarted:
    attempt, challenge = started.attempt, started.challenge
    asked: ChallengeAsked | UnsetType = UNSET
    message = "Use this session ID with the AWS Amplify Liveness SDK"
    if challenge is not None:
        path = f"/liveness/{attempt.liveness_session_id}/frames"
        asked = ChallengeAsked(list(challenge.moves), challenge.seconds, path, MOST_FRAMES, LARGEST_FRAME)
        message = "Ask for the moves of the challenge, send the camera's pictures, then complete"
    return LivenessStarted(
        attempt.liveness_session_id,
        attempt.step_id,
        message,
        attempt.provider,
        unix(attempt.expires_at),
        started.attempts_remaining,
        asked,
    )


def liveness_completed(answer: LivenessAnswer) -> LivenessCompleted:
    return LivenessCompleted(
        answer.passed,
        answer.confidence,
        answer.reference_image_key,
        answer.step_completed,
        answer.session_completed,
        answer.next_step_id,
        answer.message,
    )
