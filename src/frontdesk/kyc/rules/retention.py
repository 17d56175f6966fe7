"""How long a session is kept: which of the tenant's clocks runs for it, since when, and when it is over."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from frontdesk.kyc.model.session import DECIDED, FINISHED, Progress
from frontdesk.kyc.rules.refusals import Invalid

CLOCKS = {
    "decided": "after_decision_days",
    "completed": "after_completion_days",
    "open": "after_expiry_days",
}
"""What a session rests as, and the tenant's setting that says for how many days."""
WITHIN = "within"
"""A subsession has no clock of its own: it goes with the session that it belongs to."""
LONGEST_DAYS = 36_500


class RetentionInvalid(Invalid):
    """A number of days that no clock can be set to."""

    reason: ClassVar[str] = "retention_invalid"


def resting(progress: Progress) -> tuple[str, datetime]:
    """As what the session rests, and since when: since its decision, its completion, or the end of its link."""
    if progress.parent_session_id is not None:
        return WITHIN, progress.expires_at
    if progress.status not in FINISHED:
        return "open", progress.expires_at
    reviewed = None if progress.review is None else progress.review.decided_at
    turns = [at for at in (progress.completed_at, progress.processed_at, reviewed) if at is not None]
    return "decided" if progress.status in DECIDED else "completed", max(turns, default=progress.expires_at)


def is_over(progress: Progress, kept_for: Mapping[str, Any], now: datetime) -> bool:
    """Whether the tenant does not want to keep this session any longer."""
    phase, since = resting(progress)
    days = kept_for.get(CLOCKS.get(phase, ""))
    return days is not None and since + timedelta(days=days) <= now


def check(wished: Mapping[str, Any]) -> None:
    """Raises `RetentionInvalid` unless each is a number of days, or null for keeping."""
    for name, days in wished.items():
        if days is not None and not 1 <= days <= LONGEST_DAYS:
            raise RetentionInvalid(f"{name} must be 1 to {LONGEST_DAYS} days, or null to keep sessions")
