"""Numbers of papers as keyed digests, by tenant: which sessions have shown the same one."""

from frontdesk.ports.db import Db, Write

INSERT = """
INSERT INTO kyc_document_numbers (tenant_id, digest, session_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
"""
SELECT_OTHERS = """
SELECT n.session_id, k.customer_id FROM kyc_document_numbers n JOIN kyc_sessions k ON k.session_id = n.session_id
WHERE n.tenant_id = $1 AND n.digest = $2 AND n.session_id <> $3 ORDER BY n.session_id DESC LIMIT $4
"""
DELETE = "DELETE FROM kyc_document_numbers WHERE session_id = $1"
MOST = 100
"""How many other sessions are looked at."""


def shown(tenant_id: str, digest: bytes, session_id: str) -> Write:
    """Remember that the session has shown this number; once is enough."""
    return Write(INSERT, (tenant_id, digest, session_id))


async def others(db: Db, tenant_id: str, digest: bytes, session_id: str, customer_id: str | None) -> list[str]:
    """Other sessions that have shown it, the newest first. Those of the same customer do not count."""
    rows = await db.all(SELECT_OTHERS, tenant_id, digest, session_id, MOST)
    return [str(row[0]) for row in rows if customer_id is None or row[1] != customer_id]


def forgotten(session_id: str) -> Write:
    """Remove what the session has shown."""
    return Write(DELETE, (session_id,))
