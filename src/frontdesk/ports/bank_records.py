"""What is said between us and a bank: requests, visits, accounts, balances, transactions, payments.

Amounts are decimals in units of their currency, with as many places as the bank writes; below zero is a debit.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Access = Literal["accounts", "balances", "transactions"]
PaymentStatus = Literal["RCVD", "PDNG", "ACTC", "ACCP", "ACSP", "ACSC", "RJCT", "CANC"]
"""ISO 20022; `ACSC`, `RJCT` and `CANC` are final."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What every request begins with. `user` is the tenant's name for the person, as the bank may know it.

    The same `key` again is the same request: it has the same outcome and creates nothing. The person comes back
    to `return_to` with `state` in the query; both are empty where the person goes nowhere.
    """

    key: str
    user: str
    return_to: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """Ask for `access` until `until`. No `ibans`: all accounts that the person chooses, or has.

    `implicit` asks for a consent without a visit; only sandboxes give it.
    """

    beginning: Beginning
    access: tuple[Access, ...]
    until: datetime
    ibans: tuple[str, ...] = ()
    implicit: bool = False


@dataclass(frozen=True, slots=True)
class AccountNumber:
    """A number of an account, or of its bank; `scheme` is `IBAN` or `BICFI`."""

    scheme: str
    identification: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """One credit transfer; `amount` is above zero. `block` is the payment block that it came in."""

    amount: Decimal
    currency: str
    creditor_name: str
    creditor_account: AccountNumber
    end_to_end_id: str = ""
    remittance: str = ""
    block: str = ""
    debtor_name: str = ""
    debtor_account: AccountNumber | None = None
    execute_on: date | None = None


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """Pay all of `transfers`, or none."""

    beginning: Beginning
    transfers: tuple[Transfer, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """Where the person must go. `reference` is given back to `finish`; it is no secret of the bank."""

    url: str
    reference: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Return:
    """What the person's browser brought back: the bank's `code`, or its `error`. `reference` is that of the visit."""

    reference: str
    return_to: str
    code: str = ""
    error: str = ""
    error_description: str = ""


@dataclass(frozen=True, slots=True)
class Granted:
    """`grant` opens what was consented to: a secret of the server, kept sealed. Without `until` it does not lapse."""

    grant: str
    until: datetime | None = None
