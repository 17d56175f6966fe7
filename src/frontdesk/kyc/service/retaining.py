"""Retention: what a tenant has set, and the sweep that erases what has rested long enough."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from frontdesk.basics.clock import to_micros
from frontdesk.basics.errors import Conflict
from frontdesk.kernel import change as changes
from frontdesk.kernel import erasure, tenants
from frontdesk.kernel.erasure import Tombstone
from frontdesk.kernel.tenants import Tenant
from frontdesk.kernel.vault import BrokenSeal
from frontdesk.kyc.rules import retention
from frontdesk.kyc.rules.refusals import NotFound
from frontdesk.kyc.service.erasing import erase_whole
from frontdesk.kyc.service.needs import Needs, SessionNotFound, owned
from frontdesk.kyc.service.settings import TenantGone
from frontdesk.kyc.store import customers
from frontdesk.kyc.store import retention as store
from frontdesk.kyc.store.sessions import KIND

BY_CLOCK = "retention"
_AT_A_TIME = 100
_EMPTY: dict[str, Any] = dict.fromkeys(retention.CLOCKS.values())


class TombstoneNotFound(NotFound):
    """The tenant has erased no such session."""

    reason: ClassVar[str] = "tombstone_not_found"


async def kept_for(needs: Needs, tenant_id: str) -> dict[str, Any]:
    """The tenant's clocks in days; null keeps. Raises `TenantGone`."""
    return {**_EMPTY, **(await _tenant(needs, tenant_id)).settings.get("retention", {})}


async def change(needs: Needs, tenant_id: str, wished: Mapping[str, Any]) -> dict[str, Any]:
    """Set the clocks that are named. Raises `RetentionInvalid`, `TenantGone`."""
    retention.check(wished)

    async def turn() -> dict[str, Any]:
        tenant = await _tenant(needs, tenant_id)
        after = {**_EMPTY, **tenant.settings.get("retention", {}), **wished}
        settings = {**tenant.settings, "retention": after}
        await needs.db.commit([tenants.changed(tenant, settings, tenant.webhook_secret)])
        return after

    return await changes.again(turn)


async def sweep(needs: Needs) -> int:
    """Erase every session that has rested long enough, and say how many; then leave no trace of them in the journal."""
    count = 0
    for tenant_id, clocks in await store.clocks(needs.db):
        for phase, name in retention.CLOCKS.items():
            if clocks.get(name) is not None:
                count += await _sweep_phase(needs, tenant_id, clocks, phase, timedelta(days=clocks[name]))
    await needs.db.scrub()
    return count


async def _sweep_phase(needs: Needs, tenant_id: str, clocks: Mapping[str, Any], phase: str, span: timedelta) -> int:
    count, after = 0, (-1, "")
    until = to_micros(needs.clock.now() - span)
    while found := await store.rested(needs.db, tenant_id, phase, until, after, _AT_A_TIME):
        for place in found:
            after = place
            try:
                count += await _erase_rested(needs, tenant_id, place[1], clocks)
            except (BrokenSeal, Conflict):
                continue  # one that cannot be opened, or is busy all the time, must not keep the others
    return count


async def _erase_rested(needs: Needs, tenant_id: str, session_id: str, clocks: Mapping[str, Any]) -> bool:
    async def turn() -> bool:
        try:
            dossier = await owned(needs, tenant_id, session_id)
        except SessionNotFound:
            return False  # by another process
        if not retention.is_over(dossier.progress, clocks, needs.clock.now()):
            return False  # prolonged, or opened again, a moment ago
        await erase_whole(needs, dossier, BY_CLOCK)
        return True

    return await changes.again(turn)


async def seal_customers(needs: Needs) -> int:
    """Seal the keys of customers that an earlier version kept in clear, and say how many."""
    return await customers.seal_in_clear(needs.db, needs.vault)


async def tombstone(needs: Needs, tenant_id: str, session_id: str) -> Tombstone:
    """What proves that the tenant's session was erased. Raises `TombstoneNotFound`."""
    found = await erasure.tombstone_of(needs.db, session_id, tenant_id)
    if found is None or found.kind != KIND:
        raise TombstoneNotFound("There is no tombstone of such a session")
    return found


async def _tenant(needs: Needs, tenant_id: str) -> Tenant:
    tenant = await tenants.load(needs.db, tenant_id)
    if tenant is None:
        raise TenantGone("The tenant is gone")
    return tenant
