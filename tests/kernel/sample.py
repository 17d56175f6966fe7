"""Valid sessions and tenants to test with."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from frontdesk.basics.ids import uuid7
from frontdesk.kernel import change, sessions, tenants
from frontdesk.kernel.events import START, Fact
from frontdesk.kernel.lifecycle import Lifecycle
from frontdesk.kernel.sessions import Session
from frontdesk.kernel.tenants import NewTenant
from frontdesk.kernel.vault import Seal, Vault
from frontdesk.ports.db import Db, Value, Write

KIND = "kyc"
LIFECYCLE = Lifecycle(
    "open",
    {("open", "advance"): "open", ("open", "complete"): "completed", ("open", "expire"): "expired"},
)
CREATED = Fact("kyc.session_created", {"workflow": "w1"})


def session(vault: Vault, now: datetime, *, lasts_for: timedelta = timedelta(hours=1), tenant: str = "t1") -> Session:
    """A session that is not stored yet."""
    session_id = uuid7()
    _, wrapped = vault.new_session_key(session_id)
    return Session(session_id, tenant, KIND, "open", None, 1, now, now + lasts_for, 0, START, wrapped)


async def stored(
    db: Db,
    vault: Vault,
    now: datetime,
    *facts: Fact,
    lasts_for: timedelta = timedelta(hours=1),
    tenant: str = "t1",
    writes: tuple[Write, ...] = (),
) -> Session:
    """A session as it is read after it was started."""
    new = session(vault, now, lasts_for=lasts_for, tenant=tenant)
    await db.commit(change.start(new, seal(vault, new), facts or (CREATED,), now, writes).writes)
    return await reread(db, new)


def seal(vault: Vault, of: Session) -> Seal:
    """The seal of a session's values."""
    return vault.open_session_key(of.id, of.wrapped_key)


async def reread(db: Db, of: Session) -> Session:
    """The session as it is now."""
    found = await sessions.load(db, of.id, of.tenant_id, of.kind)
    assert found is not None
    return found


async def value(db: Db, sql: str, *args: Value) -> object:
    """The one value of the one row."""
    row = await db.one(sql, *args)
    assert row is not None
    return row[0]


@dataclass(frozen=True)
class Opened:
    """A stored tenant and what was shown once."""

    tenant: tenants.Tenant
    shown: NewTenant


async def tenant(db: Db, vault: Vault, now: datetime, name: str = "Harbour Bank") -> Opened:
    """A stored tenant."""
    shown, writes = tenants.create(vault, name, now)
    await db.commit(writes)
    found = await tenants.load(db, shown.tenant_id)
    assert found is not None
    return Opened(found, shown)


def stale(of: Session) -> Session:
    """The session as somebody read it one change too early."""
    return replace(of, version=of.version - 1)
