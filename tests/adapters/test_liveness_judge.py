"""The judge alone, on made-up landmarks: order, times, persons, and what no row of faces may change."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.adapters.liveness_local import ROWS
from frontdesk.adapters.liveness_local_judge import FRONT, TURNED, Judgement, Seen, confidence, judge, turned, yaw
from frontdesk.ports.faces import Face
from frontdesk.ports.liveness import MOST_FRAMES, REASONS

ANNA, BERT = (1.0, 0.0), (0.2, math.sqrt(1 - 0.04))
STEP_MS = 250


def face(index: float = 0.0, who: tuple[float, ...] = ANNA, score: float = 0.95) -> Face:
    """A face whose nose is off the middle of the eyes by so many distances of the eyes."""
    return Face((80, 60, 100, 130), score, (100, 100, 160, 100, 130 + 60 * index, 135, 110, 160, 150, 160), who)


def row(turns: Sequence[str], widest: float = 0.45) -> list[float]:
    """The yaw index of each frame of somebody who turns as told and comes back each time."""
    out = [0.0]
    for side in turns:
        sign = 1 if side == "left" else -1
        out += [sign * widest * part for part in (0.4, 1.0, 0.4, 0.0)]
    return out


def seen(indexes: Sequence[float]) -> list[Seen]:
    return [Seen(number * STEP_MS, (face(index),)) for number, index in enumerate(indexes)]


def judged(frames: list[Seen], turns: Sequence[str] = ("left", "right", "left"), seconds: float = 24.0) -> Judgement:
    return judge(turns, seconds, frames, None)


@pytest.mark.parametrize("turns", ROWS, ids=" ".join)
def test_every_row_that_is_asked_can_be_met_and_by_no_other_row(turns: tuple[str, ...]) -> None:
    assert judged(seen(row(turns)), turns).reason is None
    assert [other for other in ROWS if judged(seen(row(other)), turns).reason is None] == [turns]


def test_the_own_left_is_the_right_edge_of_the_picture() -> None:
    assert yaw(face(0.3)) == pytest.approx(0.3)
    assert [turn.side for turn in turned([0.0, 0.3, 0.0, -0.3])[0]] == ["left", "right"]


@given(angle=st.floats(-1.2, 1.2), scale=st.floats(0.2, 5), index=st.floats(-1, 1))
def test_leaning_the_head_or_coming_nearer_is_no_turn(angle: float, scale: float, index: float) -> None:
    points = face(index).landmarks
    cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
    turned_points = [(x * cos - y * sin, x * sin + y * cos) for x, y in zip(points[::2], points[1::2], strict=True)]
    moved = replace(face(), landmarks=tuple(value for point in turned_points for value in point))
    assert yaw(moved) == pytest.approx(index, abs=1e-6)


def test_eyes_in_one_place_show_no_turn() -> None:
    assert yaw(replace(face(), landmarks=(5.0, 5.0, 5.0, 5.0, 90.0, 9.0, 1.0, 1.0, 1.0, 1.0))) == 0


@pytest.mark.parametrize(
    ("indexes", "reason"),
    [
        pytest.param([0.0] * 14, "no_turn", id="still"),
        pytest.param(row(("left", "right", "left"), widest=0.19), "no_turn", id="print that moves a little"),
        pytest.param(row(("right", "left", "right")), "wrong_order", id="the other way round"),
        pytest.param(row(("left", "right", "left", "right")), "wrong_order", id="one turn too many"),
        pytest.param([*row(("left", "right")), *[0.0] * 4], "turns_missing", id="one turn too few"),
        pytest.param([0.3, *row(("left", "right", "left"))], "not_front_first", id="begins turned"),
        pytest.param(row(("left", "right", "left"))[:-1], "not_front_last", id="ends turned"),
        pytest.param([*row(("left",))[:-2], *row(("right",))[2:], *row(("left",))[1:], 0.0, 0.0], "no_front_between"),
    ],
)
def test_what_was_not_asked_for_is_refused(indexes: list[float], reason: str) -> None:
    assert judged(seen(indexes)).reason == reason


def test_a_head_is_compared_with_its_own_front() -> None:
    """A nose that is a little to one side stays so; only the change counts."""
    assert judged(seen([index + 0.1 for index in row(("left", "right", "left"))])).reason is None


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        pytest.param([0] * 13, "times_not_growing", id="all at once"),
        pytest.param([*range(0, 3000, 250), 2700], "times_not_growing", id="back in time"),
        pytest.param(list(range(0, 13 * 2001, 2001)), "too_slow", id="longer than asked"),
        pytest.param([*range(0, 3000, 250), 6000], "gap", id="time to change the picture"),
        pytest.param(list(range(0, 13 * 40, 40)), "too_fast", id="faster than anybody turns"),
    ],
)
def test_times_that_no_camera_and_no_person_have_are_refused(times: list[int], reason: str) -> None:
    frames = [replace(frame, at_ms=at) for frame, at in zip(seen(row(("left", "right", "left"))), times, strict=True)]
    assert judged(frames).reason == reason


def test_times_count_from_the_first_frame() -> None:
    frames = [replace(frame, at_ms=frame.at_ms + 100_000) for frame in seen(row(("left", "right", "left")))]
    assert judged(frames).reason is None


@pytest.mark.parametrize(("count", "reason"), [(0, "few"), (1, "few"), (9, "few"), (MOST_FRAMES + 1, "many")])
def test_too_few_and_too_many_frames_are_refused(count: int, reason: str) -> None:
    assert judged(seen([0.0] * count)).reason == f"too_{reason}_frames"


def test_one_face_must_be_there_in_each_frame() -> None:
    for faces, reason in (((), "no_face"), ((face(), face(who=BERT)), "several_faces")):
        for number in range(13):
            frames = seen(row(("left", "right", "left")))
            frames[number] = replace(frames[number], faces=faces)
            assert judged(frames).reason == reason


@given(number=st.integers(1, 12))
def test_another_person_in_any_frame_is_noticed(number: int) -> None:
    frames = seen(row(("left", "right", "left")))
    (here,) = frames[number].faces
    frames[number] = replace(frames[number], faces=(replace(here, embedding=BERT),))
    assert judged(frames).reason == "person_changed"


def test_the_portrait_is_compared_with_the_frames_from_the_front() -> None:
    frames = seen(row(("left", "right", "left")))
    assert judge(("left", "right", "left"), 24.0, frames, BERT).reason == "not_the_portrait"
    assert judge(("left", "right", "left"), 24.0, frames, ANNA).reason is None


@given(st.lists(st.floats(-1, 1), max_size=MOST_FRAMES), st.sampled_from(ROWS))
def test_any_row_of_faces_is_judged_with_a_known_word(indexes: list[float], turns: tuple[str, ...]) -> None:
    found = judged(seen(indexes), turns)
    assert found.reason is None or found.reason in REASONS
    if found.reason is None:
        changes = [index - indexes[0] for index in indexes]
        assert [turn.side for turn in turned(changes)[0]] == list(turns)
        assert found.best is not None
        assert abs(changes[found.best]) <= FRONT
        assert all(abs(changes[peak]) > TURNED for peak in found.peaks)


@given(st.lists(st.floats(-0.2, 0.2), min_size=13, max_size=MOST_FRAMES), st.sampled_from(ROWS))
def test_nothing_passes_whose_nose_stays_near_its_eyes(indexes: list[float], turns: tuple[str, ...]) -> None:
    flat = [0.0, *(index * 0.99 for index in indexes[1:])]
    assert judged(seen(flat), turns).reason is not None


@given(st.lists(st.floats(0, 1), min_size=13, max_size=MOST_FRAMES), st.sampled_from(ROWS))
def test_nothing_passes_that_moves_to_one_side_only(indexes: list[float], turns: tuple[str, ...]) -> None:
    for sign in (1, -1):
        assert judged(seen([0.0, *(sign * index for index in indexes[1:])]), turns).reason is not None


@given(change=st.floats(0.2, 1.5), likeness=st.floats(0.363, 1), score=st.floats(0.7, 1))
def test_confidence_is_the_poorest_of_its_parts(change: float, likeness: float, score: float) -> None:
    whole = confidence(change, likeness, score)
    assert 90 <= whole <= 100
    assert whole == min(confidence(change, 1, 1), confidence(1.5, likeness, 1), confidence(1.5, 1, score))


def test_the_best_frame_is_the_surest_from_the_front() -> None:
    frames = seen(row(("left", "right", "left")))
    frames[8] = replace(frames[8], faces=(face(score=0.99),))
    frames[6] = replace(frames[6], faces=(replace(frames[6].faces[0], score=1.0),))
    found = judged(frames)
    assert (found.best, found.peaks) == (8, (2, 6, 10))
