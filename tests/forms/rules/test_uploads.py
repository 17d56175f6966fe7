"""What is asked of a PDF before any work begins, and how ids are written."""

import pytest

from frontdesk.basics.ids import uuid7
from frontdesk.forms.rules import limits, published, uploads
from frontdesk.forms.rules.refusals import BadRequest, NotFound, TooLarge, TooManyPages, UnsupportedFile


@pytest.mark.parametrize(
    ("content", "refusal"),
    [(b"", BadRequest), (b"GIF89a", UnsupportedFile), (b"%PDF-1.7" + b" " * limits.PDF_BYTES, TooLarge)],
)
def test_a_file_is_refused_by_its_size_and_first_bytes(content: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        uploads.check_bytes(content)


def test_a_hundred_pages_are_accepted_and_one_more_is_not() -> None:
    uploads.check_pages(100)
    with pytest.raises(TooManyPages):
        uploads.check_pages(101)


def test_there_is_no_library_and_the_answer_names_what_was_asked_for() -> None:
    uploads.check_library(None)
    with pytest.raises(NotFound, match="no library form named w9"):
        uploads.check_library("w9")


@pytest.mark.parametrize(
    ("printed", "name", "title"),
    [
        ("Stallholder application", "form.pdf", "Stallholder application"),
        (None, "form.pdf", None),
        (None, "Stall 2026.pdf", "Stall 2026"),
        (" ", "C:\\forms\\stall.PDF", "stall"),
        (None, None, None),
    ],
)
def test_a_title_is_the_forms_own_or_the_name_of_its_file(printed: str, name: str, title: str) -> None:
    assert uploads.title_of(printed, name) == title


def test_retention_is_one_of_two_words() -> None:
    assert [uploads.retention_of(text) for text in (None, "", "account_default", "ephemeral")] == [
        None,
        None,
        None,
        "ephemeral",
    ]
    with pytest.raises(BadRequest):
        uploads.retention_of("for ever")


def test_an_id_is_written_with_a_prefix_and_read_back() -> None:
    inner = uuid7()
    assert published.inner_id(published.form_id(inner), "form") == inner
    for wrong in (inner, published.session_id(inner), "form_", "form_xyz", "form_" + "A" * 32, ""):
        assert published.inner_id(wrong, "form") is None
