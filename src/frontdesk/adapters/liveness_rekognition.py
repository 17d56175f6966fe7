"""The presence port on Amazon Rekognition Face Liveness, through boto3."""

import asyncio
import secrets
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from frontdesk.basics.errors import PortError, Rejected, Unavailable
from frontdesk.ports.liveness import Attempt, Frame, Verdict

LABEL = "Amazon Rekognition Face Liveness"
LIVES_FOR = timedelta(minutes=3)
CHALLENGES = ("FaceMovementChallenge", "FaceMovementAndLightChallenge")
AUDIT_IMAGES = 2
_STATES = {
    "CREATED": "pending",
    "IN_PROGRESS": "pending",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "EXPIRED": "expired",
}
_TRIES = 4
_AT_ONCE = 4
_KEYS = {
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "OptInRequired",
    "UnrecognizedClientException",
}
_REMEDY = "look at FRONTDESK_LIVENESS_REGION, FRONTDESK_LIVENESS_ACCESS_KEY and FRONTDESK_LIVENESS_SECRET_KEY"


class RekognitionLiveness:
    """Without keys and region the usual places are asked: environment, profile, role of the machine.

    The customer's page speaks with the provider itself, by the attempt's `provider_id`; no video comes here.
    """

    name = "aws_rekognition"

    def __init__(
        self,
        *,
        region: str = "",
        access_key: str = "",
        secret_key: str = "",
        endpoint: str = "",
        connect_seconds: float = 3.0,
        read_seconds: float = 8.0,
    ) -> None:
        self._where = {
            "region_name": region or None,
            "endpoint_url": endpoint or None,
            "aws_access_key_id": access_key or None,
            "aws_secret_access_key": secret_key or None,
        }
        self._connect_seconds, self._read_seconds = connect_seconds, read_seconds
        self._client: Any = None
        self._making = asyncio.Lock()
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def open(self, challenge_type: str, now: datetime) -> Attempt:
        """See `Liveness`."""
        if challenge_type not in CHALLENGES:
            raise Rejected(f"the challenge must be one of {', '.join(CHALLENGES)}")
        client = await self._made()
        # The token is the same for each try of this call, so that a lost answer does not cost a second session.
        answer = await self._call(
            client.create_face_liveness_session,
            ClientRequestToken=secrets.token_urlsafe(32),
            Settings={"AuditImagesLimit": AUDIT_IMAGES, "ChallengePreferences": [{"Type": challenge_type}]},
        )
        return Attempt(str(answer["SessionId"]), now + LIVES_FOR)

    async def judge(
        self, attempt: Attempt, frames: Sequence[Frame], portrait: tuple[float, ...] | None, now: datetime
    ) -> Verdict:
        """See `Liveness`. Frames and portrait are not used."""
        client = await self._made()
        try:
            answer = await self._call(client.get_face_liveness_session_results, SessionId=attempt.provider_id)
        except _NoSession:
            # The provider forgets a session some time after its three minutes.
            if now >= attempt.expires_at:
                return Verdict("expired", LABEL)
            raise
        return _verdict(answer)

    async def check(self) -> None:
        """See `Liveness`. Asks for a session that never was: that takes keys and rights, and opens none."""
        client = await self._made()
        try:
            await self._call(client.get_face_liveness_session_results, SessionId=str(uuid.uuid4()))
        except _NoSession:
            return

    async def _made(self) -> Any:
        async with self._making:
            if self._client is None:
                self._client = await self._in_thread(self._make)
            return self._client

    def _make(self) -> Any:
        # Half a second and 30 MB, which only those spend who use this provider.
        import boto3
        from botocore.config import Config

        config = Config(
            connect_timeout=self._connect_seconds,
            read_timeout=self._read_seconds,
            # Throttling, faults of the server and lost connections, with growing and random pauses.
            retries={"mode": "standard", "total_max_attempts": _TRIES},
        )
        return boto3.session.Session().client("rekognition", config=config, **self._where)

    async def _call(self, call: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
        async with self._room:
            answer: dict[str, Any] = await self._in_thread(call, **arguments)
        return answer

    async def _in_thread(self, call: Callable[..., Any], **arguments: Any) -> Any:
        """boto3 knows no loop. Its errors are given their meaning here."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return await asyncio.to_thread(call, **arguments)
        except ClientError as error:
            raise _meaning(error.response.get("Error", {}).get("Code", "")) from error
        except (BotoCoreError, ValueError) as error:
            raise Unavailable(f"Rekognition cannot be asked ({type(error).__name__}); {_REMEDY}") from error


class _NoSession(Rejected):
    """The provider does not know the session."""


def _meaning(code: str) -> PortError:
    if code == "SessionNotFoundException":
        return _NoSession("Rekognition does not know this liveness session")
    if code in _KEYS:
        return Unavailable(f"Rekognition refuses our keys or their rights ({code}); {_REMEDY}")
    # Whatever else it refuses is between it and us, and says nothing of the person in front of the camera.
    return Unavailable(f"Rekognition did not answer now ({code or 'no reason given'})")


def _verdict(answer: dict[str, Any]) -> Verdict:
    status = answer.get("Status")
    state = _STATES.get(str(status))
    if state is None:
        raise Unavailable("Rekognition told a state that is not known here")
    if state in ("pending", "expired"):
        return Verdict(state, LABEL)
    confidence = answer.get("Confidence")
    if state == "succeeded" and confidence is None:
        raise Unavailable("Rekognition told a result without its confidence")
    return Verdict(
        state,
        LABEL,
        None if confidence is None else float(confidence),
        "provider_failed" if state == "failed" else None,
        answer.get("ReferenceImage", {}).get("Bytes"),
        tuple(image["Bytes"] for image in answer.get("AuditImages", []) if image.get("Bytes")),
    )
