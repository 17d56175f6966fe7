"""The accounts of made-up people: the same every time, plausible, and true to the cent."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban

from frontdesk.cli.sandbox import ledger
from frontdesk.ports.bank_accounts import Transaction

NOW = datetime(2031, 1, 20, 12, 0, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2040, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))


@given(st.text(max_size=64), INSTANTS)
def test_the_same_name_has_the_same_money(user: str, now: datetime) -> None:
    for one, other in zip(ledger.held_by(user), ledger.held_by(user), strict=True):
        assert one == other
        assert ledger.history(one, now) == ledger.history(other, now)


@given(st.text(max_size=64))
def test_every_number_has_right_check_digits(user: str) -> None:
    for held in ledger.held_by(user):
        number = held.account.numbers[0].identification
        assert iban.is_valid(number)
        assert len(number) == 24


@pytest.mark.parametrize(
    ("country", "bban", "whole"),
    [
        ("GB", "WEST12345698765432", "GB82WEST12345698765432"),
        ("RO", "AAAA1B31007593840000", "RO49AAAA1B31007593840000"),
    ],
)
def test_check_digits_are_those_of_the_published_examples(country: str, bban: str, whole: str) -> None:
    assert ledger.iban_of(country, bban) == whole


@given(st.sampled_from(["ana.pop", "maria", "down", "x"]), INSTANTS, st.integers(0, 40 * 24))
def test_what_was_booked_stays(user: str, now: datetime, hours: int) -> None:
    """A later look has the same transactions, and maybe some more; the oldest month falls off."""
    later = now + timedelta(hours=hours)
    for held in ledger.held_by(user):
        before = {each.id: each for each in ledger.history(held, now)}
        after = {each.id: each for each in ledger.history(held, later)}
        oldest = min(each.booked_at for each in after.values())
        for name, each in before.items():
            if each.booked_at >= oldest:
                assert (after[name].amount, after[name].booked_at) == (each.amount, each.booked_at)
                if each.status == "booked":
                    assert after[name] == each


@given(st.text(max_size=20), INSTANTS)
def test_balances_follow_from_the_transactions(user: str, now: datetime) -> None:
    for held in ledger.held_by(user):
        came = ledger.history(held, now)
        closing, expected, available = ledger.balances(held, now)
        booked = [each for each in came if each.status == "booked"]
        pending = sum((each.amount for each in came if each.status == "pending"), Decimal(0))
        assert closing.amount == booked[0].balance
        assert expected.amount == closing.amount + pending
        assert available.amount == expected.amount + (available.credit_line or 0)
        places = -int(closing.amount.as_tuple().exponent)
        assert {-int(each.amount.as_tuple().exponent) for each in came} == {places}
        assert places == (0 if held.account.currency == "JPY" else 2)


def test_there_are_several_currencies_and_debits() -> None:
    people = [ledger.held_by(f"person {number}") for number in range(40)]
    assert {held.account.currency for person in people for held in person} == {"RON", "EUR", "USD", "HUF", "JPY"}
    cards = [held for person in people for held in person if held.kind is ledger.CARD]
    assert cards
    assert any(ledger.balances(held, NOW)[0].amount < 0 for held in cards)


def test_everyday_money_is_plausible() -> None:
    everyday, *_ = ledger.held_by("ana.pop")
    came = ledger.history(everyday, NOW)
    assert 60 <= len(came) <= 140
    assert {each.category for each in came} >= {"income", "housing", "groceries", "transfer"}
    assert min(each.booked_at for each in came) >= datetime(2030, 10, 1, tzinfo=UTC)


def test_a_payment_is_among_the_others() -> None:
    everyday, *_ = ledger.held_by("ana.pop")
    paid = Transaction("p-1", Decimal("-12.50"), "RON", NOW - timedelta(days=2), "pending", "Shop SRL")
    with_it, without = ledger.history(everyday, NOW, [paid]), ledger.history(everyday, NOW)
    assert len(with_it) == len(without) + 1
    assert next(each for each in with_it if each.id == "p-1").status == "booked"
    assert ledger.balances(everyday, NOW)[1].amount - ledger.balances(everyday, NOW, [paid])[1].amount == Decimal(
        "12.50"
    )
