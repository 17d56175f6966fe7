"""`frontdesk keys`: the API keys of a tenant."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from frontdesk.basics.errors import Conflict, Missing
from frontdesk.cli.database import with_house
from frontdesk.cli.options import AsJson, Data, Tenant, settings_of
from frontdesk.cli.output import console, print_fields, print_json, print_table
from frontdesk.cli.tenants import tenant_id
from frontdesk.kernel import credentials
from frontdesk.kernel.credentials import PERMISSIONS, ApiKey
from frontdesk.wiring import House

commands = typer.Typer(help="The API keys of a tenant.", no_args_is_help=True)
KeyId = Annotated[str, typer.Argument(metavar="KEY_ID", help="Its id; frontdesk keys list shows all.")]


@commands.command()
def create(
    tenant: Tenant,
    name: Annotated[str, typer.Option("--name", help="What it is for.")] = "key",
    permission: Annotated[
        list[str] | None, typer.Option("--permission", help=f"Any of {', '.join(PERMISSIONS)}; all if none is given.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. It is shown this once."""
    unknown = sorted(set(permission or ()) - set(PERMISSIONS))
    if unknown:
        raise typer.BadParameter(f"there is no {', '.join(unknown)}", param_hint="--permission")

    async def creating(house: House) -> dict[str, Any]:
        owner = await tenant_id(house, tenant)
        permissions = tuple(dict.fromkeys(permission or PERMISSIONS))
        key_id, key, write = credentials.new_key(owner, name, permissions, house.clock.now())
        await house.db.commit([write])
        return {
            "key_id": key_id,
            "tenant_id": owner,
            "name": name,
            "permissions": list(permissions),
            "api_key": key,
        }

    made = with_house(settings_of(data), creating)
    if as_json:
        print_json(made)
        return
    print_fields(made)
    console.print("Keep the key: it is not shown again.")


@commands.command("list")
def listing(tenant: Tenant, data: Data = None, as_json: AsJson = False) -> None:
    """List the keys, the oldest first, each by its last four characters."""

    async def reading(house: House) -> list[ApiKey]:
        return await credentials.keys_of(house.db, await tenant_id(house, tenant))

    shown = [_shown(key) for key in with_house(settings_of(data), reading)]
    if as_json:
        print_json(shown)
    else:
        print_table(shown, "The tenant has no key")


@commands.command()
def disable(key_id: KeyId, tenant: Tenant, data: Data = None, as_json: AsJson = False) -> None:
    """Refuse a key until it is enabled again."""
    _switch("disable", key_id, tenant, data, as_json)


@commands.command()
def enable(key_id: KeyId, tenant: Tenant, data: Data = None, as_json: AsJson = False) -> None:
    """Accept a disabled key again."""
    _switch("enable", key_id, tenant, data, as_json)


@commands.command()
def revoke(key_id: KeyId, tenant: Tenant, data: Data = None, as_json: AsJson = False) -> None:
    """Refuse a key for ever."""
    _switch("revoke", key_id, tenant, data, as_json)


def _switch(action: str, key_id: str, tenant: str, data: Data, as_json: bool) -> None:
    async def switching(house: House) -> ApiKey:
        owner = await tenant_id(house, tenant)
        key = await _one(house, owner, key_id)
        if key.revoked_at is not None and action != "revoke":
            raise Conflict(f"The key {key_id} is revoked, and stays so")
        if key.revoked_at is None:
            await house.db.commit([credentials.switched(action, owner, key_id, house.clock.now())])
        return await _one(house, owner, key_id)

    shown = _shown(with_house(settings_of(data), switching))
    if as_json:
        print_json(shown)
    else:
        console.print(f"The key {shown['name']} (…{shown['hint']}) is {shown['state']}", markup=False)


async def _one(house: House, owner: str, key_id: str) -> ApiKey:
    for key in await credentials.keys_of(house.db, owner):
        if key.id == key_id:
            return key
    raise Missing(f"The tenant has no key {key_id}; frontdesk keys list --tenant {owner} shows all")


def _shown(key: ApiKey) -> dict[str, Any]:
    state = "revoked" if key.revoked_at else "disabled" if key.disabled_at else "enabled"
    kept = asdict(key)
    return {
        "key_id": key.id,
        "name": key.name,
        "hint": key.hint,
        "state": state,
        "permissions": list(key.permissions),
        "created_at": kept["created_at"],
    }
