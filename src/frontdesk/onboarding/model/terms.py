"""What was agreed with a tenant about onboarding: its skills, how long things last, where its users may be sent."""

from collections.abc import Mapping
from typing import Any

import msgspec

CONSENT_MINUTES = 90 * 24 * 60
RETENTION_MINUTES = 120 * 24 * 60
SESSION_MINUTES = 24 * 60


class Terms(msgspec.Struct, frozen=True):
    """The terms of one tenant for one skill, in minutes. `deleted_minutes` None keeps what a deleted consent has
    gathered as long as that of a living one."""

    subscribed: bool
    consent_minutes: int = CONSENT_MINUTES
    retention_minutes: int = RETENTION_MINUTES
    deleted_minutes: int | None = None
    session_minutes: int = SESSION_MINUTES
    targets: tuple[str, ...] = ()


def terms_of(settings: Mapping[str, Any], skill: str, *, sandbox: bool) -> Terms:
    """The terms in a tenant's settings, subject `onboarding`. Sandbox skills are open to all unless they say no."""
    agreed: Mapping[str, Any] = settings.get("onboarding", {})
    own: Mapping[str, Any] = agreed.get("skills", {}).get(skill, {})
    return Terms(
        own.get("subscribed", sandbox),
        own.get("consent_duration", CONSENT_MINUTES),
        own.get("cache_max_data_retention", RETENTION_MINUTES),
        own.get("pcd_data_retention"),
        agreed.get("session_minutes", SESSION_MINUTES),
        tuple(agreed.get("redirect_targets", ())),
    )
