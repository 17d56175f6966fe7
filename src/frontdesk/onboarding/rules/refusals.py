"""The refusals of onboarding that more than one rule raises, each with its published code."""

from collections.abc import Mapping
from typing import Any, ClassVar

from frontdesk.basics.errors import Problem


class Refusal(Problem):
    """A refusal of onboarding. Messages are for developers and hold no personal value."""


class Invalid(Refusal):
    """What was sent cannot be used."""


class Unauthorized(Refusal):
    """A key, nonce or token does not open what was asked for."""


class MissingFields(Invalid):
    """Required fields are absent; the message names them all."""

    code: ClassVar[str] = "missing_fields"

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"Missing: {', '.join(names)}", details={"fields": names})


class UnknownFields(Invalid):
    """Fields that are in no contract; the message names them all."""

    code: ClassVar[str] = "unknown_fields"

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"Unknown: {', '.join(names)}", details={"fields": names})


class InvalidField(Invalid):
    """A field is of the wrong type, empty or malformed, or its value will not do."""

    code: ClassVar[str] = "invalid_field"

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"{name}: expected {expected}", details={"field": name, "expected": expected})


class InvalidInput(Invalid):
    """The call does not fit what is there now."""

    code: ClassVar[str] = "invalid_input"


class InvalidClient(Invalid):
    """`client_id` is malformed or unknown."""

    code: ClassVar[str] = "invalid_client_id"

    def __init__(self) -> None:
        super().__init__("client_id is not that of a tenant app")


class ForeignClient(Unauthorized):
    """The value is good, but was given to another `client_id`."""

    code: ClassVar[str] = "invalid_client_id"

    def __init__(self) -> None:
        super().__init__("This was issued to another client_id")


class WrongAppKey(Unauthorized):
    """`client_app_key` is not this client's."""

    code: ClassVar[str] = "invalid_client_app_key"

    def __init__(self) -> None:
        super().__init__("client_app_key is not that of this client_id")


class WrongSecret(Unauthorized):
    """`client_secret` is not this client's."""

    code: ClassVar[str] = "invalid_client_secret"

    def __init__(self) -> None:
        super().__init__("client_secret is not that of this client_id")


class InvalidSkill(Invalid):
    """There is no such skill, or it is not the session's."""

    code: ClassVar[str] = "invalid_skill_name"


class NotSubscribed(Unauthorized):
    """The skill exists, but this tenant has not subscribed to it."""

    code: ClassVar[str] = "unauthorized_tenant"

    def __init__(self) -> None:
        super().__init__("This tenant has not subscribed to the skill")


class InvalidSession(Invalid):
    """The session id is no UUID, or the session is final or expired."""

    code: ClassVar[str] = "invalid_session_id"


class UnknownSession(InvalidSession):
    """No session of this client has this id."""

    code: ClassVar[str] = "invalid_session_id"

    def __init__(self) -> None:
        super().__init__("There is no such session")


class InvalidStep(Invalid):
    """The step is unknown or out of order, or has no slot of this name."""

    code: ClassVar[str] = "invalid_step"


class UnknownStep(InvalidStep):
    """No step has this step_id."""

    code: ClassVar[str] = "invalid_step"

    def __init__(self) -> None:
        super().__init__("There is no step with this step_id")


class InvalidNonce(Unauthorized):
    """The nonce is unknown, used, or of another session or client."""

    code: ClassVar[str] = "invalid_nonce"

    def __init__(self) -> None:
        super().__init__("This nonce is not good for this call")


class ExpiredNonce(Unauthorized):
    """The nonce was good, and has lapsed."""

    code: ClassVar[str] = "expired_nonce"

    def __init__(self) -> None:
        super().__init__("This nonce has expired; resume the session or start a new one")


class InvalidTempToken(Unauthorized):
    """The temp_token is unknown, used or has lapsed."""

    code: ClassVar[str] = "invalid_temp_token"

    def __init__(self) -> None:
        super().__init__("This temp_token is unknown, used or expired")


class MalformedCredentials(Invalid):
    """`credentials_id` is no UUID."""

    code: ClassVar[str] = "invalid_credentials_id"

    def __init__(self) -> None:
        super().__init__("credentials_id: expected a UUID")


class UnknownCredentials(Unauthorized):
    """No consent of this tenant and user has this `credentials_id`."""

    code: ClassVar[str] = "invalid_credentials_id"

    def __init__(self) -> None:
        super().__init__("There is no such consent of this client and user")


class MalformedAccessToken(Invalid):
    """The access_token is absent or malformed."""

    code: ClassVar[str] = "invalid_access_token"

    def __init__(self) -> None:
        super().__init__("access_token: expected the token of the exchange")


class WrongAccessToken(Unauthorized):
    """The access_token is not that of this consent."""

    code: ClassVar[str] = "invalid_access_token"

    def __init__(self) -> None:
        super().__init__("access_token is not that of this credentials_id")


class InactiveCredentials(Unauthorized):
    """The consent was deleted."""

    code: ClassVar[str] = "inactive_credentials"

    def __init__(self) -> None:
        super().__init__("This consent was deleted")


class ExpiredCredentials(Unauthorized):
    """The consent has lapsed."""

    code: ClassVar[str] = "expired_credentials"

    def __init__(self) -> None:
        super().__init__("This consent has expired")


class InvalidRetention(Invalid):
    """`pcd_data_retention` is no whole number of minutes within the tenant's limit."""

    code: ClassVar[str] = "invalid_pcd_data_retention"

    def __init__(self, most: int) -> None:
        super().__init__(f"pcd_data_retention: expected minutes, an integer from 0 to {most}")


class UnusableReturn(Invalid):
    """What came back from a bank belongs to no visit that is under way."""

    code: ClassVar[str] = "tpp_redirect_error"

    def __init__(self) -> None:
        super().__init__("This return belongs to no visit that is under way")


class External(Refusal):
    """A bank did not do it, though the input may be right."""

    code: ClassVar[str] = "external_api_error"
    retry_after: int | None = None


class ExternalConnection(External):
    """The bank was not reached, or did not answer in time."""

    code: ClassVar[str] = "external_api_connection_error"

    def __init__(self) -> None:
        super().__init__("The bank was not reached or did not answer in time; try again")


class ExternalThrottled(External):
    """The bank limits how often it is asked."""

    code: ClassVar[str] = "external_api_too_many_requests"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"The bank limits how often it is asked; try again in {retry_after} seconds")
        self.retry_after = retry_after

    def headers(self) -> Mapping[str, Any]:
        """When to try again."""
        return {"Retry-After": str(self.retry_after)}


class ExternalUnauthorized(External):
    """The bank does not accept our credentials, or the grant."""

    code: ClassVar[str] = "external_api_unauthorized"

    def __init__(self) -> None:
        super().__init__("The bank did not accept the authorisation")


class ExternalForbidden(External):
    """The bank does not allow it."""

    code: ClassVar[str] = "external_api_forbidden"

    def __init__(self) -> None:
        super().__init__("The bank does not allow this")
