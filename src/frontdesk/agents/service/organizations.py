"""Organizations: a key belongs to one, so there is one to see."""

from dataclasses import dataclass

from frontdesk.agents.model import ids
from frontdesk.agents.rules.refusals import MalformedId, NotFound
from frontdesk.agents.service.needs import Needs
from frontdesk.kernel import tenants


@dataclass(frozen=True, slots=True)
class Organization:
    """`id` is published."""

    id: str
    name: str


async def organization_of(needs: Needs, tenant_id: str) -> str:
    """The organization's UUID."""
    tenant = await tenants.load(needs.db, tenant_id)
    if tenant is None:
        raise NotFound("Organization not found")
    return tenant.organization_id


async def own(needs: Needs, tenant_id: str) -> Organization:
    """The organization of the key."""
    tenant = await tenants.load(needs.db, tenant_id)
    if tenant is None:
        raise NotFound("Organization not found")
    return Organization(ids.published("org", tenant.organization_id), tenant.name)


async def one(needs: Needs, tenant_id: str, organization_id: str) -> Organization:
    """The organization of this id, if it is the key's."""
    if ids.digits_in("org", organization_id) is None:
        raise MalformedId("organization")
    found = await own(needs, tenant_id)
    if found.id != organization_id:
        raise NotFound("Organization not found")
    return found
