"""Sessions begin, and links live longer."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import msgspec
from msgspec.structs import replace

from frontdesk.kyc.model.definition import Definition
from frontdesk.kyc.model.session import DECIDED, Outcome, Progress, StepState
from frontdesk.kyc.rules.refusals import Conflicting, Invalid
from frontdesk.kyc.rules.steps import StatusForbids

DEFAULT_TTL_DAYS = 7
LONGEST_TTL_DAYS = 90
LARGEST_METADATA = 8 * 1024


class LifeInvalid(Invalid):
    """The time that a link is to live is out of range."""

    reason: ClassVar[str] = "life_invalid"


class MetadataTooLarge(Invalid):
    """More metadata than a session may carry."""

    reason: ClassVar[str] = "metadata_too_large"


class WorkflowIsDraft(Conflicting):
    """Drafts open no sessions."""

    reason: ClassVar[str] = "workflow_is_draft"


def start(
    definition: Definition,
    session_id: str,
    now: datetime,
    *,
    ttl_days: int = DEFAULT_TTL_DAYS,
    metadata: Mapping[str, Any] | None = None,
) -> Outcome:
    """Open a session. The answer is its progress; there is no verb, because there was no status before."""
    if definition.status == "draft":
        raise WorkflowIsDraft("This workflow is a draft: activate it before opening sessions")
    check_metadata(metadata, LARGEST_METADATA)
    expires_at = now + timedelta(days=check_ttl(ttl_days))
    opened = fresh(definition, session_id, now, expires_at, ttl_days)
    return Outcome(opened, events=(("kyc.session.created", {}),), answer=opened)


def fresh(
    definition: Definition,
    session_id: str,
    now: datetime,
    expires_at: datetime,
    ttl_days: int,
    parent_session_id: str | None = None,
) -> Progress:
    """A session in which nothing has happened yet."""
    steps = tuple([StepState(step.step_id) for step in definition.steps])
    return Progress(
        session_id,
        definition,
        now,
        expires_at,
        ttl_days,
        steps=steps,
        parent_session_id=parent_session_id,
    )


def extend(
    progress: Progress, now: datetime, *, ttl_days: int | None = None, expires_at: datetime | None = None
) -> Outcome:
    """Move the link's end, also of one that has expired. The answer is the new end."""
    if (ttl_days is None) is (expires_at is None):
        raise LifeInvalid("Give either ttl_days or expires_at")
    _check_undecided(progress)
    until = now + timedelta(days=check_ttl(ttl_days)) if ttl_days is not None else expires_at
    if until is None or until <= now:
        raise LifeInvalid("expires_at must be in the future")
    if until > now + timedelta(days=LONGEST_TTL_DAYS):
        raise LifeInvalid(f"A link lives at most {LONGEST_TTL_DAYS} days from now")
    after = replace(progress, expires_at=until)
    return Outcome(after, events=(("kyc.link_extended", {}),), answer=until)


def renew_link(progress: Progress, now: datetime, ttl_days: int | None = None) -> Outcome:
    """A new link in place of the old one. The answer is its end; the token itself is the caller's affair."""
    _check_undecided(progress)
    days = progress.ttl_days if ttl_days is None else check_ttl(ttl_days)
    until = now + timedelta(days=days)
    return Outcome(replace(progress, expires_at=until), events=(("kyc.link_renewed", {}),), answer=until)


def check_ttl(ttl_days: int) -> int:
    """Raises `LifeInvalid`."""
    if not 1 <= ttl_days <= LONGEST_TTL_DAYS:
        raise LifeInvalid(f"ttl_days must be 1 to {LONGEST_TTL_DAYS}")
    return ttl_days


def check_metadata(metadata: Mapping[str, Any] | None, limit: int) -> None:
    """Raises `MetadataTooLarge`."""
    if metadata and len(msgspec.json.encode(metadata)) > limit:
        raise MetadataTooLarge(f"metadata must have at most {limit} bytes")


def _check_undecided(progress: Progress) -> None:
    if progress.status in DECIDED:
        raise StatusForbids(f"This is not possible while the status is {progress.status}")
