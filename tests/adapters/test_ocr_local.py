"""The local reader's own promises: children that die, are killed, grow or linger cost one call each."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

import hostile_files as hostile
from frontdesk.adapters import ocr_local_read
from frontdesk.adapters.ocr_local import LocalOcr
from frontdesk.adapters.ocr_local_limits import Limits
from frontdesk.basics.errors import Unavailable
from frontdesk.ports.ocr import RefusedFile

JPEG, PNG = "image/jpeg", "image/png"


@pytest.fixture
async def ocr() -> AsyncIterator[LocalOcr]:
    reader = LocalOcr()
    await reader.start()
    yield reader
    await reader.stop()


async def test_nothing_is_started_before_the_first_file(ocr: LocalOcr) -> None:
    assert ocr.pids() == []
    await ocr.inspect(hostile.picture(), JPEG)
    assert len(ocr.pids()) == 1


async def test_inspecting_stays_in_one_process(ocr: LocalOcr) -> None:
    await ocr.inspect(hostile.picture(), JPEG)
    first = ocr.pids()
    for _ in range(20):
        await ocr.inspect(hostile.picture(), JPEG)
    assert ocr.pids() == first


async def test_a_child_that_was_killed_is_replaced(ocr: LocalOcr) -> None:
    await ocr.inspect(hostile.picture(), JPEG)
    (before,) = ocr.pids()
    os.kill(before, signal.SIGKILL)
    outcomes = [await outcome(ocr, hostile.picture()) for _ in range(3)]
    assert outcomes[-1] == "accepted"
    assert outcomes.count("unavailable") <= 1
    assert ocr.pids() != [before]


async def test_a_child_that_is_killed_at_work_costs_one_call(ocr: LocalOcr) -> None:
    await ocr.inspect(hostile.picture(), JPEG)
    (child,) = ocr.pids()
    os.kill(child, signal.SIGSTOP)
    call = asyncio.create_task(ocr.inspect(hostile.picture(), JPEG))
    await asyncio.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    with pytest.raises(Unavailable):
        await call
    assert (await ocr.inspect(hostile.picture(), JPEG)).pages == 1


async def test_a_decoder_that_crashes_on_a_file_refuses_that_file(ocr: LocalOcr) -> None:
    await ocr.inspect(hostile.picture(), JPEG)
    (child,) = ocr.pids()
    os.kill(child, signal.SIGSTOP)
    call = asyncio.create_task(ocr.inspect(hostile.picture(), JPEG))
    await asyncio.sleep(0.1)
    os.kill(child, signal.SIGSEGV)
    os.kill(child, signal.SIGCONT)
    with pytest.raises(RefusedFile) as caught:
        await call
    assert caught.value.code == "unreadable"
    assert await outcome(ocr, hostile.picture()) == "accepted"


async def test_a_child_that_is_late_is_killed() -> None:
    ocr = LocalOcr(inspect_seconds=0.5)
    await ocr.start()
    await ocr.inspect(hostile.picture(), JPEG)
    (child,) = ocr.pids()
    os.kill(child, signal.SIGSTOP)
    with pytest.raises(RefusedFile) as caught:
        await ocr.inspect(hostile.picture(), JPEG)
    assert caught.value.code == "time_limit"
    assert ocr.pids() == []
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert await outcome(ocr, hostile.picture()) == "accepted"
    await ocr.stop()


async def test_a_file_that_needs_too_much_memory_is_refused() -> None:
    ocr = LocalOcr(inspect_bytes=128 * 1024 * 1024)
    await ocr.start()
    with pytest.raises(RefusedFile) as caught:
        await ocr.inspect(large_picture(), PNG)
    assert caught.value.code == "memory_limit"
    assert await outcome(ocr, hostile.picture()) == "accepted"
    await ocr.stop()


async def test_a_reading_that_runs_out_of_memory_refuses_the_file() -> None:
    ocr = LocalOcr(read_bytes=500 * 1024 * 1024)
    await ocr.start()
    with pytest.raises(RefusedFile) as caught:
        await ocr.read(large_picture(), PNG)
    assert caught.value.code == "memory_limit"
    await ocr.stop()


async def test_the_largest_permitted_picture_is_decoded_within_the_limits(ocr: LocalOcr) -> None:
    assert (await ocr.inspect(large_picture(), PNG)).width == 7000


async def test_a_child_is_replaced_after_its_share_of_work() -> None:
    ocr = LocalOcr(recycle_after=1)
    await ocr.start()
    seen = set()
    for _ in range(21):
        await ocr.inspect(hostile.picture(), JPEG)
        seen |= set(ocr.pids())
    await ocr.stop()
    assert len(seen) >= 2


async def test_a_call_that_was_given_up_leaves_no_answer_behind(ocr: LocalOcr) -> None:
    await ocr.inspect(hostile.picture(), JPEG)
    (child,) = ocr.pids()
    os.kill(child, signal.SIGSTOP)
    call = asyncio.create_task(ocr.inspect(hostile.picture(), JPEG))
    await asyncio.sleep(0.1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert (await ocr.inspect(hostile.picture(320, 200), JPEG)).width == 320


async def test_many_callers_at_once_each_get_their_own_answer(ocr: LocalOcr) -> None:
    widths = list(range(300, 316))
    seen = await asyncio.gather(*(ocr.inspect(hostile.picture(width), JPEG) for width in widths))
    assert [inspection.width for inspection in seen] == widths


async def test_after_stop_nothing_runs_and_nothing_is_read(ocr: LocalOcr) -> None:
    await ocr.inspect(hostile.picture(), JPEG)
    (child,) = ocr.pids()
    await ocr.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    with pytest.raises(Unavailable):
        await ocr.inspect(hostile.picture(), JPEG)
    await ocr.start()
    assert await outcome(ocr, hostile.picture()) == "accepted"


async def test_the_child_gets_no_secret_of_the_environment(ocr: LocalOcr) -> None:
    await ocr.inspect(hostile.picture(), JPEG)
    (child,) = ocr.pids()
    names = {entry.partition(b"=")[0] for entry in environment_of(child).split(b"\0") if entry}
    assert names <= {b"PYTHONPATH", b"PYTHONUTF8", b"LC_CTYPE"}


async def test_the_child_may_not_use_the_network_or_start_programs(tmp_path: Path) -> None:
    """A process with the child's confinement tries; reading, which the contract tests, needs neither."""
    script = """
import socket, subprocess
from frontdesk.adapters.sandbox_local_child import confine
confine(1 << 30)
for attempt in (
    lambda: socket.create_connection(("127.0.0.1", 9)),
    lambda: socket.getaddrinfo("localhost", 80),
    lambda: socket.socket().bind(("127.0.0.1", 0)),
    lambda: subprocess.run(["true"]),
):
    try:
        attempt()
    except PermissionError:
        print("refused")
try:
    with open("written-by-a-child", "wb", buffering=0) as target:
        target.write(b"x" * 100)
except OSError:
    print("refused")
"""
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE, env=environment, cwd=tmp_path
    )
    out, _ = await child.communicate()
    assert out.split() == [b"refused"] * 5


