"""Forms: a sealed record beside the kernel's row, and the sealed layout once it is known."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

import msgspec

from frontdesk.basics.clock import to_micros
from frontdesk.forms.model.field import Layout
from frontdesk.forms.model.form import Paper
from frontdesk.kernel import sessions
from frontdesk.kernel.sessions import Session
from frontdesk.kernel.vault import Seal, Vault
from frontdesk.ports.db import Db, Row, Write

KIND = "form"
_JOINED = "JOIN forms_records r ON r.session_id = s.id"
INSERT = "INSERT INTO forms_records (session_id, record) VALUES ($1, $2)"
UPDATE = "UPDATE forms_records SET record = $2 WHERE session_id = $1"
DELETE = "DELETE FROM forms_records WHERE session_id = $1"
SELECT = f"""
SELECT {sessions.COLUMNS}, r.record FROM sessions s {_JOINED} WHERE s.id = $1 AND s.tenant_id = $2 AND s.kind = 'form'
"""
SELECT_FOR_JOB = f"SELECT {sessions.COLUMNS}, r.record FROM sessions s {_JOINED} WHERE s.id = $1 AND s.kind = 'form'"
SELECT_BY_STATUS = f"""
SELECT {sessions.COLUMNS}, r.record FROM sessions s {_JOINED}
WHERE s.tenant_id = $1 AND s.kind = 'form' AND s.status = $2 ORDER BY s.created_at DESC, s.id DESC LIMIT $3 OFFSET $4
"""
SELECT_ALL = f"""
SELECT {sessions.COLUMNS}, r.record FROM sessions s {_JOINED}
WHERE s.tenant_id = $1 AND s.kind = 'form' ORDER BY s.created_at DESC, s.id DESC LIMIT $2 OFFSET $3
"""
COUNT = "SELECT COUNT(*) FROM sessions s WHERE s.tenant_id = $1 AND s.kind = 'form'"
SELECT_CHILDREN = (
    f"SELECT {sessions.COLUMNS} FROM sessions s WHERE s.parent_id = $1 ORDER BY s.created_at, s.id LIMIT $2"
)
SELECT_BUSY = "SELECT s.id FROM sessions s WHERE s.parent_id = $1 AND s.status = $2 LIMIT 1"
INSERT_LAYOUT = "INSERT INTO forms_layouts (form_id, tenant_id, digest, sealed, created_at) VALUES ($1, $2, $3, $4, $5)"
SELECT_LAYOUT = "SELECT sealed FROM forms_layouts WHERE form_id = $1"
SELECT_SAME = """
SELECT l.form_id, l.sealed, s.wrapped_key FROM forms_layouts l JOIN sessions s ON s.id = l.form_id
WHERE l.tenant_id = $1 AND l.digest = $2 ORDER BY l.created_at DESC LIMIT 1
"""
DELETE_LAYOUT = "DELETE FROM forms_layouts WHERE form_id = $1"
BUSY = ("filling", "queued", "running")
"""Statuses in which something of a form is being worked on."""

_decoder = msgspec.msgpack.Decoder(Paper)
_layout_decoder = msgspec.msgpack.Decoder(Layout)
_encoder = msgspec.msgpack.Encoder()
_KEPT_IN_MEMORY = 64


@dataclass(frozen=True, slots=True)
class Form:
    """A form as read: the kernel's row, its seal, and what is kept of it."""

    session: Session
    seal: Seal
    paper: Paper

    @property
    def id(self) -> str:
        """The id inside; the published one is the wire's affair."""
        return self.session.id


