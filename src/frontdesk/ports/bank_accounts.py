"""What a bank answers of accounts and payments.

Amounts are decimals in units of their currency, with as many places as the bank writes; below zero is a debit.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from frontdesk.ports.bank_records import AccountNumber, PaymentStatus


@dataclass(frozen=True, slots=True)
class Balance:
    """One balance of an account. `kind` is `ClosingBooked`, `Expected`, `InterimAvailable` ...

    `native_at` and `native_on` are when the bank says it holds.
    """

    kind: str
    amount: Decimal
    currency: str
    credit_limit_included: bool = False
    credit_line: Decimal | None = None
    native_on: date | None = None
    native_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """`id` is the bank's, and stays the same for the same account under every consent."""

    id: str
    numbers: tuple[AccountNumber, ...]
    currency: str
    kind: str = ""
    sub_kind: str = ""
    name: str = ""
    nickname: str = ""
    balances: tuple[Balance, ...] = ()


@dataclass(frozen=True, slots=True)
class Transaction:
    """`balance` is the account's after it. `status` is `booked` or `pending`; `text` is what the statement prints."""

    id: str
    amount: Decimal
    currency: str
    booked_at: datetime
    status: str
    text: str = ""
    balance: Decimal | None = None
    category: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some transactions, the newest first, and the cursor of the next page, None on the last."""

    transactions: tuple[Transaction, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentState:
    """How far a payment is. `reason` is the bank's, where it was turned down."""

    id: str
    status: PaymentStatus
    changed_at: datetime
    reason: str = ""
