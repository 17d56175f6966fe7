"""What the verbs of onboarding need, who calls, how a session is found, and how a decision is kept."""

import hmac
import re
from collections.abc import Mapping
from datetime import datetime

import msgspec

from frontdesk.basics.clock import Clock
from frontdesk.kernel import blobs, idempotency
from frontdesk.kernel import change as changes
from frontdesk.kernel.change import Change
from frontdesk.kernel.events import Fact
from frontdesk.kernel.idempotency import Claim
from frontdesk.kernel.outbox import Intent
from frontdesk.kernel.vault import Vault, digest
from frontdesk.onboarding.model.session import LIFECYCLE, Note, Outcome, Progress
from frontdesk.onboarding.model.skill import Skill
from frontdesk.onboarding.model.terms import Terms, terms_of
from frontdesk.onboarding.rules.refusals import (
    InvalidClient,
    InvalidSession,
    InvalidSkill,
    UnknownSession,
    WrongAppKey,
    WrongSecret,
)
from frontdesk.onboarding.service import tokens
from frontdesk.onboarding.steps.registry import Skills
from frontdesk.onboarding.store import clients
from frontdesk.onboarding.store import sessions as store
from frontdesk.onboarding.store.clients import Client
from frontdesk.onboarding.store.sessions import Dossier
from frontdesk.ports.bank import Bank
from frontdesk.ports.blobs import Blobs
from frontdesk.ports.db import Db, Write
from frontdesk.ports.ocr import Ocr
from frontdesk.ports.wakeup import Wakeup

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


class Needs(msgspec.Struct, frozen=True):
    """`banks` are the connectors by name; `public_url` is where banks send users back to; `code` is the one-time code
    of sandboxes. With `allows_nobody` a session may be opened, and its result read, without `tenant_user_id`."""

    db: Db
    blobs: Blobs
    wakeup: Wakeup
    ocr: Ocr
    vault: Vault
    clock: Clock
    public_url: str
    banks: Mapping[str, Bank]
    skills: Skills
    code: str
    allows_nobody: bool = False


class Repeat(msgspec.Struct, frozen=True):
    """A request with an Idempotency-Key. `scope` is its method and path, `body` its bytes."""

    scope: str
    key: str
    body: bytes

    def claim(self, owner_id: str) -> Claim:
        """As the kernel keeps it."""
        return Claim(owner_id, self.scope, self.key, self.body)


def is_uuid(text: str) -> bool:
    """Whether it is written as a UUID."""
    return _UUID.fullmatch(text) is not None


async def client_of(needs: Needs, client_id: str) -> Client:
    """The client. Raises `InvalidClient`."""
    found = await clients.load(needs.db, client_id) if is_uuid(client_id) else None
    if found is None:
        raise InvalidClient
    return found


async def check_app_key(needs: Needs, client: Client, key: str) -> None:
    """Raises `WrongAppKey`."""
    if not await _is_good(needs, client, key, client.app_key_digest, clients.APP_KEY):
        raise WrongAppKey


async def with_secret(needs: Needs, client_id: str, secret: str) -> Client:
    """The client that holds this secret. Raises `InvalidClient`, `WrongSecret`."""
    client = await client_of(needs, client_id)
    if not await _is_good(needs, client, secret, client.secret_digest, clients.SECRET):
        raise WrongSecret
    return client


async def _is_good(needs: Needs, client: Client, key: str, good: bytes, used_as: str) -> bool:
    if hmac.compare_digest(digest(key), good):
        return True
    return await clients.is_old_key(needs.db, client.tenant_id, key, used_as, needs.clock.now())


async def session_of(needs: Needs, client_id: str, session_id: str) -> Dossier:
    """The client's session. Raises `InvalidClient`, `InvalidSession`, `UnknownSession`."""
    read = await store.load(needs.db, needs.vault, session_id) if is_uuid(session_id) else None
    # One read when all is well; who the client is matters only when it does not own the session.
    if read is None or read.progress.client_id != client_id:
        await client_of(needs, client_id)
        if not is_uuid(session_id):
            raise InvalidSession("The session id must be a UUID")
        raise UnknownSession
    return read


def skill_of(needs: Needs, progress: Progress) -> Skill:
    """The session's skill. Raises `InvalidSkill` when its package was taken away."""
    found = needs.skills.find(progress.skill)
    if found is None:
        raise InvalidSkill("This skill is not offered any more")
    return found


def terms(settings: Mapping[str, object], skill: Skill) -> Terms:
    """What was agreed with the tenant about this skill."""
    return terms_of(settings, skill.name, sandbox=skill.env == "sbx")


def good_nonce(needs: Needs, progress: Progress) -> str:
    """The nonce that the next submission needs."""
    return tokens.nonce(needs.vault, progress.session_id, progress.client_id, progress.serial)


async def answered(needs: Needs, repeat: Repeat | None, owner_id: str, now: datetime) -> bytes | None:
    """The answer that this request got before. Raises `KeyReused`."""
    if repeat is None:
        return None
    return await idempotency.earlier_answer(needs.db, needs.vault, repeat.claim(owner_id), now)


def remembered(needs: Needs, repeat: Repeat | None, owner_id: str, answer: bytes, now: datetime) -> tuple[Write, ...]:
    """The writes that keep an answer for whoever repeats the request."""
    if repeat is None:
        return ()
    return tuple(idempotency.kept(needs.vault, repeat.claim(owner_id), answer, now))


async def keep(
    needs: Needs, read: Dossier, outcome: Outcome, *, writes: tuple[Write, ...] = (), jobs: tuple[Intent, ...] = ()
) -> None:
    """Commit what was decided; then raise its refusal, if it is one. Raises `Conflict`."""
    await changes.commit(needs.db, needs.wakeup, composed(needs, read, outcome, writes=writes, jobs=jobs))
    if outcome.refusal is not None:
        raise outcome.refusal


def composed(
    needs: Needs, read: Dossier, outcome: Outcome, *, writes: tuple[Write, ...] = (), jobs: tuple[Intent, ...] = ()
) -> Change:
    """The change that a decision is."""
    now = needs.clock.now()
    after = outcome.progress
    gone = _objects(read.progress) - _objects(after) if after.taken is not read.progress.taken else set()
    return changes.change(
        read.session,
        LIFECYCLE,
        outcome.verb,
        read.seal,
        [Fact(name, facts) for name, facts in outcome.events],
        now,
        writes=[store.updated(read, after), *writes, *(blobs.doomed(key, now) for key in sorted(gone))],
        jobs=[*(_job(read, note) for note in outcome.jobs), *jobs],
        expires_at=after.expires_at,
    )


def _objects(progress: Progress) -> set[str]:
    return {upload.key for taken in progress.taken for upload in taken.uploads}


def _job(read: Dossier, note: Note) -> Intent:
    name, argument = note
    # The version makes the key new for each change: a step may be worked on again later.
    key = f"{name} {read.session.id} {read.session.version + 1}"
    return Intent(name, key, {"session_id": read.session.id, **argument}, read.session.id)
