"""The contract of the reading port, on every adapter."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from PIL import Image

import hostile_files as hostile
from frontdesk.adapters.ocr_local import LocalOcr
from frontdesk.ports.ocr import REFUSALS, Ocr, Reading, RefusedFile

IDS = Path(__file__).parent.parent / "fixtures" / "ids"
JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["local"])
async def ocr(request: pytest.FixtureRequest) -> AsyncIterator[Ocr]:
    reader = {"local": LocalOcr}[request.param]()
    await reader.start()
    yield reader
    await reader.stop()


async def refusal(ocr: Ocr, content: bytes, mime_type: str) -> str:
    with pytest.raises(RefusedFile) as caught:
        await ocr.inspect(content, mime_type)
    assert caught.value.code in REFUSALS
    assert caught.value.reason.endswith(".")
    return caught.value.code


async def test_honest_files_are_accepted(ocr: Ocr) -> None:
    picture = await ocr.inspect(hostile.picture(), JPEG)
    assert (picture.mime_type, picture.pages, picture.width, picture.height) == (JPEG, 1, 400, 260)
    assert (await ocr.inspect(hostile.picture(kind="PNG"), PNG)).mime_type == PNG
    assert (await ocr.inspect(hostile.saved(hostile.document(3)), PDF)).pages == 3
    assert (await ocr.inspect(hostile.saved(hostile.document(20)), PDF)).pages == 20


async def test_a_photo_is_measured_as_its_exif_turns_it(ocr: Ocr) -> None:
    image = Image.open(BytesIO(hostile.picture()))
    exif = image.getexif()
    exif[0x0112] = 6
    out = BytesIO()
    image.save(out, "JPEG", exif=exif)
    seen = await ocr.inspect(out.getvalue(), JPEG)
    assert (seen.width, seen.height) == (260, 400)


@pytest.mark.parametrize(
    ("content", "mime_type", "code"),
    [
        pytest.param(b"", JPEG, "empty", id="nothing"),
        pytest.param(b"GIF89a" + b"\0" * 4000, JPEG, "wrong_type", id="gif called jpeg"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>" * 99, PNG, "wrong_type", id="svg"),
        pytest.param(hostile.picture(kind="PNG"), JPEG, "wrong_type", id="png called jpeg"),
        pytest.param(b"\n" + hostile.saved(hostile.document()), PDF, "wrong_type", id="pdf that begins late"),
        pytest.param(hostile.png(8, 8, b"x"), PNG, "too_small", id="picture below a KiB"),
        pytest.param(hostile.picture() + b"\0" * (10 * 1024 * 1024), JPEG, "too_large", id="above 10 MiB"),
        pytest.param(hostile.picture()[:-2000], JPEG, "truncated", id="jpeg cut off"),
        pytest.param(hostile.picture(kind="PNG")[:-3000], PNG, "truncated", id="png cut off"),
        pytest.param(hostile.saved(hostile.document(9))[:-200], PDF, "truncated", id="pdf cut off"),
        pytest.param(hostile.png(64, 64, b"garbage" * 500), PNG, "unreadable", id="png of garbage"),
        pytest.param(b"%PDF-1.7\n" + b"garbage\n" * 300 + b"%%EOF", PDF, "unreadable", id="pdf of garbage"),
        pytest.param(hostile.png_bomb(100_000, 100_000), PNG, "too_many_pixels", id="png bomb"),
        pytest.param(hostile.with_huge_image(), PDF, "too_many_pixels", id="pdf with a bomb"),
        pytest.param(hostile.saved(hostile.document(100)), PDF, "too_many_pages", id="pdf of 100 pages"),
        pytest.param(hostile.encrypted(), PDF, "encrypted", id="pdf with a password"),
        pytest.param(hostile.encrypted(user=""), PDF, "encrypted", id="pdf with restrictions only"),
        pytest.param(hostile.with_script(), PDF, "active_content", id="pdf with a script"),
        pytest.param(hostile.with_script_in_compressed_objects(), PDF, "active_content", id="pdf with a hidden script"),
        pytest.param(hostile.with_launch(), PDF, "active_content", id="pdf that starts a program"),
        pytest.param(hostile.with_embedded_file(), PDF, "embedded_files", id="pdf with a file inside"),
        pytest.param(hostile.with_archive(hostile.picture()), JPEG, "polyglot", id="jpeg and zip"),
        pytest.param(hostile.with_archive(hostile.saved(hostile.document())), PDF, "polyglot", id="pdf and zip"),
        pytest.param(
            hostile.with_jpeg_comment(hostile.picture(), b"<html><script>alert(1)</script>"),
            JPEG,
            "polyglot",
            id="jpeg and html",
        ),
        pytest.param(
            hostile.with_jpeg_comment(hostile.picture(), b"%PDF-1.4\n1 0 obj"),
            JPEG,
            "polyglot",
            id="jpeg and pdf in front",
        ),
        pytest.param(
            hostile.picture() + hostile.saved(hostile.document()),
            JPEG,
            "polyglot",
            id="jpeg with a pdf behind",
        ),
        pytest.param(hostile.picture(kind="PNG") + b"<?php x" * 9, PNG, "polyglot", id="png and php"),
    ],
)
async def test_a_file_is_refused_with_its_reason(ocr: Ocr, content: bytes, mime_type: str, code: str) -> None:
    assert await refusal(ocr, content, mime_type) == code


async def test_reading_refuses_what_inspecting_refuses(ocr: Ocr) -> None:
    for content, mime_type, code in (
        (b"", JPEG, "empty"),
        (hostile.with_script(), PDF, "active_content"),
        (hostile.png_bomb(100_000, 100_000), PNG, "too_many_pixels"),
        (hostile.picture()[:-2000], JPEG, "truncated"),
    ):
        with pytest.raises(RefusedFile) as caught:
            await ocr.read(content, mime_type)
        assert caught.value.code == code


async def test_bytes_behind_the_end_of_a_photo_are_no_fault(ocr: Ocr) -> None:
    """Phones append a preview or a short film."""
    assert (await ocr.inspect(hostile.picture() + hostile.picture(80, 60), JPEG)).width == 400


async def test_a_line_is_read_by_two_readers(ocr: Ocr) -> None:
    reading = await ocr.read(hostile.picture(640, 200, text="HELLO 4711"), JPEG)
    assert reading.page_count == 1
    texts = [(line.text.replace(" ", ""), line.second.replace(" ", "")) for line in reading.pages[0].lines]
    assert ("HELLO4711", "HELLO4711") in texts


async def test_a_paper_on_its_side_is_turned_upright(ocr: Ocr) -> None:
    image = Image.open(IDS / "100_pass2-uto.jpg").rotate(90, expand=True)
    out = BytesIO()
    image.save(out, "JPEG", quality=92)
    page = (await ocr.read(out.getvalue(), JPEG)).pages[0]
    assert page.turned == 90
    assert page.width > page.height
    assert [line.second for line in sorted(page.band, key=lambda line: line.quad[1])] == [
        "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<",
        "D231458907UT07408122F1204159<<<<<<<6",
    ]


async def test_pages_of_a_pdf_are_read_and_counted(ocr: Ocr) -> None:
    out = BytesIO()
    pages = [Image.open(BytesIO(hostile.picture(500, 200, text=f"PAGE {i}"))) for i in (1, 2)]
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:])
    reading = await ocr.read(out.getvalue(), PDF)
    assert reading.page_count == 2
    assert [page.number for page in reading.pages] == [1, 2]
    assert "PAGE2" in {line.text.replace(" ", "") for line in reading.pages[1].lines}


async def test_a_reading_survives_json(ocr: Ocr) -> None:
    reading = await ocr.read(hostile.picture(), JPEG)
    assert msgspec.convert(msgspec.json.decode(msgspec.json.encode(asdict(reading))), Reading) == reading


async def test_the_reader_proves_itself(ocr: Ocr) -> None:
    await ocr.check()
