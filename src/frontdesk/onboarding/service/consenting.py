"""Consents: who may use one, what it is, and its end."""

import hmac
from contextlib import suppress
from typing import Any

import msgspec
from msgspec.structs import replace

from frontdesk.basics.errors import Missing
from frontdesk.kernel import change as changes
from frontdesk.kernel.outbox import Intent
from frontdesk.kernel.vault import digest
from frontdesk.onboarding.model.session import Consent, Note, Outcome
from frontdesk.onboarding.model.skill import Skill
from frontdesk.onboarding.model.terms import terms_of
from frontdesk.onboarding.rules import exchanging
from frontdesk.onboarding.rules.refusals import (
    MalformedAccessToken,
    MalformedCredentials,
    UnknownCredentials,
    WrongAccessToken,
)
from frontdesk.onboarding.service import tokens
from frontdesk.onboarding.service.needs import Needs, Repeat, answered, is_uuid, keep, remembered, with_secret
from frontdesk.onboarding.store import consents
from frontdesk.onboarding.store import sessions as store
from frontdesk.onboarding.store.clients import Client
from frontdesk.onboarding.store.sessions import Dossier
from frontdesk.ports.db import Write

REVOKE_JOB = "onboarding.revoke_consent"


class Holder(msgspec.Struct, frozen=True):
    """A tenant's server with the token of a consent. `tenant_user_id` None: it was not told, and need not be."""

    client_id: str
    client_secret: str
    credentials_id: str
    access_token: str
    tenant_user_id: str | None = None


class Held(msgspec.Struct, frozen=True):
    """A consent with its client, and with its skill unless the skill's package was taken away."""

    client: Client
    consent: Consent
    skill: Skill | None


async def held(needs: Needs, holder: Holder) -> Held:
    """The consent that the token opens, whatever its status. Raises what section 6 of the reference names."""
    client = await with_secret(needs, holder.client_id, holder.client_secret)
    if not is_uuid(holder.credentials_id):
        raise MalformedCredentials
    if not tokens.is_access_token(holder.access_token):
        raise MalformedAccessToken
    consent = await consents.load(needs.db, holder.credentials_id)
    if consent is None or consent.tenant_id != client.tenant_id:
        raise UnknownCredentials
    if holder.tenant_user_id is not None:
        mark = tokens.user_mark(needs.vault, client.tenant_id, holder.tenant_user_id)
        if not hmac.compare_digest(mark, consent.user_mark):
            raise UnknownCredentials
    if not hmac.compare_digest(digest(holder.access_token), consent.access_digest):
        raise WrongAccessToken
    return Held(client, consent, needs.skills.find(consent.skill))


async def look(needs: Needs, holder: Holder) -> Held:
    """The consent as it is now."""
    found = await held(needs, holder)
    status = exchanging.consent_status(found.consent, needs.clock.now())
    return replace(found, consent=replace(found.consent, status=status))


async def delete(needs: Needs, holder: Holder, retention: Any, repeat: Repeat | None = None) -> Held:
    """End the consent here and at the bank; again is no error. `retention` is in minutes."""

    async def turn() -> Held:
        found = await held(needs, holder)
        now = needs.clock.now()
        if await answered(needs, repeat, found.consent.session_id, now) is not None:
            return found
        consent = found.consent
        terms = terms_of(found.client.settings, consent.skill, sandbox=True)
        after = exchanging.deleted(consent, terms, retention, now)
        if after is None:
            return found
        read = await store.load(needs.db, needs.vault, consent.session_id)
        if read is None:  # all that was gathered is erased already
            await needs.db.commit([consents.updated(consent, after)])
            return replace(found, consent=after)
        # The session lives as long as what was gathered: its end is the end of both.
        outcome = Outcome(
            replace(read.progress, expires_at=after.retained_until),
            None,
            (("onboarding.consent_deleted", {"credentials_id": consent.credentials_id}),),
        )
        writes: tuple[Write, ...] = (consents.updated(consent, after),)
        if repeat is not None:
            writes += remembered(needs, repeat, consent.session_id, b"{}", now)
        key = f"{REVOKE_JOB} {consent.credentials_id}"
        job = Intent(REVOKE_JOB, key, {"credentials_id": consent.credentials_id}, consent.session_id)
        await keep(needs, read, outcome, writes=writes, jobs=(job,))
        return replace(found, consent=after)

    return await changes.again(turn)


async def lapse(needs: Needs, consent: Consent, *, told_by_bank: bool = False) -> None:
    """Write down that a consent has ended, because its time is over or because its bank says so."""

    async def turn() -> None:
        read_consent = await consents.load(needs.db, consent.credentials_id)
        now = needs.clock.now()
        if read_consent is None:
            return
        over = told_by_bank or exchanging.consent_status(read_consent, now) != read_consent.status
        after = exchanging.lapsed(read_consent, now) if over else None
        read = None if after is None else await store.load(needs.db, needs.vault, consent.session_id)
        if after is None or read is None:
            return
        told: Note = ("onboarding.consent_expired", {"credentials_id": consent.credentials_id})
        # What was gathered stays for its own time: the session is due again then.
        kept = replace(read.progress, expires_at=after.retained_until)
        await keep(needs, read, Outcome(kept, None, (told,)), writes=(consents.updated(read_consent, after),))

    await changes.again(turn)


async def revoke(needs: Needs, credentials_id: str) -> None:
    """The job: end a deleted consent at its bank. Raises the bank's fault, to be tried again."""
    consent = await consents.load(needs.db, credentials_id)
    read = None if consent is None else await store.load(needs.db, needs.vault, consent.session_id)
    if read is not None:
        await revoked(needs, read)


async def revoked(needs: Needs, read: Dossier) -> None:
    """Tell the bank that the grant of this session is given back."""
    skill, grant = needs.skills.find(read.progress.skill), read.progress.kept.get("grant")
    bank = needs.banks.get(skill.bank) if skill is not None and skill.grants == "accounts" else None
    if bank is not None and grant is not None:
        with suppress(Missing):
            await bank.delete_consent(grant)
