"""The bank's memory: what was asked for, who agreed to what, and the grants. It survives nothing."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import uuid4

from frontdesk.ports.bank_accounts import PaymentState, Transaction
from frontdesk.ports.bank_records import Access, ConsentRequest, PaymentRequest, PaymentStatus

VISIT_FOR = timedelta(minutes=60)
CODE_FOR = timedelta(minutes=10)
MOST_VISITS = 10_000
Decision = Literal["open", "allowed", "refused"]


@dataclass(slots=True)
class Visit:
    """One request and what became of it. `code` and `grant` are empty until the person agreed."""

    request: ConsentRequest | PaymentRequest
    begun_at: datetime
    id: str = field(default_factory=lambda: str(uuid4()))
    decision: Decision = "open"
    decided_at: datetime | None = None
    user: str = ""
    account_ids: tuple[str, ...] = ()
    code: str = ""
    grant: str = ""
    is_revoked: bool = False
    shortfall: bool = False

    @property
    def is_payment(self) -> bool:
        """Whether money is to be moved."""
        return isinstance(self.request, PaymentRequest)

    @property
    def access(self) -> tuple[Access, ...]:
        """What a consent is for."""
        return self.request.access if isinstance(self.request, ConsentRequest) else ()

    @property
    def until(self) -> datetime | None:
        """When a consent lapses by itself."""
        return self.request.until if isinstance(self.request, ConsentRequest) else None

    def is_over(self, now: datetime) -> bool:
        """Whether nobody has decided, and nobody may any more."""
        return self.decision == "open" and now >= self.begun_at + VISIT_FOR

    def goes_on(self, now: datetime) -> bool:
        """Whether it is a consent that still opens something."""
        return bool(self.grant) and not self.is_revoked and self.until is not None and now < self.until

    def refuse(self, user: str, now: datetime) -> None:
        """The person says no."""
        self.decision, self.decided_at, self.user = "refused", now, user

    def payment_state(self, now: datetime, settles_for: timedelta) -> PaymentState:
        """The payment's status, computed from the time: accepted at once, settled a little later."""
        at = self.decided_at or self.begun_at
        status: PaymentStatus
        if self.decision == "open":
            status = "RCVD"
        elif self.decision == "refused":
            status = "CANC"
        elif self.shortfall:
            return PaymentState(self.id, "RJCT", at, "AM04: the account does not hold the amount")
        elif now < at + settles_for:
            status = "ACSP"
        else:
            status, at = "ACSC", at + settles_for
        return PaymentState(self.id, status, at)


class Visits:
    """Everything that was asked for, by id, key, code and grant; the oldest is forgotten when there are too many."""

    def __init__(self) -> None:
        self._by_id: OrderedDict[str, Visit] = OrderedDict()
        self._by_key: dict[str, Visit] = {}
        self._by_grant: dict[str, Visit] = {}

    def begin(self, request: ConsentRequest | PaymentRequest, now: datetime) -> Visit | None:
        """The visit of this request, the same for the same key; None if the key asked for something else before."""
        known = self._by_key.get(request.beginning.key)
        if known is not None:
            return known if known.request == request else None
        visit = Visit(request, now)
        self._by_id[visit.id] = self._by_key[request.beginning.key] = visit
        if len(self._by_id) > MOST_VISITS:
            _, oldest = self._by_id.popitem(last=False)
            del self._by_key[oldest.request.beginning.key]
            self._by_grant.pop(oldest.grant, None)
        return visit

    def find(self, visit_id: str) -> Visit | None:
        """By id."""
        return self._by_id.get(visit_id)

    def allow(self, visit: Visit, user: str, account_ids: tuple[str, ...], now: datetime) -> None:
        """The person agrees, for these accounts."""
        visit.decision, visit.decided_at, visit.user, visit.account_ids = "allowed", now, user, account_ids
        visit.code, visit.grant = secrets.token_urlsafe(24), secrets.token_urlsafe(32)
        self._by_grant[visit.grant] = visit

    def by_grant(self, grant: str) -> Visit | None:
        """By the grant that the person's agreement made."""
        return self._by_grant.get(grant)

    def given_by(self, user: str, now: datetime) -> list[Visit]:
        """The person's consents that go on, the newest first."""
        return [each for each in reversed(self._by_id.values()) if each.user == user and each.goes_on(now)]

    def paid_from(self, account_id: str) -> list[Transaction]:
        """What payments took from an account."""
        found = []
        for visit in self._by_id.values():
            if visit.decision == "allowed" and not visit.shortfall and visit.account_ids[:1] == (account_id,):
                found += _booked(visit)
        return found


def _booked(visit: Visit) -> list[Transaction]:
    if not isinstance(visit.request, PaymentRequest) or visit.decided_at is None:
        return []
    return [
        Transaction(
            f"{visit.id}-{number}",
            -each.amount,
            each.currency,
            visit.decided_at,
            "pending",
            " ".join(part for part in (each.creditor_name, each.remittance) if part),
            None,
            "transfer",
        )
        for number, each in enumerate(visit.request.transfers, 1)
    ]