class Layouts:
    """Layouts by the id of their form, the least used ones forgotten first. A layout never changes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Layout] = OrderedDict()

    async def load(self, db: Db, vault: Vault, form_id: str, wrapped_key: bytes) -> Layout:
        """The layout of a form that is ready."""
        kept = self._kept.get(form_id)
        if kept is not None:
            self._kept.move_to_end(form_id)
            return kept
        row = await db.one(SELECT_LAYOUT, form_id)
        if row is None:
            raise LookupError(f"form {form_id} has lost its layout")
        layout = _opened_layout(vault.open_session_key(form_id, wrapped_key), form_id, bytes(row[0]))
        self._kept[form_id] = layout
        if len(self._kept) > _KEPT_IN_MEMORY:
            self._kept.popitem(last=False)
        return layout

    def forget(self, form_id: str) -> None:
        """Drop the layout of an erased form."""
        self._kept.pop(form_id, None)


async def load(db: Db, vault: Vault, form_id: str, tenant_id: str) -> Form | None:
    """The tenant's form."""
    row = await db.one(SELECT, form_id, tenant_id)
    return None if row is None else _form(vault, row)


async def for_job(db: Db, vault: Vault, form_id: str) -> Form | None:
    """The form that a job was queued for; None when it was erased meanwhile."""
    row = await db.one(SELECT_FOR_JOB, form_id)
    return None if row is None else _form(vault, row)


async def in_status(db: Db, vault: Vault, tenant_id: str, status: str, limit: int, offset: int = 0) -> list[Form]:
    """The tenant's forms in one status, the newest first."""
    return [_form(vault, row) for row in await db.all(SELECT_BY_STATUS, tenant_id, status, limit, offset)]


async def listed(db: Db, vault: Vault, tenant_id: str, limit: int, offset: int) -> tuple[list[Form], int]:
    """One page of all the tenant's forms, the newest first, and how many there are."""
    rows = await db.all(SELECT_ALL, tenant_id, limit, offset)
    counted = await db.one(COUNT, tenant_id)
    return [_form(vault, row) for row in rows], int(counted[0]) if counted else 0


async def children(db: Db, form_id: str, limit: int) -> list[Session]:
    """Sessions and jobs over a form, the oldest first."""
    return [sessions.from_row(row) for row in await db.all(SELECT_CHILDREN, form_id, limit)]


async def is_busy(db: Db, form_id: str) -> bool:
    """Whether a session over the form is being rendered or a job over it is not done."""
    for status in BUSY:
        if await db.one(SELECT_BUSY, form_id, status) is not None:
            return True
    return False


async def same(db: Db, vault: Vault, tenant_id: str, digest: bytes) -> Layout | None:
    """The layout of a form of this tenant that is the same blank, if there is one."""
    row = await db.one(SELECT_SAME, tenant_id, digest)
    if row is None:
        return None
    return _opened_layout(vault.open_session_key(row[0], bytes(row[2])), row[0], bytes(row[1]))


def inserted(session: Session, seal: Seal, paper: Paper) -> Write:
    """Keep a new form."""
    return Write(INSERT, (session.id, _closed(session.id, seal, paper)))


def updated(read: Form, paper: Paper) -> Write:
    """Keep what became of a form."""
    return Write(UPDATE, (read.id, _closed(read.id, read.seal, paper)), expect=1)


def layout_kept(read: Form, layout: Layout, digest: bytes, now: datetime) -> Write:
    """Keep the layout, for good."""
    sealed = read.seal.seal(_encoder.encode(layout), f"layout {read.id}")
    return Write(INSERT_LAYOUT, (read.id, read.session.tenant_id, digest, sealed, to_micros(now)))


def deleted(session_id: str) -> tuple[Write, ...]:
    """Remove what is kept of a form, a session or a job."""
    return Write(DELETE, (session_id,)), Write(DELETE_LAYOUT, (session_id,))


def _form(vault: Vault, row: Row) -> Form:
    session = sessions.from_row(row)
    seal = vault.open_session_key(session.id, session.wrapped_key)
    record = seal.unseal(bytes(row[sessions.WIDTH]), f"record {session.id}")
    return Form(session, seal, _decoder.decode(record))


def _opened_layout(seal: Seal, form_id: str, sealed: bytes) -> Layout:
    return _layout_decoder.decode(seal.unseal(sealed, f"layout {form_id}"))


def _closed(form_id: str, seal: Seal, paper: Paper) -> bytes:
    return seal.seal(_encoder.encode(paper), f"record {form_id}")
