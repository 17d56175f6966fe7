"""Filters: read strictly, and all that are given must hold."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from frontdesk.onboarding.rules.filters import balance_tests, passes, transaction_tests
from frontdesk.onboarding.rules.refusals import InvalidField, UnknownFields

RECORD: dict[str, Any] = {
    "account_id": "a1",
    "currency": "RON",
    "status": "booked",
    "category": "food",
    "credit_debit_indicator": "debit",
    "amount": Decimal("49.90"),
    "booked_at": datetime(2031, 1, 4, 8, 0, tzinfo=UTC),
}


@pytest.mark.parametrize(
    ("wanted", "holds"),
    [
        ({}, True),
        ({"account_id": "a1", "currency": "RON"}, True),
        ({"account_id": "a1", "currency": "EUR"}, False),
        ({"eq": "49.90"}, True),
        ({"eq": 49.9}, True),
        ({"gt": "49.90"}, False),
        ({"gte": "49.9", "lte": "49.900"}, True),
        ({"lt": 50}, True),
        ({"booking_date_eq": "2031-01-04T08:00:00Z"}, True),
        ({"booking_date_gt": "2031-01-04T08:00:00Z"}, False),
        ({"booking_date_lte": "2031-01-04T10:00:00+02:00"}, True),
        ({"booking_date_gte": "2031-01-04"}, True),
        ({"status": "pending"}, False),
        ({"category": "food", "credit_debit_indicator": "debit"}, True),
    ],
)
def test_a_transaction_passes_when_every_test_holds(wanted: dict[str, Any], holds: bool) -> None:
    assert passes(RECORD, transaction_tests(wanted)) is holds


@pytest.mark.parametrize(
    "wanted",
    [
        {"gt": "1e3"}, {"gt": True}, {"gt": None}, {"gt": "NaN"}, {"lt": [1]}, {"currency": 7}, {"status": ""},
        {"booking_date_eq": "yesterday"}, {"booking_date_eq": 5}, {"credit_debit_indicator": "both"},
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_read_is_refused(wanted: dict[str, Any]) -> None:
    with pytest.raises(InvalidField, match=r"^filter\."):
        transaction_tests(wanted)


def test_an_unknown_filter_is_refused() -> None:
    with pytest.raises(UnknownFields, match=r"filter\.colour"):
        transaction_tests({"colour": "red"})
    with pytest.raises(UnknownFields, match=r"filter\.status"):
        balance_tests({"status": "booked"})


def test_every_published_type_of_balance_may_be_asked_for() -> None:
    assert passes(
        {"type": "InterimBooked", "account_id": "a", "currency": "EUR"}, balance_tests({"type": "InterimBooked"})
    )
    with pytest.raises(InvalidField):
        balance_tests({"type": "Best"})