async def test_webp_is_accepted_where_it_is_allowed() -> None:
    ocr = LocalOcr(limits=Limits(allowed=(JPEG, "image/webp")))
    await ocr.start()
    assert (await ocr.inspect(hostile.picture(kind="WEBP"), "image/webp")).mime_type == "image/webp"
    with pytest.raises(RefusedFile):
        await ocr.inspect(hostile.picture(kind="PNG"), PNG)
    await ocr.stop()


LICENCE = "@\n\x1e\rANSI 636014040002DL00410278ZC03190008DLDAQD1234562\nDCSSAMPLE\nDBB08311977\r"


def tilted_licence() -> Image.Image:
    """A line of print over a PDF417, the sheet turned by four degrees."""
    code = zxingcpp.create_barcode(LICENCE, zxingcpp.BarcodeFormat.PDF417)
    bars = Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=3)).convert("RGB")
    paper = Image.new("RGB", (bars.width + 200, bars.height + 400), "white")
    paper.paste(Image.open(BytesIO(hostile.picture(700, 160, text="DRIVER LICENSE OF A STATE"))), (60, 40))
    paper.paste(bars, (100, 250))
    return paper.rotate(4, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)


async def test_a_barcode_on_a_tilted_paper_is_read(ocr: LocalOcr, tmp_path: Path) -> None:
    target = tmp_path / "licence.png"
    tilted_licence().save(target)
    page = (await ocr.read(target.read_bytes(), PNG)).pages[0]
    assert [(found.kind, found.text) for found in page.barcodes] == [("pdf417", LICENCE)]


def test_a_barcode_is_read_whatever_the_slope_was_measured_to_be() -> None:
    """The network measures the slope a little differently on another processor, and between the readable angles lie
    narrow ones that are not."""
    image = ocr_local_read.as_array(tilted_licence())
    slopes = [-4.0 + hundredth / 100 for hundredth in range(50)]
    turned = [ocr_local_read.turn(image, slope) for slope in slopes]
    assert all([found.text for found in ocr_local_read.barcodes(each)] == [LICENCE] for each in turned)


def environment_of(child: int) -> bytes:
    return Path(f"/proc/{child}/environ").read_bytes()


async def outcome(ocr: LocalOcr, content: bytes) -> str:
    try:
        await ocr.inspect(content, JPEG)
    except Unavailable:
        return "unavailable"
    return "accepted"


def large_picture() -> bytes:
    """49 million pixels that need next to nothing as a file."""
    out = BytesIO()
    Image.new("RGB", (7000, 7000), "white").save(out, "PNG", compress_level=9)
    return out.getvalue()
