"""Printed dates in their many ways of writing, and the six digits of machine-readable lines."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kyc.checks.dates import DAY_FIRST, MONTH_FIRST, find, full_date, order_in

TODAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12 AUG/AOUT 74", date(1974, 8, 12)),
        ("12 AUGUST/AOÛT 1974", date(1974, 8, 12)),
        ("16 APRUAVR.07", date(2007, 4, 16)),
        ("26 MAÍ/MAY 09", date(2009, 5, 26)),
        ("31 DES/DEC 66", date(1966, 12, 31)),
        ("10DEC/DIC 91", date(1991, 12, 10)),
        ("05FEB1965", date(1965, 2, 5)),
        ("3. März 2024", date(2024, 3, 3)),
        ("3 de marzo de 2024", date(2024, 3, 3)),
        ("March 3, 2024", date(2024, 3, 3)),
        ("3rd February 2024", date(2024, 2, 3)),
        ("12.12.1982.", date(1982, 12, 12)),
        ("23 11 1959", date(1959, 11, 23)),
        ("23111959", date(1959, 11, 23)),
        ("21.121971A", date(1971, 12, 21)),
        ("2024-03-05", date(2024, 3, 5)),
        ("08/31/2019", date(2019, 8, 31)),
        ("UK 19-08-1966", date(1966, 8, 19)),
    ],
)
def test_printed_dates_are_read(text: str, day: date) -> None:
    (found,) = find(text)
    assert found.on(TODAY, past=True) == day
    assert not found.ambiguous


@pytest.mark.parametrize(
    "text", ["311266-9539", "99009054", "0800 123456", "01.192007.", "99 XYZ 2001", "SPECIMEN", "32.01.2001"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert find(text) == []


def test_a_date_that_could_be_read_either_way_says_so() -> None:
    (found,) = find("03/04/2024")
    assert found.ambiguous
    assert not find("04/04/2024")[0].ambiguous


@given(st.dates(date(1930, 1, 1), TODAY))
def test_a_birth_comes_back_from_its_six_digits(day: date) -> None:
    assert full_date(day.strftime("%y%m%d"), TODAY, past=True) == day


@given(st.dates(date(1980, 1, 1), date(2070, 12, 31)))
def test_an_expiry_comes_back_from_its_six_digits(day: date) -> None:
    assert full_date(day.strftime("%y%m%d"), TODAY, past=False) == day


@pytest.mark.parametrize("text", ["000000", "991301", "74<<12", ""])
def test_an_unknown_or_impossible_day_is_none(text: str) -> None:
    assert full_date(text, TODAY, past=True) is None


@given(st.text(max_size=60))
def test_no_text_makes_the_search_fail(text: str) -> None:
    for found in find(text):
        found.on(TODAY, past=False)


@pytest.mark.parametrize(
    ("languages", "order"),
    [
        ((), None),
        (("en",), None),
        (("en-US",), MONTH_FIRST),
        (("en-PH", "fil"), None),
        (("en-US", "es-US"), None),
        (("pt",), DAY_FIRST),
        (("en-GB", "cy"), DAY_FIRST),
        (("en-CA",), None),
        (("fr-CA", "en-US"), MONTH_FIRST),
        (("ja",), None),
        (("pt", "en"), DAY_FIRST),
    ],
)
def test_languages_tell_whether_the_day_or_the_month_comes_first(languages: tuple[str, ...], order: str | None) -> None:
    assert order_in(languages) == order


@pytest.mark.parametrize(
    ("order", "day", "ambiguous"),
    [
        (None, date(2024, 4, 3), True),
        (DAY_FIRST, date(2024, 4, 3), False),
        (MONTH_FIRST, date(2024, 3, 4), False),
    ],
)
def test_a_known_order_decides_between_two_readings(order: str | None, day: date, *, ambiguous: bool) -> None:
    [found] = find("03/04/2024", order)
    assert (found.on(TODAY, past=True), found.ambiguous) == (day, ambiguous)
    [only] = find("31/08/2019", order)
    assert only.on(TODAY, past=True) == date(2019, 8, 31)
    [named] = find("3 April 2024", order)
    assert named.on(TODAY, past=True) == date(2024, 4, 3)
