"""Sessions of onboarding: the kernel's row joined with ours, and the sealed record between them and the rules."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from frontdesk.basics.clock import to_micros
from frontdesk.kernel import sessions
from frontdesk.kernel.sessions import Session
from frontdesk.kernel.vault import Seal, Vault
from frontdesk.onboarding.model.session import OPEN, Claim, Journey, Offline, Pass, Progress, Taken
from frontdesk.ports.db import Db, Row, Write

KIND = "onboarding"
_OURS = "o.skill, o.record, t.client_id, t.name, t.settings"
_JOINED = "JOIN onboarding_sessions o ON o.session_id = s.id JOIN tenants t ON t.id = s.tenant_id"
INSERT = "INSERT INTO onboarding_sessions (session_id, skill, mark, record) VALUES ($1, $2, $3, $4)"
UPDATE = "UPDATE onboarding_sessions SET record = $2 WHERE session_id = $1"
UPDATE_JOURNEY = "UPDATE onboarding_sessions SET record = $2, state_digest = $3 WHERE session_id = $1"
UPDATE_ENDED = """
UPDATE onboarding_sessions SET record = $2, state_digest = NULL, mark = NULL WHERE session_id = $1
"""
DELETE = "DELETE FROM onboarding_sessions WHERE session_id = $1"
SELECT = f"SELECT {sessions.COLUMNS}, {_OURS} FROM sessions s {_JOINED} WHERE s.id = $1 AND s.kind = 'onboarding'"
SELECT_BY_STATE = f"""
SELECT {sessions.COLUMNS}, {_OURS} FROM onboarding_sessions o
JOIN sessions s ON s.id = o.session_id JOIN tenants t ON t.id = s.tenant_id
WHERE o.state_digest = $1
"""
SELECT_BETWEEN = f"""
SELECT {sessions.COLUMNS}, {_OURS} FROM sessions s {_JOINED}
WHERE s.id >= $1 AND s.id <= $2 AND s.kind = 'onboarding' LIMIT 8
"""
SELECT_OPEN = f"""
SELECT {sessions.COLUMNS}, {_OURS} FROM onboarding_sessions o
JOIN sessions s ON s.id = o.session_id JOIN tenants t ON t.id = s.tenant_id
WHERE o.mark = $1 AND s.expires_at > $2 ORDER BY o.session_id
"""


class Record(msgspec.Struct, frozen=True, array_like=True):
    """What is sealed: everything that the session was told, and how far it is."""

    user_id: str
    place: int
    serial: int
    nonce_until: datetime
    rejections: int = 0
    taken: tuple[Taken, ...] = ()
    values: Mapping[str, Mapping[str, Any]] = {}
    kept: Mapping[str, Any] = {}
    claim: Claim | None = None
    journey: Journey | None = None
    offline: Offline | None = None
    runs: int = 0
    token: Pass | None = None


_decoder = msgspec.msgpack.Decoder(Record)
_encoder = msgspec.msgpack.Encoder()
_settings = msgspec.json.Decoder(dict[str, Any])


class Dossier(msgspec.Struct, frozen=True):
    """A session as read: the kernel's row, its seal, what rules need of it, and its tenant's name and settings."""

    session: Session
    seal: Seal
    progress: Progress
    client_name: str
    tenant_settings: dict[str, Any]


async def load(db: Db, vault: Vault, session_id: str) -> Dossier | None:
    """The session with this id."""
    row = await db.one(SELECT, session_id)
    return None if row is None else _dossier(vault, row)


async def by_state(db: Db, vault: Vault, state_digest: bytes) -> Dossier | None:
    """The session whose user comes back from a bank with this state."""
    row = await db.one(SELECT_BY_STATE, state_digest)
    return None if row is None else _dossier(vault, row)


async def by_step(db: Db, vault: Vault, step_id: str) -> Dossier | None:
    """The session that accepted this step. A step's id begins as its session's does, so no table is needed."""
    start = step_id[:-12]
    for row in await db.all(SELECT_BETWEEN, start + "0" * 12, start + "f" * 12):
        found = _dossier(vault, row)
        if found.progress.step_taken(step_id) is not None:
            return found
    return None


async def open_ones(db: Db, vault: Vault, mark: bytes, now: datetime) -> list[Dossier]:
    """The open sessions of one user and skill, the oldest first."""
    return [_dossier(vault, row) for row in await db.all(SELECT_OPEN, mark, to_micros(now))]


def inserted(progress: Progress, seal: Seal, mark: bytes) -> Write:
    """Keep what a new session begins with."""
    return Write(INSERT, (progress.session_id, progress.skill, mark, _close(progress, seal)))


def updated(read: Dossier, progress: Progress) -> Write:
    """Keep what a decision made of the session."""
    # The indexed columns are left out where they stay as they are: writing them costs two more index entries.
    record = _close(progress, read.seal)
    if progress.status not in OPEN:
        return Write(UPDATE_ENDED, (progress.session_id, record), expect=1)
    before, after = _state(read.progress), _state(progress)
    if before != after:
        return Write(UPDATE_JOURNEY, (progress.session_id, record, after), expect=1)
    return Write(UPDATE, (progress.session_id, record), expect=1)


def deleted(session_id: str) -> Write:
    """Remove what the session has collected."""
    return Write(DELETE, (session_id,))


def _state(progress: Progress) -> bytes | None:
    # Two sessions may both have used theirs up: an empty digest is no digest.
    return progress.journey.state or None if progress.journey is not None else None


def _dossier(vault: Vault, row: Row) -> Dossier:
    session = sessions.from_row(row)
    skill, sealed, client_id, client_name, settings = row[sessions.WIDTH : sessions.WIDTH + 5]
    seal = vault.open_session_key(session.id, session.wrapped_key)
    record = _decoder.decode(seal.unseal(bytes(sealed), f"record {session.id}"))
    progress = Progress(
        session.id,
        session.tenant_id,
        client_id,
        skill,
        record.user_id,
        session.status,
        session.created_at,
        session.expires_at,
        record.place,
        record.serial,
        record.nonce_until,
        record.rejections,
        record.taken,
        record.values,
        record.kept,
        record.claim,
        record.journey,
        record.offline,
        record.runs,
        record.token,
    )
    return Dossier(session, seal, progress, client_name, {} if settings == "{}" else _settings.decode(settings))


def _close(progress: Progress, seal: Seal) -> bytes:
    record = Record(
        progress.user_id,
        progress.place,
        progress.serial,
        progress.nonce_until,
        progress.rejections,
        progress.taken,
        progress.values,
        progress.kept,
        progress.claim,
        progress.journey,
        progress.offline,
        progress.runs,
        progress.token,
    )
    return seal.seal(_encoder.encode(record), f"record {progress.session_id}")
