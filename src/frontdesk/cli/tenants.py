"""`frontdesk tenants`: the organizations that own everything."""

from dataclasses import asdict
from typing import Annotated

import typer

from frontdesk.basics.errors import Conflict, Missing
from frontdesk.cli.database import with_house
from frontdesk.cli.options import AsJson, Data, settings_of
from frontdesk.cli.output import console, print_fields, print_json, print_table
from frontdesk.kernel import tenants
from frontdesk.kernel.tenants import NewTenant
from frontdesk.wiring import House

commands = typer.Typer(help="The organizations that own everything.", no_args_is_help=True)
LONGEST_NAME = 200


@commands.command()
def create(
    name: Annotated[str, typer.Argument(help="Unique on this server.")], data: Data = None, as_json: AsJson = False
) -> None:
    """Create a tenant with its first API key. Each secret is shown this once."""
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise typer.BadParameter(f"1 to {LONGEST_NAME} characters", param_hint="NAME")

    async def creating(house: House) -> NewTenant:
        new, writes = tenants.create(house.vault, name, house.clock.now())
        try:
            await house.db.commit(writes)
        except Conflict as error:
            raise Conflict(f"There is a tenant with the name {name} already") from error
        return new

    new = asdict(with_house(settings_of(data), creating))
    if as_json:
        print_json(new)
        return
    print_fields(new)
    console.print("Keep these: no secret is shown again.")


@commands.command("list")
def listing(data: Data = None, as_json: AsJson = False) -> None:
    """List the tenants by name."""

    async def reading(house: House) -> list[tenants.Entry]:
        return await tenants.listed(house.db)

    entries = [asdict(entry) for entry in with_house(settings_of(data), reading)]
    if as_json:
        print_json(entries)
    else:
        print_table(entries, "There is no tenant yet; make one with: frontdesk tenants create NAME")


async def tenant_id(house: House, named: str) -> str:
    """The id of the tenant with this id or name. Raises `Missing`."""
    if await tenants.load(house.db, named) is not None:
        return named
    found = await tenants.id_of(house.db, named)
    if found is None:
        raise Missing(f"There is no tenant {named}; frontdesk tenants list shows all")
    return found
