"""What is counted: how often a tenant did what the hosted service bills."""

from dataclasses import dataclass

from frontdesk.forms.service.needs import Needs
from frontdesk.forms.store import usage
from frontdesk.kernel import tenants
from frontdesk.ports.db import Write

KINDS = ("create", "with_context", "straight_fill", "standard_fill", "conversation_turn", "verify", "read")
SAME = {"standard_fill": "straight_fill"}
"""Kinds that two editions name differently."""


@dataclass(frozen=True, slots=True)
class Usage:
    """`total` since the beginning, `period_counts` in the month `period` (`YYYY-MM`)."""

    owner: str
    period: str
    total: dict[str, int]
    period_counts: dict[str, int]


def counted(needs: Needs, tenant_id: str, kind: str, count: int = 1) -> Write:
    """Count an action in the change that it is."""
    return usage.counted(tenant_id, f"{needs.clock.now():%Y-%m}", kind, count)


async def of_tenant(needs: Needs, tenant_id: str) -> Usage:
    """What the tenant has done."""
    period = f"{needs.clock.now():%Y-%m}"
    total: dict[str, int] = {}
    month: dict[str, int] = {}
    for at, kind, count in await usage.of_tenant(needs.db, tenant_id):
        total[kind] = total.get(kind, 0) + count
        if at == period:
            month[kind] = month.get(kind, 0) + count
    tenant = await tenants.load(needs.db, tenant_id)
    return Usage(tenant.name if tenant else tenant_id, period, _all(total), _all(month))


def _all(counts: dict[str, int]) -> dict[str, int]:
    return {kind: counts.get(SAME.get(kind, kind), 0) for kind in KINDS}
