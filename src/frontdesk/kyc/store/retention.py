"""Which sessions of a tenant have rested long enough, and which tenants have set a clock."""

import json
from typing import Any

from frontdesk.ports.db import Db

SELECT_RESTED = """
SELECT rests_since, session_id FROM kyc_sessions
WHERE tenant_id = $1 AND rests_as = $2 AND rests_since <= $3 AND (rests_since, session_id) > ($4, $5)
ORDER BY rests_since, session_id LIMIT $6
"""
SELECT_TENANTS = "SELECT id, settings FROM tenants WHERE id > $1 ORDER BY id LIMIT $2"
_AT_A_TIME = 500


async def rested(
    db: Db, tenant_id: str, phase: str, until: int, after: tuple[int, str], limit: int
) -> list[tuple[int, str]]:
    """Instant (microseconds) and id of those that rest as `phase` since `until` or longer, the longest first."""
    rows = await db.all(SELECT_RESTED, tenant_id, phase, until, *after, limit)
    return [(int(row[0]), str(row[1])) for row in rows]


async def clocks(db: Db) -> list[tuple[str, dict[str, Any]]]:
    """Every tenant that has set a clock, with what it has set."""
    found, last = [], ""
    while rows := await db.all(SELECT_TENANTS, last, _AT_A_TIME):
        for tenant_id, settings in rows:
            last = tenant_id
            kept_for = json.loads(settings).get("retention", {})
            if any(days is not None for days in kept_for.values()):
                found.append((tenant_id, kept_for))
    return found
