"""HEIC in the local reader: accepted where it is allowed, read like any picture, refused like any bad one."""

import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

import heics
import hostile_files as hostile
from frontdesk.adapters.ocr_local import LocalOcr
from frontdesk.adapters.ocr_local_limits import Limits
from frontdesk.ports.ocr import RefusedFile
from heics import HEIC

ALLOWED = Limits(allowed=("image/jpeg", HEIC))


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ocr() -> AsyncIterator[LocalOcr]:
    reader = LocalOcr(limits=ALLOWED)
    await reader.start()
    yield reader
    await reader.stop()


async def refusal(ocr: LocalOcr, content: bytes, mime_type: str = HEIC) -> str:
    with pytest.raises(RefusedFile) as caught:
        await ocr.inspect(content, mime_type)
    return caught.value.code


async def test_it_is_measured_as_it_stands(ocr: LocalOcr) -> None:
    seen = await ocr.inspect(heics.passport(), HEIC)
    assert (seen.mime_type, seen.pages, seen.width, seen.height) == (HEIC, 1, 793, 536)


async def test_both_readers_read_it_as_it_stands(ocr: LocalOcr) -> None:
    (page,) = (await ocr.read(heics.passport(), HEIC)).pages
    assert (page.width, page.height, page.turned) == (793, 536, 0)
    for printed in ("ERIKSSON", "ANNA MARIA", "L898902C3"):
        assert any(printed in line.text and printed in line.second for line in page.lines), printed


async def test_it_is_refused_where_it_is_not_allowed() -> None:
    ocr = LocalOcr()
    await ocr.start()
    assert await refusal(ocr, heics.passport()) == "wrong_type"
    await ocr.stop()


async def test_what_it_is_called_must_be_what_it_is(ocr: LocalOcr) -> None:
    assert await refusal(ocr, heics.passport(), "image/jpeg") == "wrong_type"
    assert await refusal(ocr, hostile.picture(), HEIC) == "wrong_type"


async def test_a_still_picture_of_the_general_brand_is_accepted(ocr: LocalOcr) -> None:
    assert (await ocr.inspect(heics.branded(b"mif1", b"mif1", b"heic"), HEIC)).width == 793


@pytest.mark.parametrize("brands", [(b"hevc", b"heic"), (b"msf1", b"heic"), (b"avif", b"mif1"), (b"mif1", b"avif")])
async def test_films_and_other_codecs_are_not_of_this_type(ocr: LocalOcr, brands: tuple[bytes, ...]) -> None:
    assert await refusal(ocr, heics.branded(*brands)) == "wrong_type"


@pytest.mark.parametrize("kept", [1_500, 30_000, -1])
async def test_one_that_was_cut_off_is_refused_as_that(ocr: LocalOcr, kept: int) -> None:
    assert await refusal(ocr, heics.passport()[:kept]) == "truncated"


async def test_one_that_promises_too_many_pixels_is_refused_before_it_is_decoded(ocr: LocalOcr) -> None:
    assert await refusal(ocr, heics.promising(40_000, 40_000)) == "too_many_pixels"
    assert await refusal(ocr, heics.promising(7_100, 7_100)) == "too_many_pixels"


async def test_the_coded_picture_counts_too(ocr: LocalOcr) -> None:
    """What the properties say is one thing, what the decoder would draw is another."""
    small = LocalOcr(limits=Limits(allowed=(HEIC,), max_pixels=400_000))
    await small.start()
    assert await refusal(small, heics.promising(10, 10)) == "too_many_pixels"
    await small.stop()
    assert await refusal(ocr, heics.promising(10, 10)) == "unreadable"


async def test_more_than_one_picture_is_refused(ocr: LocalOcr) -> None:
    assert await refusal(ocr, heics.two_pictures()) == "too_many_pages"


async def test_boxes_of_the_makers_own_are_no_fault(ocr: LocalOcr) -> None:
    assert (await ocr.inspect(heics.with_boxes_behind(b"mpvd", b"sefd"), HEIC)).width == 793


async def test_one_that_is_something_else_as_well_is_refused(ocr: LocalOcr) -> None:
    assert await refusal(ocr, hostile.with_archive(heics.passport())) == "polyglot"
    assert await refusal(ocr, heics.passport() + b"<script>alert(1)</script>") == "polyglot"
    assert await refusal(ocr, heics.passport() + b"%PDF-1.7 and so on") == "polyglot"
    assert await refusal(ocr, heics.passport() + b"\x7fELF" + bytes(100)) == "polyglot"


async def test_the_largest_permitted_one_is_decoded_within_the_limits(ocr: LocalOcr) -> None:
    assert (await ocr.inspect(heics.large(), HEIC)).width == 7000


async def test_one_that_needs_too_much_memory_is_refused_and_the_next_is_taken() -> None:
    ocr = LocalOcr(limits=ALLOWED, inspect_bytes=300 * 1024 * 1024)
    await ocr.start()
    assert await refusal(ocr, heics.large()) == "memory_limit"
    assert (await ocr.inspect(heics.passport(), HEIC)).width == 793
    await ocr.stop()


async def test_damaged_bytes_are_refused_or_drawn_and_never_end_the_reader(ocr: LocalOcr) -> None:
    dice = random.Random(20261128)
    assert (await ocr.inspect(heics.passport(), HEIC)).pages == 1
    before = ocr.pids()
    for _ in range(60):
        damaged = bytearray(heics.passport())
        first = dice.choice((24, 410))  # within the properties, or within the coded picture
        for _ in range(dice.randint(1, 30)):
            damaged[dice.randrange(first, min(first + 4_000, len(damaged)))] = dice.randrange(256)
        try:
            assert (await ocr.inspect(bytes(damaged), HEIC)).mime_type == HEIC
        except RefusedFile as refused:
            assert refused.code in ("unreadable", "truncated", "too_many_pixels", "memory_limit", "polyglot")
    assert ocr.pids() == before
