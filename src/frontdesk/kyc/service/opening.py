"""Opening sessions: by the tenant's backend, and as subsessions of another one."""

from datetime import datetime
from typing import Any, ClassVar

import msgspec
from msgspec.structs import replace

from frontdesk.basics.ids import uuid4, uuid7
from frontdesk.kernel import change as changes
from frontdesk.kernel import credentials, idempotency
from frontdesk.kernel.change import Change
from frontdesk.kernel.events import START, Fact
from frontdesk.kernel.idempotency import Claim
from frontdesk.kernel.sessions import Session
from frontdesk.kyc.model.session import LIFECYCLE, Progress
from frontdesk.kyc.rules import links
from frontdesk.kyc.rules.refusals import Invalid
from frontdesk.kyc.rules.retention import resting
from frontdesk.kyc.service import announcing, workflows
from frontdesk.kyc.service.needs import Needs, link
from frontdesk.kyc.store import customers
from frontdesk.kyc.store import sessions as store
from frontdesk.kyc.store.sessions import Dossier, Record
from frontdesk.ports.db import Write

LONGEST_CLIENT_ID = 255


class CustomerInvalid(Invalid):
    """The customer that the session is for cannot be told."""

    reason: ClassVar[str] = "customer_invalid"


class Wish(msgspec.Struct, frozen=True):
    """What the backend asks for."""

    workflow_id: str
    ttl_days: int | None = None
    metadata: dict[str, Any] | None = None
    client_id: str | None = None
    customer_id: str | None = None


class Opened(msgspec.Struct, frozen=True):
    """A new session, with the token that is shown now."""

    session_id: str
    access_token: str
    access_link: str
    workflow_id: str
    workflow_version: int
    workflow_name: str
    status: str
    expires_at: datetime
    created_at: datetime
    customer_id: str | None = None
    label: str | None = None


async def create_session(needs: Needs, tenant_id: str, wish: Wish, claim: Claim | None) -> Opened:
    """Open a session; a repeated claim gets the first answer."""

    async def turn() -> Opened:
        now = needs.clock.now()
        if claim is not None:
            earlier = await idempotency.earlier_answer(needs.db, needs.vault, claim, now)
            if earlier is not None:
                return msgspec.json.decode(earlier, type=Opened)
        workflow, settings, tenant_version = await workflows.load_with_settings(needs, tenant_id, wish.workflow_id)
        session_id = uuid7()
        outcome = links.start(
            workflow.definition,
            session_id,
            now,
            ttl_days=links.DEFAULT_TTL_DAYS if wish.ttl_days is None else wish.ttl_days,
            metadata=wish.metadata,
        )
        customer_id, writes = await _customer(needs, tenant_id, wish, now)
        begun = begin(
            needs,
            tenant_id,
            outcome.progress,
            workflow=(workflow.head.workflow_id, workflow.head.version),
            metadata=wish.metadata or {},
            tenant_settings=settings,
            customer_id=customer_id,
            claim=None if claim is None else (claim.scope, claim.key),
        )
        letters, jobs = await announcing.letters(needs.db, needs.vault, begun.dossier, outcome.events, now)
        if claim is not None:
            writes += idempotency.kept(needs.vault, claim, msgspec.json.encode(begun.opened), now)
        facts = [Fact(name, facts) for name, facts in outcome.events]
        session = begun.dossier.session
        kept = changes.start(session, begun.dossier.seal, facts, now, [*begun.writes, *letters, *writes], jobs)
        await changes.commit(needs.db, needs.wakeup, kept)
        dossier = replace(begun.dossier, session=kept.session)
        store.remember_new(needs.recent, begun.opened.access_token, dossier, tenant_version)
        return begun.opened

    return await changes.again(turn)


class Begun(msgspec.Struct, frozen=True):
    """A session that is about to be kept: what will be read of it, its writes, and what is answered."""

    dossier: Dossier
    writes: list[Write]
    opened: Opened


def begin(
    needs: Needs,
    tenant_id: str,
    progress: Progress,
    *,
    workflow: tuple[str, int],
    metadata: dict[str, Any],
    tenant_settings: dict[str, Any] | None = None,
    customer_id: str | None = None,
    step_id: str | None = None,
    label: str | None = None,
    tag: str | None = None,
    claim: tuple[str, str] | None = None,
) -> Begun:
    """Put a new session together: its row, its key, its record and its token."""
    now, token = progress.created_at, uuid4()
    seal, wrapped = needs.vault.new_session_key(progress.session_id)
    session = Session(
        progress.session_id,
        tenant_id,
        store.KIND,
        LIFECYCLE.start,
        progress.parent_session_id,
        1,
        now,
        progress.expires_at,
        0,
        START,
        wrapped,
    )
    record = Record(progress.ttl_days, metadata, label, tag, progress.steps, claim=claim)
    kept = store.inserted(
        session, seal, record, resting(progress), workflow=workflow, customer_id=customer_id, step_id=step_id
    )
    settings = tenant_settings or {}
    dossier = Dossier(session, seal, progress, *workflow, customer_id, step_id, metadata, label, tag, settings, claim)
    opened = Opened(
        session.id,
        token,
        link(needs, token),
        *workflow,
        progress.definition.name,
        session.status,
        session.expires_at,
        now,
        customer_id,
        label,
    )
    return Begun(dossier, [kept, credentials.first_granted(needs.vault, session.id, token, now)], opened)


def started(begun: Begun, facts: list[Fact], now: datetime) -> Change:
    """The change that keeps a subsession, to be joined with its parent's."""
    return changes.start(begun.dossier.session, begun.dossier.seal, facts, now, begun.writes)


async def _customer(needs: Needs, tenant_id: str, wish: Wish, now: datetime) -> tuple[str | None, list[Write]]:
    if wish.customer_id is not None:
        client_id = await customers.client_of(needs.db, needs.vault, wish.customer_id, tenant_id)
        if client_id is None:
            raise CustomerInvalid("customer_id: there is no such customer")
        if wish.client_id is not None and wish.client_id != client_id:
            raise CustomerInvalid("client_id: this is not the client of the customer named by customer_id")
        return wish.customer_id, [customers.held(wish.customer_id, tenant_id)]
    if wish.client_id is None:
        return None, []
    if not 1 <= len(wish.client_id) <= LONGEST_CLIENT_ID:
        raise CustomerInvalid(f"client_id must have 1 to {LONGEST_CLIENT_ID} characters")
    known = await customers.of_client(needs.db, needs.vault, tenant_id, wish.client_id)
    if known is not None:
        return known, [customers.held(known, tenant_id)]
    customer_id = uuid4()
    return customer_id, [customers.inserted(needs.vault, customer_id, tenant_id, wish.client_id, now)]
