"""What goes wrong on demand: for a person by the name, or for everybody for a while."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

FaultKind = Literal["slow", "throttled", "refused", "down", "expired", "revoked"]
Call = Literal["begin", "finish", "read", "payment", "delete"]
"""Beginning a consent or payment; redeeming the code; reading accounts; a payment's status; ending a consent."""
RETRY_AFTER_SECONDS = 60
_NAME = re.compile(rf"({'|'.join(get_args(FaultKind))})(?:-({'|'.join(get_args(Call))}))?(?:[.+].*)?")
_USUAL: tuple[Call, ...] = ("read", "payment")


@dataclass(slots=True)
class Fault:
    """A fault of the next `times` calls of these kinds, or of all that come."""

    fault: FaultKind
    calls: tuple[Call, ...] = get_args(Call)
    times: int | None = None


class Faults:
    """Which call fails, and how."""

    def __init__(self, first: Fault | None = None) -> None:
        self.set: Fault | None = first

    def of(self, call: Call, user: str) -> FaultKind | None:
        """The fault of this call: the one that was set, else the person's own."""
        if self.set is not None and call in self.set.calls:
            kind = self.set.fault
            if self.set.times is not None:
                self.set.times -= 1
                if self.set.times <= 0:
                    self.set = None
            return kind
        return fault_of_name(user, call)


def fault_of_name(user: str, call: Call) -> FaultKind | None:
    """`down` fails at reading, `down-finish` when the code is redeemed; `down.anna` is another person of the sort."""
    found = _NAME.fullmatch(user.strip().lower())
    if found is None:
        return None
    kinds = {kind: kind for kind in get_args(FaultKind)}
    calls = (found[2],) if found[2] else _USUAL
    return kinds[found[1]] if call in calls else None
