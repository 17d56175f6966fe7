"""Who stands in front of the camera: rows of frames for a challenge, and what a browser does with them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import httpx

from journeys.people import Body, Customer, success

FACES = Path(__file__).resolve().parents[1] / "fixtures" / "faces"
LABEL = "challenge, not certified"
FRAME_MS = 250
_SIGNS = {"left": "+", "right": "-"}
"""Yaw above 0 turns to the right edge of the picture: the person's own left."""
_TURN = ("25", "40", "40", "25")
_LIGHTS = {"p2": "window-side"}
"""Of those who do not sit in the room."""
Frames = Sequence[bytes]


def portrait(person: str) -> bytes:
    """The document portrait of a person."""
    return (FACES / "portraits" / f"{person}.jpg").read_bytes()


def head(person: str, yaw: str = "+00") -> bytes:
    """A person in front of the camera."""
    return (FACES / "turns" / person / f"{_LIGHTS.get(person, 'soft-front')}_y{yaw}_p+00.jpg").read_bytes()


def printed(person: str, yaw: str = "+00") -> bytes:
    """A print-out of a person in front of the camera."""
    return (FACES / "attacks" / "flat-print" / person / f"y{yaw}_p+00.jpg").read_bytes()


def turning(moves: Iterable[str], person: str = "p1", then: str | None = None, shown: str = "head") -> Frames:
    """The frames of somebody who does as asked; after the first turn it may be somebody else."""
    look = {"head": head, "print": printed}[shown]
    frames, who = [look(person)], person
    for side in (move for move in moves if move != "front"):
        frames += [look(who, _SIGNS[side] + yaw) for yaw in _TURN]
        frames.append(look(who))
        who = then or who
    return frames


def still(moves: Iterable[str]) -> Frames:
    """As many frames, all of one picture, each with fresh noise of a camera."""
    kept = [one.read_bytes() for one in sorted((FACES / "attacks" / "still").rglob("*.jpg"))]
    return [kept[number % len(kept)] for number in range(len(turning(moves)))]


def mirrored(moves: Iterable[str]) -> list[str]:
    """The other way round."""
    return [{"left": "right", "right": "left"}.get(move, move) for move in moves]


def liveness_step(step_id: str = "step_2", **config: object) -> Body:
    asked = {"min_confidence": 90, "provider": "local", **config}
    return {"step_id": step_id, "name": "Liveness", "type": "liveness", "liveness_config": asked}


def selfie_step(step_id: str = "step_selfie", **more: object) -> Body:
    return {"step_id": step_id, "name": "Selfie", "type": "selfie", **more}


def start(customer: Customer, step_id: str = "step_2") -> Body:
    return success(customer.call("POST", "/liveness/start", {"step_id": step_id}), 201)


def send(
    customer: Customer, started: Body, content: bytes, at_ms: object = 0, kind: str = "image/jpeg"
) -> httpx.Response:
    """POST one picture of the camera."""
    path = f"/public/sessions/{customer.token}{started['challenge']['frames_path']}"
    return customer.http.post(path, params={"at_ms": at_ms}, content=content, headers={"Content-Type": kind})


def film(customer: Customer, started: Body, frames: Frames) -> None:
    """POST a row of frames."""
    for number, content in enumerate(frames):
        success(send(customer, started, content, number * FRAME_MS))


def ask(customer: Customer, started: Body) -> httpx.Response:
    """Ask for the result."""
    return customer.call("POST", "/liveness/complete", {"liveness_session_id": started["liveness_session_id"]})


def prove(customer: Customer, person: str = "p1", step_id: str = "step_2") -> Body:
    """Start, turn as asked, complete."""
    started = start(customer, step_id)
    film(customer, started, turning(started["challenge"]["moves"], person))
    return success(ask(customer, started))
