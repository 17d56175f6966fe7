"""What an identity paper says in its zone, as far as its check digits agree."""

import pytest

from frontdesk.onboarding.steps.prefill import check_digit, printed_on
from frontdesk.ports.ocr import BandLine, Page, Reading

QUAD = (0.0,) * 8
PASSPORT = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
CARD = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
TOLD = {
    "last_name": "Eriksson",
    "first_name": "Anna Maria",
    "nationality": "UTO",
    "birth_date": "1974-08-12",
    "expiry_date": "2012-04-15",
}


def reading(*lines: str | tuple[str, str]) -> Reading:
    pairs = [line if isinstance(line, tuple) else (line, "") for line in lines]
    band = tuple(BandLine(first, second, QUAD) for first, second in pairs)
    return Reading("test", 1, (Page(1, 1, 1, 0.0, (), band, ()),), 0.0, 0)


def test_the_worked_check_digits_of_the_standard() -> None:
    assert [check_digit(text) for text in ("520727", "AB2134<<<", "L898902C3", "740812")] == ["3", "5", "6", "2"]


def test_a_passport_is_read() -> None:
    assert printed_on(reading("SPECIMEN", *PASSPORT)) == {**TOLD, "document_number": "L898902C3"}


def test_a_card_is_read() -> None:
    assert printed_on(reading(*CARD)) == {**TOLD, "document_number": "D23145890"}


def test_the_second_reader_helps_where_the_first_was_wrong() -> None:
    wrong = PASSPORT[1].replace("740812", "740B12")
    assert printed_on(reading(PASSPORT[0], (wrong, PASSPORT[1]))) == {**TOLD, "document_number": "L898902C3"}


def test_a_digit_in_a_name_is_a_letter_that_was_misread() -> None:
    found = printed_on(reading(PASSPORT[0].replace("ERIKSSON", "ER1KSS0N"), PASSPORT[1]))
    assert found is not None
    assert found["last_name"] == "Eriksson"


@pytest.mark.parametrize("line", [PASSPORT[1].replace("L898902C3", "L898902C4"), PASSPORT[1][:-1], "", "Ł" * 44])
def test_nothing_is_told_when_the_digits_do_not_agree(line: str) -> None:
    assert printed_on(reading(PASSPORT[0], line)) is None
