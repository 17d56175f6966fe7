"""The made-up bank as a whole: its memory, its faults, and the people who are signed in."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import timedelta

from frontdesk.basics.clock import Clock, SystemClock
from frontdesk.cli.sandbox import ledger
from frontdesk.cli.sandbox.faults import Faults
from frontdesk.cli.sandbox.ledger import Held
from frontdesk.cli.sandbox.visits import Visits
from frontdesk.ports.bank_accounts import Account

MOST_SIGNED_IN = 10_000


@dataclass(slots=True)
class Sitting:
    """One browser's visit; `csrf` stands in every form that the bank gives it."""

    user: str = ""
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(24))


@dataclass(slots=True)
class Bank:
    """Everything that the bank knows.

    A slow answer takes `slow_for`, a payment is on its way for `settles_for`; `secure` keeps cookies to https.
    """

    clock: Clock = field(default_factory=SystemClock)
    faults: Faults = field(default_factory=Faults)
    visits: Visits = field(default_factory=Visits)
    slow_for: timedelta = timedelta(seconds=30)
    settles_for: timedelta = timedelta(seconds=3)
    secure: bool = False
    sittings: OrderedDict[str, Sitting] = field(default_factory=OrderedDict)

    def sit(self, user: str = "") -> tuple[str, Sitting]:
        """A new sitting with its name."""
        name, sitting = secrets.token_urlsafe(24), Sitting(user)
        self.sittings[name] = sitting
        if len(self.sittings) > MOST_SIGNED_IN:
            self.sittings.popitem(last=False)
        return name, sitting

    def with_balances(self, held: Held) -> Account:
        """An account with what is on it now."""
        return replace(
            held.account, balances=ledger.balances(held, self.clock.now(), self.visits.paid_from(held.account.id))
        )
