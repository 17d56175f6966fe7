"""Face Liveness through the real boto3, against a server that speaks its protocol and checks its signature."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from frontdesk.adapters.liveness_rekognition import LABEL, RekognitionLiveness
from frontdesk.basics.errors import Rejected, Unavailable
from frontdesk.ports.liveness import Attempt
from servers.rekognition import ACCESS_KEY, REGION, SECRET_KEY, Refused, Rekognition, rekognition

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
MOVES = "FaceMovementChallenge"


@pytest.fixture
async def server() -> AsyncIterator[Rekognition]:
    async with rekognition() as made:
        yield made


@pytest.fixture
def liveness(server: Rekognition) -> RekognitionLiveness:
    return client(server)


def client(
    server: Rekognition, *, key: str = ACCESS_KEY, secret: str = SECRET_KEY, **more: float
) -> RekognitionLiveness:
    return RekognitionLiveness(region=REGION, access_key=key, secret_key=secret, endpoint=server.url, **more)


@pytest.mark.parametrize("challenge", ["FaceMovementChallenge", "FaceMovementAndLightChallenge"])
async def test_a_session_asks_for_the_challenge_and_for_images_in_the_answer(
    server: Rekognition, liveness: RekognitionLiveness, challenge: str
) -> None:
    attempt = await liveness.open(challenge, NOW)
    assert attempt.challenge is None
    assert attempt.expires_at == NOW + timedelta(minutes=3)
    assert server.sessions[attempt.provider_id].challenge == challenge
    ((operation, asked),) = server.asked
    assert operation == "CreateFaceLivenessSession"
    assert asked["Settings"] == {"AuditImagesLimit": 2, "ChallengePreferences": [{"Type": challenge}]}
    assert len(asked["ClientRequestToken"]) == 43


async def test_a_challenge_that_the_provider_does_not_have_is_rejected(
    server: Rekognition, liveness: RekognitionLiveness
) -> None:
    with pytest.raises(Rejected):
        await liveness.open("NodChallenge", NOW)
    assert server.asked == []


@pytest.mark.parametrize(
    ("told", "state"),
    [("CREATED", "pending"), ("IN_PROGRESS", "pending"), ("EXPIRED", "expired")],
)
async def test_an_unfinished_session_has_no_result(
    server: Rekognition, liveness: RekognitionLiveness, told: str, state: str
) -> None:
    attempt = await liveness.open(MOVES, NOW)
    server.sessions[attempt.provider_id].status = told
    verdict = await liveness.judge(attempt, [], None, NOW)
    assert (verdict.state, verdict.confidence, verdict.reference_image) == (state, None, None)


async def test_a_result_has_its_confidence_and_its_images(server: Rekognition, liveness: RekognitionLiveness) -> None:
    attempt = await liveness.open(MOVES, NOW)
    server.finish(attempt.provider_id, "SUCCEEDED", 97.25, b"reference", [b"one", b"two", b"three"])
    verdict = await liveness.judge(attempt, [], None, NOW)
    assert (verdict.state, verdict.confidence, verdict.label, verdict.reason) == ("succeeded", 97.25, LABEL, None)
    assert (verdict.reference_image, verdict.audit_images) == (b"reference", (b"one", b"two"))
    assert verdict == await liveness.judge(attempt, [], None, NOW)


async def test_a_failed_session_says_so(server: Rekognition, liveness: RekognitionLiveness) -> None:
    attempt = await liveness.open(MOVES, NOW)
    server.finish(attempt.provider_id, "FAILED", 3.5, b"reference", [])
    verdict = await liveness.judge(attempt, [], None, NOW)
    assert (verdict.state, verdict.confidence, verdict.reason) == ("failed", 3.5, "provider_failed")


async def test_a_session_expires_after_three_minutes(server: Rekognition, liveness: RekognitionLiveness) -> None:
    attempt = await liveness.open(MOVES, NOW)
    server.later = timedelta(minutes=3)
    assert (await liveness.judge(attempt, [], None, NOW)).state == "expired"


async def test_an_unknown_session_is_rejected_and_a_forgotten_one_expired(liveness: RekognitionLiveness) -> None:
    attempt = Attempt("5b4f8a8e-0000-4000-8000-000000000000", NOW + timedelta(minutes=3))
    with pytest.raises(Rejected, match="does not know"):
        await liveness.judge(attempt, [], None, NOW)
    assert (await liveness.judge(attempt, [], None, attempt.expires_at)).state == "expired"


@pytest.mark.parametrize(
    ("key", "secret", "code"),
    [("AKIDSTRANGER", SECRET_KEY, "UnrecognizedClient"), (ACCESS_KEY, "a wrong one", "InvalidSignature")],
)
async def test_wrong_keys_are_told_with_the_remedy(server: Rekognition, key: str, secret: str, code: str) -> None:
    liveness = client(server, key=key, secret=secret)
    for call in (liveness.open(MOVES, NOW), liveness.check()):
        with pytest.raises(Unavailable, match=f"refuses our keys.*{code}.*FRONTDESK_LIVENESS_ACCESS_KEY"):
            await call
    assert server.sessions == {}


@pytest.mark.parametrize("fault", [Refused("ThrottlingException"), Refused("InternalServerError", 500)])
async def test_a_call_that_is_put_off_is_made_again_with_the_same_token(
    server: Rekognition, liveness: RekognitionLiveness, fault: Refused
) -> None:
    server.faults = [fault, fault]
    attempt = await liveness.open(MOVES, NOW)
    assert list(server.sessions) == [attempt.provider_id]
    assert len({asked["ClientRequestToken"] for _, asked in server.asked}) == 1
    assert len(server.asked) == 3


async def test_an_answer_that_was_lost_opens_no_second_session(
    server: Rekognition, liveness: RekognitionLiveness
) -> None:
    attempt = await liveness.open(MOVES, NOW)
    ((_, asked),) = server.asked
    assert server.create(asked).id == attempt.provider_id


async def test_a_provider_that_puts_off_for_long_is_unavailable(
    server: Rekognition, liveness: RekognitionLiveness
) -> None:
    server.faults = [Refused("ThrottlingException")] * 9
    with pytest.raises(Unavailable, match="ThrottlingException"):
        await liveness.open(MOVES, NOW)
    assert len(server.asked) == 4


async def test_a_silent_provider_is_unavailable(server: Rekognition) -> None:
    server.silent = True
    with pytest.raises(Unavailable, match="ReadTimeout"):
        await client(server, read_seconds=0.1).open(MOVES, NOW)


async def test_nobody_at_the_address_is_unavailable() -> None:
    async with rekognition() as gone:
        pass
    with pytest.raises(Unavailable, match="cannot be asked"):
        await client(gone).open(MOVES, NOW)


async def test_a_state_that_nobody_knows_is_no_result(server: Rekognition, liveness: RekognitionLiveness) -> None:
    attempt = await liveness.open(MOVES, NOW)
    server.sessions[attempt.provider_id].status = "PAUSED"
    with pytest.raises(Unavailable, match="not known"):
        await liveness.judge(attempt, [], None, NOW)


async def test_looking_after_the_provider_opens_no_session(server: Rekognition, liveness: RekognitionLiveness) -> None:
    await liveness.check()
    assert [operation for operation, _ in server.asked] == ["GetFaceLivenessSessionResults"]
    assert server.sessions == {}


async def test_keys_without_the_right_are_told_when_looked_after(
    server: Rekognition, liveness: RekognitionLiveness
) -> None:
    server.faults = [Refused("AccessDeniedException")]
    with pytest.raises(Unavailable, match="rights"):
        await liveness.check()
