"""The pages that are written from the code say what the code says."""

import pytest

from docs.reference import FOLDER, pages


@pytest.mark.parametrize(("name", "text"), pages().items(), ids=pages())
def test_a_page_of_the_reference_is_up_to_date(name: str, text: str) -> None:
    assert (FOLDER / name).read_text() == text, "run: python tests/docs/reference.py"
