"""Tenants: created with everything they need, known by name once, changed by one at a time."""

import asyncio

import pytest

from databases import SettableClock
from frontdesk.basics.errors import Conflict
from frontdesk.kernel import credentials, tenants
from frontdesk.kernel.vault import BrokenSeal, Vault, digest
from frontdesk.ports.db import Db
from kernel.sample import tenant


async def test_a_new_tenant_is_found_by_id_and_by_name(db: Db, vault: Vault, clock: SettableClock) -> None:
    opened = await tenant(db, vault, clock.now(), "Harbour Bank")
    assert await tenants.id_of(db, "Harbour Bank") == opened.shown.tenant_id
    assert await tenants.id_of(db, "harbour bank") is None
    assert await tenants.load(db, "none") is None
    assert (opened.tenant.name, opened.tenant.settings, opened.tenant.version) == ("Harbour Bank", {}, 1)
    assert opened.tenant.organization_id == opened.shown.organization_id


async def test_its_first_key_holds_every_permission(db: Db, vault: Vault, clock: SettableClock) -> None:
    opened = await tenant(db, vault, clock.now())
    identity = await credentials.identify(db, opened.shown.api_key)
    assert identity is not None
    assert identity.tenant_id == opened.shown.tenant_id
    assert identity.permissions == set(credentials.PERMISSIONS)


async def test_no_secret_is_stored_as_it_is(db: Db, vault: Vault, clock: SettableClock) -> None:
    shown = (await tenant(db, vault, clock.now())).shown
    row = await db.one("SELECT * FROM tenants")
    assert row is not None
    texts = [bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode() for cell in row]
    for secret in (shown.api_key, shown.client_app_key, shown.client_secret, shown.webhook_secret):
        assert not any(secret.encode() in text for text in texts)
    assert digest(shown.client_secret) in texts


async def test_the_webhook_secret_opens_for_its_tenant_only(db: Db, vault: Vault, clock: SettableClock) -> None:
    one, other = await tenant(db, vault, clock.now(), "One"), await tenant(db, vault, clock.now(), "Other")
    assert tenants.open_secret(vault, one.tenant) == one.shown.webhook_secret
    stolen = tenants.Tenant(one.tenant.id, "o", "One", other.tenant.webhook_secret)
    with pytest.raises(BrokenSeal):
        tenants.open_secret(vault, stolen)


async def test_of_two_tenants_with_one_name_one_is_created(db: Db, vault: Vault, clock: SettableClock) -> None:
    results = await asyncio.gather(
        *[tenant(db, vault, clock.now(), "Harbour Bank") for _ in range(4)], return_exceptions=True
    )
    assert sum(isinstance(result, Conflict) for result in results) == 3
    assert len(await db.all("SELECT id FROM tenants")) == 1
    assert len(await db.all("SELECT id FROM api_keys")) == 1


async def test_a_change_of_settings_and_secret_is_read_again(db: Db, vault: Vault, clock: SettableClock) -> None:
    read = (await tenant(db, vault, clock.now())).tenant
    settings = {"branding": {"colour": "#0a0"}, "notifications": {"name": "Žofie"}}
    await db.commit([tenants.changed(read, settings, tenants.seal_secret(vault, read.id, "another"))])
    after = await tenants.load(db, read.id)
    assert after is not None
    assert (after.settings, after.version) == (settings, 2)
    assert tenants.open_secret(vault, after) == "another"


async def test_of_two_changes_of_one_version_one_is_kept(db: Db, vault: Vault, clock: SettableClock) -> None:
    read = (await tenant(db, vault, clock.now())).tenant
    writes = [tenants.changed(read, {"n": number}, read.webhook_secret) for number in range(4)]
    results = await asyncio.gather(*[db.commit([write]) for write in writes], return_exceptions=True)
    assert sum(result is None for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 3


@pytest.mark.parametrize("at_a_time", [1, 2, 3, 4])
async def test_all_tenants_are_listed_by_name(db: Db, vault: Vault, clock: SettableClock, at_a_time: int) -> None:
    for name in ("Porto Cars", "Algarve Boats", "Lisbon Trams"):
        _, writes = tenants.create(vault, name, clock.now())
        await db.commit(writes)
    found = [entry.name for entry in await tenants.listed(db, at_a_time)]
    assert found == ["Algarve Boats", "Lisbon Trams", "Porto Cars"]
