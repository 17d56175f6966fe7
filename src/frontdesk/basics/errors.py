"""The two families of failure: a refusal that a caller is told, and a fault of something we depend on."""

from typing import Any, ClassVar


class Problem(Exception):
    """A refusal. `code` is published and stable; `message` says what was expected, never a personal value."""

    code: ClassVar[str] = "problem"

    def __init__(self, message: str, *, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class PortError(Exception):
    """What an adapter raises. No driver's exception crosses a port: it is chained as the cause."""


class Conflict(PortError):
    """The thing was changed by somebody else since it was read; nothing of the change was kept."""


class Missing(PortError):
    """There is no such thing."""


class Unavailable(PortError):
    """The dependency did not answer, or could not do it now; trying again later is right."""


class Rejected(PortError):
    """The dependency refuses this input for good: trying again is useless."""
