"""The accounts of a made-up person, grown from the name alone: the same name has the same money, on every day."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from frontdesk.ports.bank_accounts import Account, Balance, Transaction
from frontdesk.ports.bank_records import AccountNumber

BIC = "DEMOROBU"
HISTORY_MONTHS = 3
"""Whole months before the present one."""
PENDING_FOR = timedelta(hours=24)
_PEOPLE = UUID("9d3c5a0e-6b1f-5d0a-9a55-1f0f4c7f2b10")
_SCALE = {"RON": Decimal(5), "EUR": Decimal(1), "USD": Decimal("1.1"), "HUF": Decimal(400), "JPY": Decimal(160)}
_WHOLE = {"JPY"}


@dataclass(frozen=True, slots=True)
class Habit:
    """What happens on an account every month: `times` payments of about `amount` euros each, out unless above zero."""

    text: str
    category: str
    amount: int
    times: int = 1
    day: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of account. Its month begins with about `level` euros, `evened` by a transfer at the month's end."""

    name: str
    sub_kind: str
    nickname: str
    level: int
    evened: str
    habits: tuple[Habit, ...]
    credit_line: int = 0


CURRENT = Kind(
    "Checking account",
    "Standard",
    "Everyday",
    900,
    "Standing order between own accounts",
    (
        Habit("Salary, Northwind Works", "income", 2100, day=25),
        Habit("Rent, Linden Street 4", "housing", -620, day=2),
        Habit("Power and gas, Brightline", "utilities", -85, day=11),
        Habit("Mobile plan, Hilltop Telecom", "utilities", -14, day=14),
        Habit("Corner Market", "groceries", -32, times=9),
        Habit("Old Mill Bakery", "groceries", -6, times=5),
        Habit("City Transport", "transport", -3, times=7),
        Habit("Trattoria Levante", "restaurants", -27, times=3),
        Habit("Cash withdrawal", "cash", -60, times=2),
        Habit("Refund, Corner Market", "groceries", 12),
    ),
    credit_line=1000,
)
SAVINGS = Kind(
    "Savings account",
    "Standard",
    "Rainy days",
    6400,
    "Transfer between own accounts",
    (Habit("Interest", "interest", 9, day=1), Habit("Monthly saving", "transfer", 250, day=26)),
)
ABROAD = Kind(
    "Checking account",
    "Foreign currency",
    "Travel",
    480,
    "Exchange between own accounts",
    (Habit("Hotel Meridian", "travel", -96, times=2), Habit("Harbour Museum", "leisure", -15, times=2)),
)
CARD = Kind(
    "Credit card account",
    "Standard",
    "Card",
    -310,
    "Card payment received, thank you",
    (Habit("Papers and Pens", "shopping", -19, times=4), Habit("Skyline Pictures", "leisure", -12, times=3)),
    credit_line=1500,
)


@dataclass(frozen=True, slots=True)
class Held:
    """One account of a person, with all that grows on it."""

    account: Account
    kind: Kind
    seed: str


def iban_of(country: str, bban: str) -> str:
    """The IBAN with its two check digits (ISO 13616: the whole number modulo 97 is 1)."""
    digits = "".join(str(int(letter, 36)) for letter in f"{bban}{country}00")
    return f"{country}{98 - int(digits) % 97:02d}{bban}"


def held_by(user: str) -> tuple[Held, ...]:
    """Three or four accounts, of which one is in another currency; some people have a card."""
    dice = _dice(user)
    kinds = [(CURRENT, "RON"), (SAVINGS, "EUR"), (ABROAD, dice.choice(("USD", "HUF", "JPY")))]
    if dice.random() < 0.5:
        kinds.append((CARD, "RON"))
    return tuple(_held(user, number, kind, currency) for number, (kind, currency) in enumerate(kinds))


def _held(user: str, number: int, kind: Kind, currency: str) -> Held:
    seed = f"{user}/{number}"
    iban = iban_of("RO", f"DEMO{_dice(seed).randrange(10**16):016d}")
    numbers = (AccountNumber("IBAN", iban), AccountNumber("BICFI", BIC))
    account = Account(
        str(uuid5(_PEOPLE, seed)), numbers, currency, kind.name, kind.sub_kind, f"{kind.name} {currency}", kind.nickname
    )
    return Held(account, kind, seed)


