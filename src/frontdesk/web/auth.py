"""Who calls: API keys from the Authorization header, and the permission that an endpoint needs."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from frontdesk.web.problems import Forbidden, MissingCredentials, Unauthorized


class Identity(Protocol):
    """Who a key stands for. A record of the kernel with these fields will do."""

    @property
    def tenant_id(self) -> str: ...

    @property
    def key_id(self) -> str: ...

    @property
    def permissions(self) -> frozenset[str]: ...


Identify = Callable[[str], Awaitable[Identity | None]]
"""Looks a key up; None when it is unknown, disabled or revoked."""

_SCHEMES = ("bearer", "apikey")
_LONGEST = 512


def key_in(authorization: str | None) -> str | None:
    """The key of `Bearer KEY`, `ApiKey KEY` or bare `KEY`; None when there is none."""
    if not authorization or len(authorization) > _LONGEST:
        return None
    scheme, _, rest = authorization.strip().partition(" ")
    if not rest:
        return scheme if scheme.lower() not in _SCHEMES else None
    key = rest.strip()
    return key if scheme.lower() in _SCHEMES and key and " " not in key else None


async def identity_of(authorization: str | None, identify: Identify) -> Identity:
    """Who calls. Raises `Unauthorized`, in the same words for every key that opens nothing."""
    key = key_in(authorization)
    if key is None:
        raise MissingCredentials
    identity = await identify(key)
    if identity is None:
        raise Unauthorized
    return identity


def require(identity: Identity, permission: str) -> None:
    """Raises `Forbidden` unless the key holds the permission."""
    if permission not in identity.permissions:
        message = f"This key lacks the permission {permission}: make one that has it with frontdesk keys create"
        raise Forbidden(message, details={"permission": permission})
