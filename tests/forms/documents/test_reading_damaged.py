"""Damaged files are read as far as they go or refused by a code; nothing else comes out."""

import random

import pytest
from pikepdf import Array, Dictionary, Name

from forms.documents.papers import drawn, form, saved, words
from frontdesk.forms.documents.reading import UnreadablePdf, read
from frontdesk.forms.model.field import Layout

CODES = {"unsupported_file", "pdf_encrypted", "pdf_corrupt", "too_many_pages"}


def outcome(pdf: bytes) -> Layout | str:
    """The layout, or the code of the refusal."""
    try:
        return read(pdf)
    except UnreadablePdf as refusal:
        return refusal.code


@pytest.mark.parametrize("seed", range(12))
def test_a_file_with_flipped_bits_is_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    pdf = bytearray(form("acroform/comb-textfields" if seed % 2 else "special/rotate90"))
    for _ in range(1 + 4 * seed):
        pdf[chance.randrange(len(pdf))] ^= 1 << chance.randrange(8)
    assert isinstance(found := outcome(bytes(pdf)), Layout) or found in CODES


@pytest.mark.parametrize("seed", range(8))
def test_a_file_that_ends_early_is_read_or_refused(seed: int) -> None:
    pdf = form("acroform/comb-textfields")
    assert isinstance(found := outcome(pdf[: len(pdf) * (seed + 1) // 9]), Layout) or found in CODES


@pytest.mark.parametrize("seed", range(8))
def test_a_file_with_a_missing_piece_is_read_or_refused(seed: int) -> None:
    chance = random.Random(100 + seed)
    pdf = form("special/fields-array-empty")
    start = chance.randrange(len(pdf) // 2)
    assert isinstance(found := outcome(pdf[:start] + pdf[start + 400 :]), Layout) or found in CODES


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.7", b"GIF89a", b"%PDF-1.4\n%%EOF", b"\0" * 4096])
def test_what_is_no_pdf_is_refused(pdf: bytes) -> None:
    assert outcome(pdf) in ("unsupported_file", "pdf_corrupt")


def test_a_page_of_absurd_size_is_read_in_small() -> None:
    layout = read(saved(drawn(words(72, 690, "Name"), size=(14_000, 14_000))))
    assert layout.pages[0].width == 14_000


def test_a_page_that_holds_itself_is_read() -> None:
    document = drawn("/Self Do\n" + words(72, 690, "Name"))
    page = document.pages[0].obj
    loop = document.make_stream(b"/Self Do", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 100, 100]))
    page.Resources["/XObject"] = Dictionary(Self=loop)
    loop.Resources = page.Resources
    assert isinstance(outcome(saved(document)), Layout)
