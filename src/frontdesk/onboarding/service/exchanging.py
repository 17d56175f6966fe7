"""Exchanging the token at the end of a session for a lasting one: once, by the tenant's server."""

from datetime import datetime

import msgspec

from frontdesk.basics.clock import from_micros
from frontdesk.basics.ids import uuid4
from frontdesk.kernel import change as changes
from frontdesk.kernel.vault import digest
from frontdesk.onboarding.model.session import CONSENT_LIFECYCLE, Consent
from frontdesk.onboarding.rules import exchanging
from frontdesk.onboarding.rules.refusals import ForeignClient, InvalidTempToken
from frontdesk.onboarding.service import tokens
from frontdesk.onboarding.service.needs import (
    Needs,
    Repeat,
    answered,
    keep,
    remembered,
    skill_of,
    terms,
    with_secret,
)
from frontdesk.onboarding.store import consents
from frontdesk.onboarding.store import sessions as store
from frontdesk.ports.db import Write


class Exchanged(msgspec.Struct, frozen=True):
    """The lasting authorisation. The instants are when it lapses, and when all that was gathered is erased."""

    credentials_id: str
    access_token: str
    consent_exp: datetime
    max_data_retention: datetime


async def exchange(
    needs: Needs, client_id: str, client_secret: str, temp_token: str, repeat: Repeat | None = None
) -> Exchanged:
    """Exchange the token. Raises `WrongSecret`, `ForeignClient`, `InvalidTempToken`, `InvalidInput`."""

    async def turn() -> Exchanged:
        now = needs.clock.now()
        client = await with_secret(needs, client_id, client_secret)
        session_id = tokens.session_of(needs.vault, temp_token)
        read = None if session_id is None else await store.load(needs.db, needs.vault, session_id)
        if read is None:
            raise InvalidTempToken
        if read.session.tenant_id != client.tenant_id:
            raise ForeignClient
        earlier = await answered(needs, repeat, read.session.id, now)
        if earlier is not None:
            return msgspec.json.decode(earlier, type=Exchanged)
        refused = exchanging.refused_again(read.progress)
        if refused is not None:
            await keep(needs, read, refused)
        exchanging.check_token(read.progress, now)
        skill, credentials_id = skill_of(needs, read.progress), uuid4()
        until = read.progress.kept.get("grant_until")
        outcome, ends_at, retained_until = exchanging.exchanged(
            read.progress,
            skill,
            terms(client.settings, skill),
            now,
            credentials_id=credentials_id,
            bank_until=None if until is None else from_micros(until),
        )
        token = tokens.access_token(needs.vault, credentials_id)
        consent = Consent(
            credentials_id,
            client.tenant_id,
            read.session.id,
            skill.name,
            digest(token),
            tokens.user_mark(needs.vault, client.tenant_id, read.progress.user_id),
            CONSENT_LIFECYCLE.start,
            1,
            now,
            now,
            ends_at,
            retained_until,
        )
        exchanged = Exchanged(credentials_id, token, ends_at, retained_until)
        writes: tuple[Write, ...] = (consents.inserted(consent),)
        if repeat is not None:
            writes += remembered(needs, repeat, read.session.id, msgspec.json.encode(exchanged), now)
        await keep(needs, read, outcome, writes=writes)
        return exchanged

    return await changes.again(turn)
