"""`frontdesk models fetch`, and what the doctor says of the models and of who judges presence."""

import asyncio
import os
from pathlib import Path

from cli.command import Command
from frontdesk.config import load
from servers.rekognition import ACCESS_KEY, REGION, rekognition

PLACED = load(os.environ).face_models_path
"""Where the set-up has put the models."""


def test_models_that_cannot_be_fetched_are_told_in_one_line_and_leave_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    settings = {"FRONTDESK_FACE_MODELS": str(folder), "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    command = Command(tmp_path, PIP_CONFIG_FILE=os.devnull, **settings)
    done = command.run("models", "fetch", status=1)
    assert done.stderr.count("\n") == 1
    assert "could not be fetched" in done.stderr
    assert list(folder.iterdir()) == []


def test_fetching_what_is_there_changes_nothing(tmp_path: Path) -> None:
    command = Command(tmp_path, FRONTDESK_FACE_MODELS=str(PLACED))
    assert command.json("models", "fetch") == {"folder": str(PLACED), "fetched": []}


async def test_the_doctor_tells_of_missing_models_and_of_keys_that_are_refused(tmp_path: Path) -> None:
    async with rekognition() as server:
        command = Command(
            tmp_path,
            FRONTDESK_FACE_MODELS=str(tmp_path / "models"),
            FRONTDESK_LIVENESS="rekognition",
            FRONTDESK_LIVENESS_REGION=REGION,
            FRONTDESK_LIVENESS_ACCESS_KEY=ACCESS_KEY,
            FRONTDESK_LIVENESS_SECRET_KEY="a wrong one",
            FRONTDESK_LIVENESS_ENDPOINT=server.url,
        )
        done = await asyncio.to_thread(command.run, "doctor", "--port", "1", status=1)
    told = " ".join(done.stdout.split())
    assert "off faces face_detection_yunet_2023mar.onnx is not in" in told
    assert "to mend it: frontdesk models fetch" in told
    assert "off liveness Rekognition refuses our keys or their rights (InvalidSignatureException)" in told
    assert done.stderr == "frontdesk: off: faces, liveness\n"
    assert "a wrong one" not in told
