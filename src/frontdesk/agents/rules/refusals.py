"""The families of refusals of this kind, each with its published code."""

from typing import ClassVar

from frontdesk.basics.errors import Problem


class Refusal(Problem):
    """A refusal of the agents' API."""

    code: ClassVar[str] = "bad_request"


class Invalid(Refusal):
    """What was sent cannot be accepted."""

    code: ClassVar[str] = "invalid_request"


class MalformedId(Refusal):
    """An id that cannot be one."""

    code: ClassVar[str] = "invalid_id"

    def __init__(self, what: str) -> None:
        super().__init__(f"Invalid {what} ID")


class OverLimit(Refusal):
    """More than the documented limits allow."""

    code: ClassVar[str] = "limit_exceeded"

    def __init__(self) -> None:
        super().__init__("Input exceeds allowed limits")


class UnknownCapability(Refusal):
    """No capability has this ref."""

    code: ClassVar[str] = "unknown_capability"


class BadConfig(Refusal):
    """A capability's config does not fit the schema that it publishes."""

    code: ClassVar[str] = "invalid_capability_config"


class UnknownModel(Refusal):
    """No model has this id."""

    code: ClassVar[str] = "unknown_model"


class UnusableAgent(Refusal):
    """The agent is unknown or archived, so no session can use it."""

    code: ClassVar[str] = "agent_not_usable"


class Unfit(Refusal):
    """A body that is JSON but not what the call expects."""

    code: ClassVar[str] = "validation_failed"


class NotFound(Refusal):
    """There is no such thing, as far as the caller may know."""

    code: ClassVar[str] = "not_found"


class AgentNotFound(NotFound):
    """No agent has this id."""

    code: ClassVar[str] = "agent_not_found"

    def __init__(self) -> None:
        super().__init__("Agent not found")


class SessionNotFound(NotFound):
    """No session has this id."""

    code: ClassVar[str] = "session_not_found"

    def __init__(self) -> None:
        super().__init__("Session not found")


class Conflicting(Refusal):
    """What is there does not allow it."""

    code: ClassVar[str] = "conflict"


class NotWaiting(Conflicting):
    """No client-side tool call is open."""

    code: ClassVar[str] = "not_waiting"

    def __init__(self) -> None:
        super().__init__("The session is not waiting for tool results")


class OtherOrganization(Refusal):
    """The organization named by `X-Org-Id` is not the key's."""

    code: ClassVar[str] = "forbidden"

    def __init__(self) -> None:
        super().__init__("This key does not belong to the organization named by X-Org-Id")
