"""Administration of keys over HTTP, for whoever holds the server's administrator token."""

from dataclasses import dataclass

from frontdesk.basics.errors import Conflict
from frontdesk.forms.rules.refusals import BadRequest, NotFound
from frontdesk.forms.service.needs import Needs
from frontdesk.kernel import credentials, tenants
from frontdesk.kernel.credentials import ApiKey

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was made; `key` is shown this once."""

    entry: ApiKey
    owner: str
    key: str


async def create(needs: Needs, owner: str, label: str) -> NewKey:
    """A key for the owner, who is made if there is none of this name."""
    owner = owner.strip()
    if not owner or len(owner) > _LONGEST or len(label) > _LONGEST:
        raise BadRequest(f"owner must have 1 to {_LONGEST} letters, label at most {_LONGEST}")
    now = needs.clock.now()
    tenant_id = await tenants.id_of(needs.db, owner)
    if tenant_id is None:
        new, writes = tenants.create(needs.vault, owner, now, label)
        tenant_id, key_id, key = new.tenant_id, new.key_id, new.api_key
    else:
        key_id, key, write = credentials.new_key(tenant_id, label, credentials.PERMISSIONS, now)
        writes = [write]
    await needs.db.commit(writes)
    entry = await _found(needs, tenant_id, key_id)
    return NewKey(entry, owner, key)


async def listed(needs: Needs, owner: str) -> list[ApiKey]:
    """The owner's keys, the oldest first."""
    return await credentials.keys_of(needs.db, await _owner(needs, owner))


async def switch(needs: Needs, owner: str, key_id: str | None, action: str | None, label: str | None = None) -> ApiKey:
    """Disable, enable or revoke a key, or call it otherwise. Raises `NotFound` also for one that was revoked."""
    if label is not None and len(label) > _LONGEST:
        raise BadRequest(f"label must have at most {_LONGEST} letters")
    tenant_id = await _owner(needs, owner)
    if key_id is None:
        raise NotFound("there is no such key")
    writes = [credentials.switched(action, tenant_id, key_id, needs.clock.now())] if action else []
    if label is not None:
        writes.append(credentials.renamed(tenant_id, key_id, label))
    try:
        await needs.db.commit(writes)
    except Conflict as error:
        raise NotFound("there is no such key, or it was revoked") from error
    return await _found(needs, tenant_id, key_id)


async def _owner(needs: Needs, owner: str) -> str:
    found = await tenants.id_of(needs.db, owner)
    if found is None:
        raise NotFound("there is no such owner")
    return found


async def _found(needs: Needs, tenant_id: str, key_id: str) -> ApiKey:
    for entry in await credentials.keys_of(needs.db, tenant_id):
        if entry.id == key_id:
            return entry
    raise NotFound("there is no such key")
