"""Sessions over forms: what was said and set, sealed in one record beside the kernel's row."""

from dataclasses import dataclass

import msgspec

from frontdesk.forms.model.field import Layout
from frontdesk.forms.model.session import Mark, Render, Sheet, Spoken
from frontdesk.forms.store.forms import Layouts
from frontdesk.kernel import sessions
from frontdesk.kernel.sessions import Session
from frontdesk.kernel.vault import Seal, Vault
from frontdesk.ports.db import Db, Row, Write

KIND = "forms"
_OURS = "r.record, p.wrapped_key"
_JOINED = "JOIN forms_records r ON r.session_id = s.id JOIN sessions p ON p.id = s.parent_id"
INSERT = "INSERT INTO forms_records (session_id, record) VALUES ($1, $2)"
UPDATE = "UPDATE forms_records SET record = $2 WHERE session_id = $1"
SELECT = f"""
SELECT {sessions.COLUMNS}, {_OURS} FROM sessions s {_JOINED} WHERE s.id = $1 AND s.tenant_id = $2 AND s.kind = 'forms'
"""
SELECT_FOR_JOB = f"SELECT {sessions.COLUMNS}, {_OURS} FROM sessions s {_JOINED} WHERE s.id = $1 AND s.kind = 'forms'"


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is sealed."""

    marks: dict[int, Mark] = {}
    spoken: tuple[Spoken, ...] = ()
    asked: str | None = None
    flatten: bool = False
    render: Render | None = None


_decoder = msgspec.msgpack.Decoder(Record)
_encoder = msgspec.msgpack.Encoder()


@dataclass(frozen=True, slots=True)
class Dossier:
    """A session as read: the kernel's row, its seal, and the sheet that rules decide on."""

    session: Session
    seal: Seal
    sheet: Sheet

    @property
    def id(self) -> str:
        """The id inside."""
        return self.session.id

    @property
    def form_id(self) -> str:
        """The form that the session is over."""
        return self.session.parent_id or ""


async def load(db: Db, vault: Vault, layouts: Layouts, session_id: str, tenant_id: str) -> Dossier | None:
    """The tenant's session. Without its form there is none: a session ends with the form."""
    row = await db.one(SELECT, session_id, tenant_id)
    return None if row is None else await _dossier(db, vault, layouts, row)


async def for_job(db: Db, vault: Vault, layouts: Layouts, session_id: str) -> Dossier | None:
    """The session that a job was queued for; None when it was erased meanwhile."""
    row = await db.one(SELECT_FOR_JOB, session_id)
    return None if row is None else await _dossier(db, vault, layouts, row)


def inserted(session: Session, seal: Seal, sheet: Sheet) -> Write:
    """Keep a new session."""
    return Write(INSERT, (session.id, _closed(session.id, seal, sheet)))


def updated(read: Dossier, sheet: Sheet) -> Write:
    """Keep what a decision made of the session."""
    return Write(UPDATE, (read.id, _closed(read.id, read.seal, sheet)), expect=1)


async def _dossier(db: Db, vault: Vault, layouts: Layouts, row: Row) -> Dossier:
    session = sessions.from_row(row)
    sealed, form_key = row[sessions.WIDTH :]
    seal = vault.open_session_key(session.id, session.wrapped_key)
    record = _decoder.decode(seal.unseal(bytes(sealed), f"record {session.id}"))
    layout: Layout = await layouts.load(db, vault, session.parent_id or "", bytes(form_key))
    sheet = Sheet(layout, session.status, record.marks, record.spoken, record.asked, record.flatten, record.render)
    return Dossier(session, seal, sheet)


def _closed(session_id: str, seal: Seal, sheet: Sheet) -> bytes:
    record = Record(dict(sheet.marks), sheet.spoken, sheet.asked, sheet.flatten, sheet.render)
    return seal.seal(_encoder.encode(record), f"record {session_id}")
