"""What a step may ask while it waits: its bank, and where a user comes back to."""

from datetime import datetime

import msgspec

from frontdesk.ports.bank import Bank, BankDown


class Outside(msgspec.Struct, frozen=True):
    """The connector of the skill's bank, the address that it sends users back to, and the `state` they bring along.

    `until` is when a consent that is asked for now shall end.
    """

    connector: Bank | None
    return_to: str
    state: str
    until: datetime

    @property
    def bank(self) -> Bank:
        """The bank. Raises `BankDown` when no connector is set up under the name that the skill gives."""
        if self.connector is None:
            raise BankDown("No connector is set up for this skill's bank")
        return self.connector
