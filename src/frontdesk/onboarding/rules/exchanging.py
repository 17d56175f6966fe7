"""The end of a session and what comes of it: the exchange, and a consent's life afterwards."""

from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from frontdesk.onboarding.model.session import COMPLETED, CONSENT_LIFECYCLE, Consent, Outcome, Progress
from frontdesk.onboarding.model.skill import Skill
from frontdesk.onboarding.model.terms import Terms
from frontdesk.onboarding.rules.refusals import (
    ExpiredCredentials,
    InactiveCredentials,
    InvalidInput,
    InvalidRetention,
    InvalidTempToken,
)
from frontdesk.onboarding.rules.stepping import missing_uploads


def check_token(progress: Progress, now: datetime) -> None:
    """Whether the session's token can be exchanged. Raises `InvalidTempToken`."""
    token = progress.token
    if progress.status != COMPLETED or token is None or token.exchanged_at is not None or token.until <= now:
        raise InvalidTempToken


def refused_again(progress: Progress) -> Outcome | None:
    """A second exchange leaves a trace, and takes nothing back: double clicks are common.

    A third leaves none: whoever holds a used token could fill the log.
    """
    token = progress.token
    if token is None or token.exchanged_at is None or token.tried_again:
        return None
    traced = replace(progress, token=replace(token, tried_again=True))
    return Outcome(traced, None, (("onboarding.exchange_refused", {}),), refusal=InvalidTempToken())


def exchanged(
    progress: Progress, skill: Skill, terms: Terms, now: datetime, *, credentials_id: str, bank_until: datetime | None
) -> tuple[Outcome, datetime, datetime]:
    """The session as exchanged; when the consent ends, and until when anything is kept. Raises `InvalidInput`."""
    missing = missing_uploads(progress, skill)
    if missing:
        raise InvalidInput(f"Files of the last step are missing: {', '.join(missing)}")
    if progress.token is None:
        raise InvalidTempToken
    ends_at = now + timedelta(minutes=terms.consent_minutes)
    retained_until = max(now + timedelta(minutes=terms.retention_minutes), now)
    if bank_until is not None:
        ends_at = min(ends_at, bank_until)
    token = replace(progress.token, exchanged_at=now, credentials_id=credentials_id)
    # The session is due when its consent ends, and then again when nothing of it may be kept any longer.
    after = replace(progress, token=token, expires_at=min(ends_at, retained_until))
    told = ("onboarding.token_exchanged", {"credentials_id": credentials_id})
    return Outcome(after, "exchange", (told,)), ends_at, retained_until


def consent_status(consent: Consent, now: datetime) -> str:
    """The status as time has it."""
    if CONSENT_LIFECYCLE.allows(consent.status, "expire") and min(consent.ends_at, consent.retained_until) <= now:
        return CONSENT_LIFECYCLE.move(consent.status, "expire")
    return consent.status


def check_active(consent: Consent, now: datetime) -> None:
    """Whether the consent opens anything now. Raises `InactiveCredentials`, `ExpiredCredentials`."""
    status = consent_status(consent, now)
    if status == "DELETED":
        raise InactiveCredentials
    if status == "EXPIRED":
        raise ExpiredCredentials


def deleted(consent: Consent, terms: Terms, retention: Any, now: datetime) -> Consent | None:
    """The consent as deleted; None if it was already. `retention` is in minutes. Raises `InvalidRetention`."""
    is_number = isinstance(retention, int) and not isinstance(retention, bool)
    if retention is not None and not (is_number and 0 <= retention <= terms.retention_minutes):
        raise InvalidRetention(terms.retention_minutes)
    if consent.status == "DELETED":
        return None
    minutes = terms.deleted_minutes if retention is None else retention
    retained = consent.retained_until if minutes is None else now + timedelta(minutes=minutes)
    status = CONSENT_LIFECYCLE.move(consent_status(consent, now), "delete")
    return replace(consent, status=status, updated_at=now, retained_until=min(retained, consent.retained_until))


def lapsed(consent: Consent, now: datetime) -> Consent | None:
    """The consent as expired, because its bank says so or because its time is over; None if it has ended already."""
    if not CONSENT_LIFECYCLE.allows(consent.status, "expire"):
        return None
    return replace(
        consent,
        status=CONSENT_LIFECYCLE.move(consent.status, "expire"),
        updated_at=now,
        ends_at=min(consent.ends_at, now),
    )
