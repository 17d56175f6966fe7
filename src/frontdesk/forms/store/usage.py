"""How often a tenant did what is counted, by month."""

from frontdesk.ports.db import Db, Write

ADD = """
INSERT INTO forms_usage (tenant_id, period, kind, count) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant_id, period, kind) DO UPDATE SET count = forms_usage.count + $4
"""
SELECT = "SELECT period, kind, count FROM forms_usage WHERE tenant_id = $1"


def counted(tenant_id: str, period: str, kind: str, count: int = 1) -> Write:
    """Count so many actions of this kind more."""
    return Write(ADD, (tenant_id, period, kind, count))


async def of_tenant(db: Db, tenant_id: str) -> list[tuple[str, str, int]]:
    """Every period (`YYYY-MM`), kind and count."""
    return [(row[0], row[1], int(row[2])) for row in await db.all(SELECT, tenant_id)]
