"""The challenge of head turns on the rendered heads: what is asked, what passes, what is refused and why."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

import portraits
from frontdesk.adapters.faces_local import LocalFaces
from frontdesk.adapters.liveness_local import LABEL, LocalLiveness
from frontdesk.adapters.liveness_local_judge import Seen, judge
from frontdesk.basics.errors import Rejected
from frontdesk.ports.faces import Face
from frontdesk.ports.liveness import MOST_FRAMES, MOVES, Attempt, Frame, Verdict

pytestmark = pytest.mark.asyncio(loop_scope="module")
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
SOON = NOW + timedelta(minutes=1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def faces() -> AsyncIterator[LocalFaces]:
    made = portraits.local_faces()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture(scope="module")
def liveness(faces: LocalFaces) -> LocalLiveness:
    return LocalLiveness(faces)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def found(faces: LocalFaces) -> dict[str, tuple[Face, ...]]:
    """Every picture of the fixtures, looked at once."""
    told = portraits.truth()
    names = [each["file"] for each in (*told["frames"], *told["portraits"])]
    return {name: await faces.find(portraits.picture(name), "image/jpeg") for name in names}


@pytest.mark.parametrize("told", portraits.truth()["sequences"], ids=lambda told: str(told["id"]))
async def test_a_row_of_frames_comes_out_as_expected(
    told: dict[str, object], found: dict[str, tuple[Face, ...]]
) -> None:
    frames = portraits.frames(told)
    seen = [Seen(frame.at_ms, found[name]) for frame, name in zip(frames, told["frames"], strict=True)]  # type: ignore[call-overload]
    (portrait,) = found[f"portraits/{told['person']}.jpg"]
    judged = judge(portraits.turns(told), 24.0, seen, portrait.embedding)
    assert (judged.reason is None) == (told["expect"] == "accept"), judged.reason


async def test_a_challenge_asks_for_both_sides_and_the_front_after_each(liveness: LocalLiveness) -> None:
    asked = set()
    for _ in range(400):
        attempt = await liveness.open("any", NOW)
        assert attempt.challenge is not None
        moves = attempt.challenge.moves
        assert set(moves) == set(MOVES)
        assert set(moves[1::2]) == {"front"}
        assert len(moves) in (6, 8)
        assert attempt.challenge.seconds == 6.0 * (len(moves) // 2 + 1)
        asked.add(moves)
    # Of twenty, equally likely: that one never comes in 400 draws happens once in forty million runs.
    assert len(asked) == 20


async def judged(liveness: LocalLiveness, frames: list[Frame], portrait: Face | None = None) -> Verdict:
    attempt = Attempt("one", SOON, portraits.challenge(portraits.sequence("genuine-p1")))
    return await liveness.judge(attempt, frames, portrait.embedding if portrait else None, NOW)


async def test_the_document_must_show_the_same_person(
    liveness: LocalLiveness, found: dict[str, tuple[Face, ...]]
) -> None:
    frames = portraits.frames(portraits.sequence("genuine-p1"))
    own = await judged(liveness, frames, found["portraits/p1.jpg"][0])
    assert (own.state, own.label, own.reason) == ("succeeded", LABEL, None)
    assert own.reference_image == portraits.picture("turns/p1/soft-front_y+00_p+00.jpg")
    assert set(own.audit_images) == {
        portraits.picture(f"turns/p1/soft-front_y{yaw}_p+00.jpg") for yaw in ("+40", "-40")
    }
    other = await judged(liveness, frames, found["portraits/p2.jpg"][0])
    assert (other.state, other.reason, other.confidence, other.reference_image) == (
        "failed",
        "not_the_portrait",
        None,
        None,
    )
    assert len(other.audit_images) == 4


async def test_frames_that_come_late_are_not_looked_at(liveness: LocalLiveness) -> None:
    told = portraits.sequence("genuine-p1")
    attempt = Attempt("one", NOW, portraits.challenge(told))
    assert (await liveness.judge(attempt, portraits.frames(told), None, NOW)).state == "expired"
    assert (await liveness.judge(attempt, [], None, NOW)).state == "expired"


async def test_a_frame_that_is_no_picture_fails_the_attempt(liveness: LocalLiveness) -> None:
    frames = portraits.frames(portraits.sequence("genuine-p1"))
    for broken in (frames[4].content[:3000], b"", b"\xff\xd8\xff" + b"x" * 2000):
        frames[4] = Frame(frames[4].at_ms, broken)
        assert (await judged(liveness, frames)).reason == "unreadable_frame"


async def test_a_flood_of_frames_is_not_even_opened(liveness: LocalLiveness) -> None:
    flood = [Frame(number * 100, b"no picture at all") for number in range(MOST_FRAMES + 1)]
    assert (await judged(liveness, flood)).reason == "too_many_frames"


async def test_a_challenge_to_one_side_is_rejected(liveness: LocalLiveness) -> None:
    whole = await liveness.open("any", NOW)
    assert whole.challenge is not None
    half = Attempt("one", SOON, type(whole.challenge)(("left", "front", "left", "front"), 24.0))
    with pytest.raises(Rejected):
        await liveness.judge(half, [], None, NOW)
