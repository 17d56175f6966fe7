"""The mail port: a short text to a few addresses."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """A mail in plain text. `id` makes it known when it is sent twice: it becomes its Message-ID."""

    id: str
    to: tuple[str, ...]
    subject: str
    text: str


class Mail(Protocol):
    """Hands mails to a server. Errors: `Unavailable` to try again later; `Rejected` when it is refused for good."""

    async def send(self, message: Message) -> None:
        """Returns once the server has taken it for at least one of the addresses; the others it has refused."""
        ...

    async def check(self) -> None:
        """Connect and log in. Raises as `send`."""
        ...
