"""The rendered faces of the fixtures, and the adapters that look at them."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from frontdesk.adapters.faces_local import LocalFaces
from frontdesk.adapters.sandbox_local import LocalSandbox
from frontdesk.config import load
from frontdesk.ports.liveness import Challenge, Frame

FOLDER = Path(__file__).parent / "fixtures" / "faces"
MIRRORED = {"left": "right", "right": "left"}
"""The fixtures name a turn by the edge of the picture, the port by the person."""
FRAME_MS = 250


def local_faces() -> LocalFaces:
    """The finder with the models that the set-up has placed."""
    return LocalFaces(load(os.environ).face_models_path, LocalSandbox(children=2, seconds=60.0))


def picture(name: str) -> bytes:
    """A JPEG of the fixtures: `portraits/p1.jpg`."""
    return (FOLDER / name).read_bytes()


@cache
def truth() -> dict[str, Any]:
    """What is known of the fixtures."""
    told: dict[str, Any] = json.loads((FOLDER / "ground-truth.json").read_text())
    return told


def sequence(name: str) -> dict[str, Any]:
    """One row of frames by its id."""
    return next(each for each in truth()["sequences"] if each["id"] == name)


def turns(told: dict[str, Any]) -> tuple[str, ...]:
    """The turns that a sequence was asked for, in the port's words."""
    return tuple(MIRRORED[side] for side in told["challenge"])


def challenge(told: dict[str, Any]) -> Challenge:
    """As the local provider asks for it."""
    return Challenge(tuple(move for side in turns(told) for move in (side, "front")), 24.0)


def frames(told: dict[str, Any]) -> list[Frame]:
    """As a browser posts them."""
    return [Frame(number * FRAME_MS, picture(name)) for number, name in enumerate(told["frames"])]