def history(held: Held, now: datetime, paid: Sequence[Transaction] = ()) -> list[Transaction]:
    """Everything on the account since three months before this one, the newest first; `paid` is what came on top.

    What is younger than a day is pending, and has no balance yet.
    """
    start = _month(now.date(), -HISTORY_MONTHS)
    grown = [each for back in range(-HISTORY_MONTHS, 1) for each in _of_month(held, _month(now.date(), back))]
    came = sorted(
        (each for each in (*grown, *paid) if each.booked_at <= now), key=lambda each: (each.booked_at, each.id)
    )
    balance, told = _level(held, start), []
    for each in came:
        balance += each.amount
        is_booked = each.booked_at <= now - PENDING_FOR
        told.append(replace(each, status="booked", balance=balance) if is_booked else replace(each, status="pending"))
    told.reverse()
    return told


def balances(held: Held, now: datetime, paid: Sequence[Transaction] = ()) -> tuple[Balance, ...]:
    """What is booked, what is expected with all that is pending, and what is there to spend."""
    came = history(held, now, paid)
    booked = next((each.balance for each in came if each.balance is not None), None)
    if booked is None:
        booked = _level(held, _month(now.date(), -HISTORY_MONTHS))
    expected = booked + sum((each.amount for each in came if each.status == "pending"), Decimal(0))
    credit = _money(Decimal(held.kind.credit_line), held.account.currency)
    currency, today = held.account.currency, now.date()
    at = now.replace(microsecond=0)
    return (
        Balance("ClosingBooked", booked, currency, native_on=(now - PENDING_FOR).date()),
        Balance("Expected", expected, currency, native_on=today, native_at=at),
        Balance("InterimAvailable", expected + credit, currency, bool(credit), credit or None, today, at),
    )


def _of_month(held: Held, month: date) -> Iterator[Transaction]:
    """What happens in a month, whenever it is asked: it ends with the level that the next one begins with."""
    dice, following = _dice(f"{held.seed}/{month:%Y-%m}"), _month(month, 1)
    days, total, number = (following - month).days, Decimal(0), 0
    for habit in held.kind.habits:
        for _ in range(habit.times):
            euros = Decimal(habit.amount) if habit.day else Decimal(habit.amount) * dice.randrange(40, 180) / 100
            amount = _money(euros + Decimal(dice.randrange(100)) / 100 * (0 if habit.day else 1), held.account.currency)
            # On the month's last day only what evens it comes, and that as the last.
            at = _at(month, habit.day or dice.randrange(1, days), dice.randrange(7 * 3600, 21 * 3600))
            yield _transaction(held, month, number, amount, at, habit.text, habit.category)
            total, number = total + amount, number + 1
    evening = _level(held, following) - _level(held, month) - total
    if evening:
        yield _transaction(held, month, number, evening, _at(month, days, 22 * 3600), held.kind.evened, "transfer")


def _transaction(
    held: Held, month: date, number: int, amount: Decimal, at: datetime, text: str, category: str
) -> Transaction:
    name = str(uuid5(_PEOPLE, f"{held.seed}/{month:%Y-%m}/{number}"))
    return Transaction(name, amount, held.account.currency, at, "booked", text, None, category)


def _level(held: Held, month: date) -> Decimal:
    dice = _dice(f"{held.seed}/level/{month:%Y-%m}")
    return _money(Decimal(held.kind.level) * dice.randrange(60, 140) / 100, held.account.currency)


def _money(euros: Decimal, currency: str) -> Decimal:
    return (euros * _SCALE[currency]).quantize(Decimal(1) if currency in _WHOLE else Decimal("0.01"))


def _at(month: date, day: int, seconds: int) -> datetime:
    return datetime(month.year, month.month, day, tzinfo=UTC) + timedelta(seconds=seconds)


def _month(day: date, later: int) -> date:
    """The first of the month that is so many months later."""
    count = day.year * 12 + day.month - 1 + later
    return date(count // 12, count % 12 + 1, 1)


def _dice(seed: str) -> random.Random:
    return random.Random(seed)  # noqa: S311 - to be repeatable is what it is for
