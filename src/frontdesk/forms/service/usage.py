"""What is counted: how often a tenant did what the hosted service bills."""

from dataclasses import dataclass

from frontdesk.forms.service.needs import Needs
from frontdesk.forms.store import usage
from frontdesk.kernel import tenants
from frontdesk.ports.db import Write

KINDS = ("create", "with_context", "straight_fill", "standard_fill", "conversation_turn", "verify", "read")
SAME = {"standard_fill": "straight_fill"}
"""Kinds that two editions name differently."""
_PAGES = "pages of "


@dataclass(frozen=True, slots=True)
class Usage:
    """`total` since the beginning, `period_counts` in the month `period` (`YYYY-MM`); the same of pages."""

    owner: str
    period: str
    total: dict[str, int]
    period_counts: dict[str, int]
    total_pages: dict[str, int]
    period_pages: dict[str, int]


def counted(needs: Needs, tenant_id: str, kind: str, count: int = 1, pages: int = 0) -> list[Write]:
    """Count an action, and the pages that it was about, in the change that it is."""
    period = f"{needs.clock.now():%Y-%m}"
    written = [usage.counted(tenant_id, period, kind, count)]
    return [*written, usage.counted(tenant_id, period, _PAGES + kind, pages)] if pages else written


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
    counts, pages = (_all(total), _all(month)), (_all(total, _PAGES), _all(month, _PAGES))
    return Usage(tenant.name if tenant else tenant_id, period, *counts, *pages)


def _all(counts: dict[str, int], of: str = "") -> dict[str, int]:
    return {kind: counts.get(of + SAME.get(kind, kind), 0) for kind in KINDS}
