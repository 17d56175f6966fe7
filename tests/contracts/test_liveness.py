"""The contract of the presence port, on every adapter."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

import portraits
from frontdesk.adapters.faces_local import LocalFaces
from frontdesk.adapters.liveness_local import LABEL, LocalLiveness
from frontdesk.basics.errors import Rejected
from frontdesk.ports.liveness import MOVES, REASONS, Attempt, Frame, Verdict

pytestmark = pytest.mark.asyncio(loop_scope="module")
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def faces() -> AsyncIterator[LocalFaces]:
    made = portraits.local_faces()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture(scope="module")
def liveness(faces: LocalFaces) -> LocalLiveness:
    return LocalLiveness(faces)


async def judged(liveness: LocalLiveness, faces: LocalFaces, name: str, portrait: str | None = None) -> Verdict:
    told = portraits.sequence(name)
    face = None
    if portrait is not None:
        face = (await faces.find(portraits.picture(f"portraits/{portrait}.jpg"), "image/jpeg"))[0].embedding
    attempt = Attempt("one", NOW + timedelta(minutes=3), portraits.challenge(told))
    return await liveness.judge(attempt, portraits.frames(told), face, NOW)


async def test_a_challenge_asks_for_both_sides_and_the_front_after_each(liveness: LocalLiveness) -> None:
    asked = set()
    for _ in range(300):
        attempt = await liveness.open("any", NOW)
        assert attempt.challenge is not None
        moves = attempt.challenge.moves
        assert set(moves) == set(MOVES)
        assert set(moves[1::2]) == {"front"}
        assert 6 <= len(moves) <= 8
        assert attempt.challenge.seconds == 6.0 * (len(moves) // 2 + 1)
        assert NOW < attempt.expires_at <= NOW + timedelta(minutes=3)
        asked.add(moves)
    # Of twenty, each as likely: that one of them never comes in 300 draws happens once in two hundred thousand runs.
    assert len(asked) == 20


async def test_attempts_have_names_of_their_own(liveness: LocalLiveness) -> None:
    assert len({(await liveness.open("any", NOW)).provider_id for _ in range(50)}) == 50


async def test_who_turns_as_asked_is_present(liveness: LocalLiveness, faces: LocalFaces) -> None:
    verdict = await judged(liveness, faces, "genuine-p1", portrait="p1")
    assert (verdict.state, verdict.label, verdict.reason) == ("succeeded", LABEL, None)
    assert verdict.confidence is not None
    assert 90 <= verdict.confidence <= 100
    assert verdict.reference_image == portraits.picture("turns/p1/soft-front_y+00_p+00.jpg")
    assert len(verdict.audit_images) == 3
    assert verdict == await judged(liveness, faces, "genuine-p1", portrait="p1")


async def test_somebody_else_than_the_document_shows_is_refused(liveness: LocalLiveness, faces: LocalFaces) -> None:
    verdict = await judged(liveness, faces, "genuine-p1", portrait="p2")
    assert (verdict.state, verdict.reason, verdict.reference_image) == ("failed", "not_the_portrait", None)


@pytest.mark.parametrize("name", ["flat-print-p1-right-left-right", "bent-print-p1", "swap-p1-p6"])
async def test_an_attack_is_refused_with_its_reason(liveness: LocalLiveness, faces: LocalFaces, name: str) -> None:
    verdict = await judged(liveness, faces, name, portrait="p1")
    assert verdict.state == "failed"
    assert verdict.reason in REASONS
    assert verdict.confidence is None
    assert 1 <= len(verdict.audit_images) <= 4


async def test_an_attempt_without_frames_is_pending_until_it_expires(liveness: LocalLiveness) -> None:
    attempt = await liveness.open("any", NOW)
    assert (await liveness.judge(attempt, [], None, NOW)).state == "pending"
    assert (await liveness.judge(attempt, [], None, attempt.expires_at)).state == "expired"


async def test_frames_that_come_late_are_not_looked_at(liveness: LocalLiveness) -> None:
    told = portraits.sequence("genuine-p1")
    attempt = Attempt("one", NOW, portraits.challenge(told))
    assert (await liveness.judge(attempt, portraits.frames(told), None, NOW)).state == "expired"


async def test_a_frame_that_is_no_picture_fails_the_attempt(liveness: LocalLiveness) -> None:
    told = portraits.sequence("genuine-p1")
    frames = portraits.frames(told)
    frames[4] = Frame(frames[4].at_ms, frames[4].content[:3000])
    attempt = Attempt("one", NOW + timedelta(minutes=1), portraits.challenge(told))
    assert (await liveness.judge(attempt, frames, None, NOW)).reason == "unreadable_frame"


async def test_an_attempt_without_its_challenge_is_rejected(liveness: LocalLiveness) -> None:
    with pytest.raises(Rejected):
        await liveness.judge(Attempt("one", NOW + timedelta(minutes=1)), [], None, NOW)


async def test_the_provider_proves_itself(liveness: LocalLiveness) -> None:
    await liveness.check()
