"""Whether a row of faces is one person who turned the head as asked: faces and times in, a judgement out.

The turn is read off five landmarks: how far the nose is from the middle of the eyes, along the line of the eyes, in
distances of the eyes. On a flat picture the nose moves with the eyes, however the picture is turned.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from frontdesk.ports.faces import Face
from frontdesk.ports.liveness import MOST_FRAMES

TURNED = 0.2
"""Change of the yaw index against the first frame from which a head is turned; 35 degrees change it by about 0.3."""
FRONT = 0.12
"""Change up to which a head looks to the front."""
SAME_PERSON = 0.363
"""Cosine of two faces from which they may be one person."""
FEWEST_FRAMES_A_TURN = 3
LONGEST_GAP_MS = 2000
"""Longer without a picture, and there was time to change what is in front of the camera."""
SHORTEST_TURN_MS = 500
"""From one turn to the next; nobody turns there and back faster."""

_SURE_CHANGE, _SURE_LIKENESS, _SURE_SCORE = 0.4, 0.613, 0.9
_LEAST_SCORE = 0.7


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in one frame."""

    at_ms: int
    faces: tuple[Face, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """`reason` is None when the challenge was met; `best` is then the frame that shows the face best from the front,
    and `peaks` are the frames of each turn at its widest."""

    reason: str | None
    confidence: float | None = None
    best: int | None = None
    peaks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn away from the front. `began` is its first frame, `peak` its widest."""

    side: str
    began: int
    peak: int


def judge(turns: Sequence[str], seconds: float, seen: Sequence[Seen], portrait: Sequence[float] | None) -> Judgement:
    """`turns` are `left` and `right` in the order asked; the front between and after them goes without saying."""
    reason = timing(len(turns), seconds, [frame.at_ms for frame in seen]) or _faces(seen)
    if reason is not None:
        return Judgement(reason)
    faces = [frame.faces[0] for frame in seen]
    if abs(yaw(faces[0])) > FRONT:
        return Judgement("not_front_first")
    likeness = [cosine(face.embedding, faces[0].embedding) for face in faces]
    if min(likeness) < SAME_PERSON:
        return Judgement("person_changed")
    changes = [yaw(face) - yaw(faces[0]) for face in faces]
    made, jumped = turned(changes)
    reason = "no_front_between" if jumped else _order(turns, [turn.side for turn in made])
    if reason is None and abs(changes[-1]) > FRONT:
        reason = "not_front_last"
    if reason is None and _hurried(made, seen):
        reason = "too_fast"
    if reason is not None:
        return Judgement(reason)
    frontal = [number for number, change in enumerate(changes) if abs(change) <= FRONT]
    resemblance = None if portrait is None else max(cosine(faces[number].embedding, portrait) for number in frontal)
    if resemblance is not None and resemblance < SAME_PERSON:
        return Judgement("not_the_portrait")
    widest = [abs(changes[turn.peak]) for turn in made]
    alike = min(likeness) if resemblance is None else min(*likeness, resemblance)
    best = max(frontal, key=lambda number: faces[number].score - abs(yaw(faces[number])))
    peaks = tuple(turn.peak for turn in made)
    return Judgement(None, confidence(min(widest), alike, min(face.score for face in faces)), best, peaks)


def timing(turns: int, seconds: float, times: Sequence[int]) -> str | None:
    """What is wrong with the number and the times of the frames, whatever they show; None when nothing is."""
    if len(times) < FEWEST_FRAMES_A_TURN * turns + 1:
        return "too_few_frames"
    if len(times) > MOST_FRAMES:
        return "too_many_frames"
    gaps = [after - before for before, after in itertools.pairwise(times)]
    if min(gaps) <= 0:
        return "times_not_growing"
    if times[-1] - times[0] > seconds * 1000:
        return "too_slow"
    return "gap" if max(gaps) > LONGEST_GAP_MS else None


def yaw(face: Face) -> float:
    """The yaw index: above 0 when the person looks to the own left, the right edge of a picture not mirrored."""
    right_x, right_y, left_x, left_y, nose_x, nose_y = face.landmarks[:6]
    along_x, along_y = left_x - right_x, left_y - right_y
    between = math.hypot(along_x, along_y)
    if between == 0:
        return 0.0
    away_x, away_y = nose_x - (left_x + right_x) / 2, nose_y - (left_y + right_y) / 2
    return (away_x * along_x + away_y * along_y) / (between * between)


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Of two vectors of unit length."""
    return math.fsum(a * b for a, b in zip(one, other, strict=True))


def turned(changes: Sequence[float]) -> tuple[list[Turn], bool]:
    """The turns in order, and whether the head once came to the other side without having been seen at the front."""
    made: list[Turn] = []
    at, jumped = "front", False
    for number, change in enumerate(changes):
        if abs(change) <= FRONT:
            at = "front"
        elif abs(change) > TURNED:
            side = "left" if change > 0 else "right"
            if at == "front":
                made.append(Turn(side, number, number))
            elif at != side:
                jumped = True
                made.append(Turn(side, number, number))
            elif abs(change) > abs(changes[made[-1].peak]):
                made[-1] = Turn(side, made[-1].began, number)
            at = side
    return made, jumped


def confidence(change: float, likeness: float, score: float) -> float:
    """90 where a limit was just met, 100 where every one was met with ample room: the poorest of the three counts.

    Ample is a change of 0.4 (about 40 degrees), a likeness 0.25 above the limit, a finder's score of 0.9.
    """
    parts = (
        (change - TURNED) / (_SURE_CHANGE - TURNED),
        (likeness - SAME_PERSON) / (_SURE_LIKENESS - SAME_PERSON),
        (score - _LEAST_SCORE) / (_SURE_SCORE - _LEAST_SCORE),
    )
    return round(90 + 10 * max(0.0, min(1.0, *parts)), 1)


def _faces(seen: Sequence[Seen]) -> str | None:
    if any(not frame.faces for frame in seen):
        return "no_face"
    return "several_faces" if any(len(frame.faces) > 1 for frame in seen) else None


def _order(asked: Sequence[str], made: Sequence[str]) -> str | None:
    if list(made) == list(asked):
        return None
    if not made:
        return "no_turn"
    return "turns_missing" if list(made) == list(asked[: len(made)]) else "wrong_order"


def _hurried(made: Sequence[Turn], seen: Sequence[Seen]) -> bool:
    began = [0, *(seen[turn.began].at_ms - seen[0].at_ms for turn in made[1:]), seen[-1].at_ms - seen[0].at_ms]
    return any(after - before < SHORTEST_TURN_MS for before, after in itertools.pairwise(began))
