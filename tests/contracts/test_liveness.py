"""The contract of the presence port, on every adapter."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

import portraits
from frontdesk.adapters.liveness_local import LocalLiveness
from frontdesk.adapters.liveness_rekognition import RekognitionLiveness
from frontdesk.basics.errors import Rejected
from frontdesk.ports.liveness import REASONS, Attempt, Frame, Liveness, Verdict
from servers.rekognition import ACCESS_KEY, REGION, SECRET_KEY, rekognition

pytestmark = pytest.mark.asyncio(loop_scope="module")
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
TYPE = "FaceMovementChallenge"
GENUINE, FLAT = "genuine-p1", "flat-print-p1-right-left-right"


@dataclass
class World:
    """A provider, and how a person in front of it passes or fails: the frames of the attempt, if it takes frames."""

    liveness: Liveness
    answered: Callable[[Attempt, bool], list[Frame]]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["local", "rekognition"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "local":
        faces = portraits.local_faces()
        await faces.start()
        yield World(LocalLiveness(faces), posted)
        await faces.stop()
        return
    async with rekognition() as server:

        def filmed(attempt: Attempt, passes: bool) -> list[Frame]:
            status, confidence = ("SUCCEEDED", 96.5) if passes else ("FAILED", 2.5)
            server.finish(attempt.provider_id, status, confidence, b"\xff\xd8\xffreference", [b"\xff\xd8\xffone"])
            return []

        keys = {"region": REGION, "access_key": ACCESS_KEY, "secret_key": SECRET_KEY, "endpoint": server.url}
        yield World(RekognitionLiveness(**keys), filmed)


def posted(attempt: Attempt, passes: bool) -> list[Frame]:
    return portraits.frames(portraits.sequence(GENUINE if passes else FLAT))


async def opened(world: World) -> Attempt:
    """An attempt. Where the challenge is drawn here, it is drawn until the rendered head has an answer to it."""
    wanted = portraits.challenge(portraits.sequence(GENUINE))
    while True:
        attempt = await world.liveness.open(TYPE, NOW)
        if attempt.challenge is None or attempt.challenge.moves == wanted.moves:
            return attempt


async def judged(world: World, attempt: Attempt, frames: list[Frame], now: datetime = NOW) -> Verdict:
    verdict = await world.liveness.judge(attempt, frames, None, now)
    assert verdict.label
    assert (verdict.reason in REASONS) == (verdict.state == "failed")
    assert verdict.confidence is None or 0 <= verdict.confidence <= 100
    return verdict


async def test_an_attempt_is_one_of_its_own_and_lives_three_minutes_at_most(world: World) -> None:
    assert world.liveness.name in ("local", "aws_rekognition")
    attempts = [await world.liveness.open(TYPE, NOW) for _ in range(5)]
    assert len({attempt.provider_id for attempt in attempts}) == 5
    assert all(NOW < attempt.expires_at <= NOW + timedelta(minutes=3) for attempt in attempts)


async def test_an_attempt_that_nobody_answered_is_pending(world: World) -> None:
    verdict = await judged(world, await world.liveness.open(TYPE, NOW), [])
    assert (verdict.state, verdict.confidence, verdict.reference_image) == ("pending", None, None)


async def test_a_living_person_succeeds_with_a_picture_and_the_same_answer_twice(world: World) -> None:
    attempt = await opened(world)
    frames = world.answered(attempt, True)
    verdict = await judged(world, attempt, frames)
    assert verdict.state == "succeeded"
    assert verdict.confidence is not None
    assert verdict.confidence >= 90
    assert verdict.reference_image is not None
    assert verdict.reference_image.startswith(b"\xff\xd8\xff")
    assert verdict.audit_images
    assert verdict == await judged(world, attempt, frames)


async def test_an_attack_fails_with_a_reason(world: World) -> None:
    attempt = await opened(world)
    assert (await judged(world, attempt, world.answered(attempt, False))).state == "failed"


async def test_an_attempt_of_another_provider_is_rejected(world: World) -> None:
    stranger = Attempt("00000000-0000-4000-8000-000000000000", NOW + timedelta(minutes=1))
    with pytest.raises(Rejected):
        await world.liveness.judge(stranger, [], None, NOW)


async def test_the_provider_proves_itself(world: World) -> None:
    await world.liveness.check()
