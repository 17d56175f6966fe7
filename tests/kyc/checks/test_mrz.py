"""Machine-readable lines: the examples of the standard, check digits, and what a reader gets wrong."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kyc.checks import mrz
from readings import ERIKSSON

TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
TD2 = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")
MRVA = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<")
MRVB = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<")

alphabet = string.ascii_uppercase + string.digits + "<"
digits = st.text(string.digits, min_size=1, max_size=20)
names = st.text(string.ascii_uppercase, min_size=1, max_size=8)
numbers = st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=9)


def passport(
    surname: str, given: list[str], number: str, birth: str, sex: str, expiry: str, optional: str
) -> list[str]:
    first = f"P<UTO{surname}<<{'<'.join(given)}".ljust(44, "<")[:44]
    fields = [number.ljust(9, "<"), birth, expiry, optional.ljust(14, "<")]
    one, two, three, four = (f"{field}{mrz.check_digit(field)}" for field in fields)
    second = f"{one}UTO{two}{sex}{three}{four}"
    return [first, second + str(mrz.check_digit(one + two + three + four))]


@pytest.mark.parametrize(
    ("text", "digit"),
    [("520727", 3), ("AB2134<<<", 5), ("HA672242<658022549601086<<<<<<<<<<<<<<0", 8), ("<<<", 0)],
)
def test_the_examples_of_the_standard_come_out(text: str, digit: int) -> None:
    assert mrz.check_digit(text) == digit


@given(digits, st.data())
def test_a_check_digit_sees_every_slip_of_one_digit(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from([digit for digit in string.digits if digit != text[place]]))
    assert mrz.check_digit(text[:place] + other + text[place + 1 :]) != mrz.check_digit(text)


@given(st.text(alphabet, max_size=44))
def test_fillers_at_the_end_change_no_check_digit(text: str) -> None:
    assert mrz.check_digit(text + "<<<") == mrz.check_digit(text)


@pytest.mark.parametrize(
    ("lines", "layout"), [(ERIKSSON, "TD3"), (TD1, "TD1"), (TD2, "TD2"), (MRVA, "MRVA"), (MRVB, "MRVB")]
)
def test_each_format_is_taken_apart(lines: tuple[str, ...], layout: str) -> None:
    zone = mrz.parse(lines)
    assert zone is not None
    assert (zone.layout, zone.valid, zone.lines) == (layout, True, lines)
    assert (zone.surname, zone.given_names, zone.sex) == ("ERIKSSON", "ANNA MARIA", "F")
    assert zone.issuer == "UTO"


@given(names, st.lists(names, min_size=1, max_size=2), numbers, st.sampled_from("MFX<"), numbers)
def test_a_passport_comes_back_as_it_was_written(
    surname: str, given_names: list[str], number: str, sex: str, optional: str
) -> None:
    lines = passport(surname, given_names, number, "740812", sex, "340415", optional)
    zone = mrz.parse(lines)
    assert zone is not None
    assert zone.valid
    assert list(zone.lines) == lines
    assert (zone.surname, zone.given_names) == (surname, " ".join(given_names))
    assert (zone.number, zone.sex, zone.birth, zone.expiry) == (number, sex, "740812", "340415")


@given(st.lists(st.text(alphabet, max_size=50), max_size=4))
def test_no_text_makes_the_parser_fail(lines: list[str]) -> None:
    mrz.parse(lines)


def test_look_alikes_are_settled_by_their_place() -> None:
    zone = mrz.parse(["P<UT0ERIKSS0N<<ANNA<MAR1A<<<<<<<<<<<<<<<<<<<", "L898902C36UT074O8I22F12O4I59ZE184226B<<<<<1O"])
    assert zone is not None
    assert zone.lines == ERIKSSON


def test_a_number_is_mended_when_exactly_one_swap_satisfies_every_digit_over_it() -> None:
    zone = mrz.parse([ERIKSSON[0], ERIKSSON[1].replace("L898902C3", "L8989O2C3")])
    assert zone is not None
    assert (zone.number, zone.valid, zone.repaired) == ("L898902C3", True, frozenset({"number"}))


def test_a_number_is_left_alone_when_no_swap_satisfies_its_digit() -> None:
    zone = mrz.parse([ERIKSSON[0], ERIKSSON[1].replace("L898902C3", "L898902C4")])
    assert zone is not None
    assert (zone.number, zone.checks["number"], zone.valid) == ("L898902C4", False, False)


def test_names_are_never_mended() -> None:
    zone = mrz.parse([ERIKSSON[0].replace("ERIKSSON", "ERIKSSDN"), ERIKSSON[1]])
    assert zone is not None
    assert (zone.surname, zone.valid) == ("ERIKSSDN", True)


@pytest.mark.parametrize("missing", [-3, -1, 1, 4])
def test_miscounted_fillers_are_put_right(missing: int) -> None:
    first = ERIKSSON[0].rstrip("<")
    zone = mrz.parse([first + "<" * (len(ERIKSSON[0]) - len(first) - missing), ERIKSSON[1]])
    assert zone is not None
    assert (zone.layout, zone.lines, zone.stretched) == ("TD3", ERIKSSON, 1)


def test_a_name_line_that_was_cut_after_its_fillers_is_whole() -> None:
    zone = mrz.parse([ERIKSSON[0].rstrip("<") + "<<<", ERIKSSON[1]])
    assert zone is not None
    assert zone.lines == ERIKSSON


def test_fillers_that_look_like_letters_are_no_further_name() -> None:
    zone = mrz.parse([ERIKSSON[0][:-14] + "CC<CCK<CCCCCCC", ERIKSSON[1]])
    assert zone is not None
    assert zone.lines == ERIKSSON


def test_a_country_that_does_not_exist_is_the_one_that_looks_like_it() -> None:
    zone = mrz.parse([ERIKSSON[0].replace("UTO", "NLO"), ERIKSSON[1].replace("UTO", "NLD")])
    assert zone is not None
    assert (zone.issuer, zone.nationality) == ("NLD", "NLD")


def test_a_missing_letter_is_not_made_up_from_fillers() -> None:
    zone = mrz.parse([ERIKSSON[0], ERIKSSON[1].replace("UTO", "UT", 1)])
    assert zone is None or not zone.valid


def test_a_long_number_goes_on_in_the_optional_data() -> None:
    number, digit = "D23145890735", mrz.check_digit("D23145890735")
    first = f"I<UTO{number[:9]}<{number[9:]}{digit}".ljust(30, "<")
    second = "7408122F1204159UTO".ljust(29, "<")
    composite = mrz.check_digit(first[5:] + second[:7] + second[8:15] + second[18:29])
    zone = mrz.parse([first, f"{second}{composite}", TD1[2]])
    assert zone is not None
    assert (zone.number, zone.valid) == (number, True)


def test_of_two_readers_the_one_is_believed_whose_digits_are_right() -> None:
    spoilt = ERIKSSON[1].replace("740812", "740813")
    zone = next(mrz.best([(ERIKSSON[0],) * 2, (spoilt, ERIKSSON[1])]))
    assert zone.lines == ERIKSSON
