"""Customers: the record that groups the sessions of one of the tenant's own clients.

The tenant's key for a client may say who that is, so it is sealed, found by a keyed digest, and goes with the
customer's last session.
"""

from datetime import datetime

from frontdesk.basics.clock import to_micros
from frontdesk.kernel.vault import Vault
from frontdesk.ports.db import Db, Write

INSERT = """
INSERT INTO kyc_customers (id, tenant_id, client_digest, sealed, created_at) VALUES ($1, $2, $3, $4, $5)
"""
SELECT = "SELECT sealed, client_id FROM kyc_customers WHERE id = $1 AND tenant_id = $2"
SELECT_BY_DIGEST = "SELECT id FROM kyc_customers WHERE tenant_id = $1 AND client_digest = $2"
SELECT_IN_CLEAR = "SELECT id, tenant_id, client_id FROM kyc_customers WHERE client_id > $1 ORDER BY client_id LIMIT $2"
SEAL = "UPDATE kyc_customers SET client_id = NULL, client_digest = $3, sealed = $4 WHERE id = $1 AND tenant_id = $2"
TOUCH = "UPDATE kyc_customers SET created_at = created_at WHERE id = $1 AND tenant_id = $2"
DELETE_LAST = """
DELETE FROM kyc_customers
WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM kyc_sessions k WHERE k.customer_id = $1)
"""


async def client_of(db: Db, vault: Vault, customer_id: str, tenant_id: str) -> str | None:
    """The tenant's own key for this customer, or None if it has no such customer. Raises `BrokenSeal`."""
    row = await db.one(SELECT, customer_id, tenant_id)
    if row is None:
        return None
    return str(row[1]) if row[0] is None else vault.unseal(bytes(row[0]), _about(customer_id)).decode()


async def of_client(db: Db, vault: Vault, tenant_id: str, client_id: str) -> str | None:
    """The customer with the tenant's own key, or None."""
    row = await db.one(SELECT_BY_DIGEST, tenant_id, _digest(vault, tenant_id, client_id))
    return None if row is None else str(row[0])


def inserted(vault: Vault, customer_id: str, tenant_id: str, client_id: str, now: datetime) -> Write:
    """Keep a new customer; conflicts when the tenant has one with this key already."""
    sealed = vault.seal(client_id.encode(), _about(customer_id))
    return Write(INSERT, (customer_id, tenant_id, _digest(vault, tenant_id, client_id), sealed, to_micros(now)))


def held(customer_id: str, tenant_id: str) -> Write:
    """Goes with a new session of a known customer: conflicts when the customer went with its last session just now."""
    return Write(TOUCH, (customer_id, tenant_id), expect=1)


def deleted_with_last(customer_id: str, tenant_id: str) -> list[Write]:
    """Remove the customer when no session is left of it: after the session's own rows in the same change.

    Held first, so that PostgreSQL looks for sessions only when nobody is about to add one.
    """
    return [Write(TOUCH, (customer_id, tenant_id)), Write(DELETE_LAST, (customer_id,))]


async def seal_in_clear(db: Db, vault: Vault, at_a_time: int = 200) -> int:
    """Seal what an earlier version kept in clear, and say how many that were."""
    count = 0
    while rows := await db.all(SELECT_IN_CLEAR, "", at_a_time):
        writes = [
            Write(
                SEAL,
                (
                    customer_id,
                    tenant_id,
                    _digest(vault, tenant_id, client_id),
                    vault.seal(client_id.encode(), _about(customer_id)),
                ),
            )
            for customer_id, tenant_id, client_id in rows
        ]
        await db.commit(writes)
        count += len(rows)
    return count


def _digest(vault: Vault, tenant_id: str, client_id: str) -> bytes:
    return vault.sign("client ids", f"{tenant_id} {client_id}".encode())


def _about(customer_id: str) -> str:
    return f"client {customer_id}"
