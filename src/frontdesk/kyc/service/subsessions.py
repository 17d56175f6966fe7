"""Subsessions: opened, listed, given a new link and deleted, by the end user or by staff."""

from datetime import datetime
from typing import Any, ClassVar

import msgspec
from msgspec.structs import replace

from frontdesk.basics.ids import uuid4, uuid7
from frontdesk.kernel import change as changes
from frontdesk.kernel import credentials
from frontdesk.kernel.events import Fact
from frontdesk.kyc.model.session import Outcome, Related
from frontdesk.kyc.rules import links, subsessions
from frontdesk.kyc.rules.refusals import Invalid
from frontdesk.kyc.rules.subsessions import Counts, SubsessionPlan
from frontdesk.kyc.service import erasing, opening, workflows
from frontdesk.kyc.service.needs import Needs, composed, keep, link, opened, owned
from frontdesk.kyc.service.opening import Opened
from frontdesk.kyc.store import sessions as store
from frontdesk.kyc.store.sessions import Dossier


class SubsessionNested(Invalid):
    """A subsession has none of its own."""

    reason: ClassVar[str] = "subsession_nested"


class Caller(msgspec.Struct, frozen=True):
    """Who asks: an end user by access token, or staff by tenant and session id."""

    token: str | None = None
    tenant_id: str = ""
    session_id: str = ""

    @property
    def is_staff(self) -> bool:
        """Whether this is the tenant's staff."""
        return self.token is None


class Plan(msgspec.Struct, frozen=True):
    """What is asked for; `ttl_days` and `workflow_id` are for staff."""

    step_id: str
    label: str
    metadata: dict[str, Any] | None = None
    ttl_days: int | None = None
    workflow_id: str | None = None


class Shown(msgspec.Struct, frozen=True):
    """A subsession in its parent's list."""

    related: Related
    access_link: str | None


class Renewed(msgspec.Struct, frozen=True):
    """A subsession's new link."""

    subsession_id: str
    access_token: str
    access_link: str
    expires_at: datetime


async def create(needs: Needs, caller: Caller, plan: Plan) -> Opened:
    """Open a session for a related party. Its end user gets `access_link`."""

    async def turn() -> Opened:
        parent = await _parent(needs, caller)
        if parent.progress.parent_session_id is not None:
            raise SubsessionNested("A subsession cannot have subsessions")
        now = needs.clock.now()
        planned = subsessions.plan_subsession(
            parent.progress,
            plan.step_id,
            plan.label,
            now,
            metadata=plan.metadata,
            ttl_days=plan.ttl_days,
            workflow_id=plan.workflow_id,
        )
        wanted: SubsessionPlan = planned.answer
        workflow = await workflows.load(needs, parent.session.tenant_id, wanted.workflow_id)
        session_id = uuid7()
        progress = links.fresh(
            workflow.definition, session_id, now, wanted.expires_at, wanted.ttl_days, parent.session.id
        )
        begun = opening.begin(
            needs,
            parent.session.tenant_id,
            progress,
            workflow=(workflow.head.workflow_id, workflow.head.version),
            metadata=plan.metadata or {},
            step_id=wanted.step_id,
            label=wanted.label,
            tag=wanted.tag,
        )
        outcome = subsessions.added(planned, session_id, now)
        child = opening.started(begun, [Fact("kyc.subsession_opened", {"parent_session_id": parent.session.id})], now)
        await keep(needs, parent, outcome, also=child)
        return begun.opened

    return await changes.again(turn)


async def listed(needs: Needs, caller: Caller, step_id: str | None) -> tuple[list[Shown], Counts]:
    """The subsessions of one step, or of all, with the counts that say whether the parent may go on."""
    parent = await _parent(needs, caller)
    wanted = {one.subsession_id for one in subsessions.listed(parent.progress, step_id)}
    counts = subsessions.count(parent.progress, step_id)
    children = await store.children(needs.db, needs.vault, parent.session.id)
    shown = [
        Shown(child.related, None if child.token is None else link(needs, child.token))
        for child in children
        if child.related.subsession_id in wanted
    ]
    return shown, counts


async def regenerate(needs: Needs, caller: Caller, subsession_id: str, ttl_days: int | None = None) -> Renewed:
    """A new link; the old one dies with this change, and the time starts anew."""

    async def turn() -> Renewed:
        parent = await _parent(needs, caller)
        child = await _child(needs, parent, subsession_id)
        now, token = needs.clock.now(), uuid4()
        days = ttl_days if ttl_days is not None else (child.progress.ttl_days if child else links.DEFAULT_TTL_DAYS)
        outcome = subsessions.regenerate_subsession(
            parent.progress, subsession_id, now, ttl_days=days, by_staff=caller.is_staff
        )
        if child is None:
            raise subsessions.SubsessionNotFound
        until: datetime = outcome.answer
        renewed = Outcome(replace(child.progress, expires_at=until), events=(("kyc.link_renewed", {}),))
        granted = tuple(credentials.granted(needs.vault, subsession_id, token, now))
        await keep(needs, parent, outcome, also=await composed(needs, child, renewed, writes=granted))
        return Renewed(subsession_id, token, link(needs, token), until)

    return await changes.again(turn)


async def delete(needs: Needs, caller: Caller, subsession_id: str, by: str = "customer") -> None:
    """Erase an unfinished subsession."""

    async def turn() -> None:
        parent = await _parent(needs, caller)
        outcome = subsessions.delete_subsession(parent.progress, subsession_id, by_staff=caller.is_staff)
        child = await _child(needs, parent, subsession_id)
        if child is None:
            raise subsessions.SubsessionNotFound
        await keep(needs, parent, outcome, also=await erasing.erased(needs, child, by))
        needs.recent.forget(child.session.id)

    await changes.again(turn)


async def _parent(needs: Needs, caller: Caller) -> Dossier:
    if caller.token is not None:
        return await opened(needs, caller.token)
    return await owned(needs, caller.tenant_id, caller.session_id)


async def _child(needs: Needs, parent: Dossier, subsession_id: str) -> Dossier | None:
    child = await store.load(needs.db, needs.vault, needs.definitions, subsession_id, parent.session.tenant_id)
    return child if child is not None and child.session.parent_id == parent.session.id else None
