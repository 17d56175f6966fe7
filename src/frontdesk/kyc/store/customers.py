"""Customers: the record that groups the sessions of one of the tenant's own clients."""

from datetime import datetime

from frontdesk.basics.clock import to_micros
from frontdesk.ports.db import Db, Write

INSERT = "INSERT INTO kyc_customers (id, tenant_id, client_id, created_at) VALUES ($1, $2, $3, $4)"
SELECT = "SELECT client_id FROM kyc_customers WHERE id = $1 AND tenant_id = $2"
SELECT_BY_CLIENT = "SELECT id FROM kyc_customers WHERE tenant_id = $1 AND client_id = $2"


async def client_of(db: Db, customer_id: str, tenant_id: str) -> str | None:
    """The tenant's own key for this customer, or None if it has no such customer."""
    row = await db.one(SELECT, customer_id, tenant_id)
    return None if row is None else str(row[0])


async def of_client(db: Db, tenant_id: str, client_id: str) -> str | None:
    """The customer with the tenant's own key, or None."""
    row = await db.one(SELECT_BY_CLIENT, tenant_id, client_id)
    return None if row is None else str(row[0])


def inserted(customer_id: str, tenant_id: str, client_id: str, now: datetime) -> Write:
    """Keep a new customer; conflicts when the tenant has one with this key already."""
    return Write(INSERT, (customer_id, tenant_id, client_id, to_micros(now)))
