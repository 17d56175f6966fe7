"""What the operator of the server arranges for a client: fresh keys, skills, and who may sign for it."""

import secrets
from datetime import timedelta
from typing import ClassVar

import msgspec

from frontdesk.basics.ids import uuid7
from frontdesk.kernel import change as changes
from frontdesk.kernel import tenants
from frontdesk.onboarding.rules.refusals import InvalidClient, InvalidField, InvalidInput, InvalidSkill
from frontdesk.onboarding.rules.signing_keys import MOST_KEYS, parse_public_keys
from frontdesk.onboarding.service.needs import Needs
from frontdesk.onboarding.store import clients
from frontdesk.onboarding.store.clients import Client
from frontdesk.onboarding.store.clients import Signer as Signer

KEYS = (clients.APP_KEY, clients.SECRET)


class TooManyKeys(InvalidInput):
    """An account has as many key pairs as it may have."""

    code: ClassVar[str] = "invalid_input"

    def __init__(self) -> None:
        super().__init__(f"An account has at most {MOST_KEYS} keys; end one first")


class Agreed(msgspec.Struct, frozen=True):
    """What is agreed about a skill; None leaves it as it is. Durations in minutes."""

    subscribed: bool | None = None
    consent_duration: int | None = None
    cache_max_data_retention: int | None = None


AGREED = ("subscribed", "consent_duration", "cache_max_data_retention")


async def rotate(needs: Needs, tenant_id: str, used_as: str, overlap: timedelta) -> str:
    """A fresh `client_app_key` or `client_secret`, shown this once; the present one is good for `overlap` longer."""
    if used_as not in KEYS:
        raise InvalidField("key", " or ".join(KEYS))

    async def turn() -> str:
        client, now, key = await _client(needs, tenant_id), needs.clock.now(), secrets.token_urlsafe(32)
        await needs.db.commit(clients.replaced(client, used_as, key, now + overlap, now))
        return key

    return await changes.again(turn)


async def agree(needs: Needs, tenant_id: str, skill: str, agreed: Agreed) -> None:
    """Subscribe a tenant to a skill or take it away, and set how long its consents last."""
    if needs.skills.find(skill) is None:
        raise InvalidSkill("skill: there is no such skill")
    wanted = {name: getattr(agreed, name) for name in AGREED if getattr(agreed, name) is not None}
    for name, value in wanted.items():
        if name != "subscribed" and value < 0:
            raise InvalidField(name, "minutes, zero or more")

    async def turn() -> None:
        read = await tenants.load(needs.db, tenant_id)
        if read is None:
            raise InvalidClient
        about = dict(read.settings.get("onboarding", {}))
        skills = {**about.get("skills", {})}
        skills[skill] = {**skills.get(skill, {}), **wanted}
        settings = {**read.settings, "onboarding": {**about, "skills": skills}}
        await needs.db.commit([tenants.changed(read, settings, read.webhook_secret)])

    await changes.again(turn)


async def add_signers(needs: Needs, tenant_id: str, email: str, text: str) -> list[Signer]:
    """Register the public keys in `text` (PEM, JWK or JWKS) for a service account. Raises `UnusableKey`."""
    if "@" not in email or len(email) > 254 or not email.isascii() or any(char.isspace() for char in email):
        raise InvalidField("email", "the address of a service account")
    now = needs.clock.now()
    client = await _client(needs, tenant_id)
    known = await clients.signers(needs.db, email, now)
    added = [Signer(uuid7(), client.tenant_id, email, key.kid, key.pem, now, None) for key in parse_public_keys(text)]
    own = [one for one in known if one.tenant_id == client.tenant_id]
    if {one.public_key for one in own} & {one.public_key for one in added}:
        # Ended once, it would go on to be good as the other.
        raise InvalidField("key", "one that the account does not have already")
    if len(own) + len(added) > MOST_KEYS:
        raise TooManyKeys
    await needs.db.commit([clients.signer_added(one) for one in added])
    return added


async def signers(needs: Needs, tenant_id: str) -> list[Signer]:
    """Every key that may sign, or might, for the tenant."""
    return await clients.signers_of(needs.db, tenant_id)


async def end_signer(needs: Needs, tenant_id: str, signer_id: str, overlap: timedelta) -> None:
    """Let a key sign for `overlap` longer, and then no more. Raises `Conflict` when there is no such key."""
    await needs.db.commit([clients.signer_ended(tenant_id, signer_id, needs.clock.now() + overlap)])


async def client_id_of(needs: Needs, tenant_id: str) -> str:
    """The tenant's `client_id`. Raises `InvalidClient`."""
    return (await _client(needs, tenant_id)).client_id


async def _client(needs: Needs, tenant_id: str) -> Client:
    client_id = await clients.id_of(needs.db, tenant_id)
    found = None if client_id is None else await clients.load(needs.db, client_id)
    if found is None:
        raise InvalidClient
    return found
