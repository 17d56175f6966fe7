"""The bank port: what a skill asks of a bank, or of whoever speaks for one; and how a bank does not do it."""

from typing import ClassVar, Literal, Protocol

from frontdesk.basics.errors import PortError
from frontdesk.ports.bank_accounts import Account, Balance, Page, PaymentState
from frontdesk.ports.bank_records import ConsentRequest, Granted, PaymentRequest, Return, Visit


class BankFault(PortError):
    """The bank did not do it. `code` tells the kinds apart; the text never names the person."""

    code: ClassVar[str] = "fault"


class BankDown(BankFault):
    """Not reached, no answer in time, or a fault of its own; whether it was done is unknown.

    The same call again is right: reading changes nothing, and beginning has a key.
    """

    code = "connection_error"


class BankThrottled(BankFault):
    """Asked too often. `retry_after` in seconds."""

    code = "too_many_requests"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BankUnauthorized(BankFault):
    """The bank does not know us, the grant, or the code that came back."""

    code = "unauthorized"


class BankForbidden(BankFault):
    """Known, but not allowed: what was asked for was not granted, or the bank does not take this request."""

    code = "forbidden"


class ConsentEnded(BankFault):
    """The grant was good once: it lapsed, or it was taken back at the bank or by `delete_consent`."""

    code = "consent_ended"

    def __init__(self, message: str, reason: Literal["expired", "revoked"]) -> None:
        super().__init__(message)
        self.reason = reason


class Declined(BankFault):
    """The person said no, or the bank ended the visit: a regular ending. `reason` is the bank's `error`."""

    code = "declined"

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class Bank(Protocol):
    """One bank. Every call may raise `BankDown`, `BankThrottled`, `BankUnauthorized`, `BankForbidden`.

    Calls are bounded in time. Data calls with a grant that ended raise `ConsentEnded`; ids that the grant does not
    cover raise `Missing`. The grant of a consent opens no payment, and that of a payment no account.
    """

    async def begin_consent(self, request: ConsentRequest) -> Visit | Granted:
        """Where the person must go; `Granted` at once when `implicit` was asked for."""
        ...

    async def finish(self, came: Return) -> Granted:
        """The grant for what the person agreed to, of a consent or of a payment. Raises `Declined`.

        The same return again, soon after, has the same outcome, so that a lost answer can be asked for again.
        """
        ...

    async def accounts(self, grant: str) -> tuple[Account, ...]:
        """The accounts that were consented to, in a stable order, with balances where those were consented to."""
        ...

    async def balances(self, grant: str, account_id: str) -> tuple[Balance, ...]:
        """Every balance that the bank tells of one account. Raises `Missing`."""
        ...

    async def transactions(self, grant: str, account_id: str, cursor: str | None = None) -> Page:
        """The newest first; the next page with the cursor of the last. Raises `Missing`."""
        ...

    async def delete_consent(self, grant: str) -> None:
        """End the consent at the bank. One that has ended already, or was never known, is no error."""
        ...

    async def begin_payment(self, request: PaymentRequest) -> Visit | Granted:
        """Where the person must go to allow it; `Granted` if the bank asks nobody. Nothing is paid twice for a key."""
        ...

    async def payment(self, grant: str) -> PaymentState:
        """How far the payment is."""
        ...
