"""`frontdesk lists`: the sanctions and watch lists that customers are screened against."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from frontdesk.basics.clock import from_micros
from frontdesk.basics.errors import Unavailable
from frontdesk.cli.database import with_house
from frontdesk.cli.options import AsJson, Data, settings_of
from frontdesk.cli.output import console, print_fields, print_json, print_table
from frontdesk.cli.tenants import tenant_id
from frontdesk.kyc.checks.lists import formats
from frontdesk.kyc.checks.lists.reading import ListDamaged, Opened, Passing
from frontdesk.kyc.model.screening import CATEGORIES, Listed, Loaded
from frontdesk.kyc.service import lists
from frontdesk.kyc.service.lists import Source
from frontdesk.wiring import House

commands = typer.Typer(help="The lists that customers are screened against; alone, what is loaded.")
_LONGEST_NAME = 64
ListFile = Annotated[Path, typer.Argument(metavar="FILE", help="The publisher's file; of three CSV files sdn.csv.")]
ListName = Annotated[
    str, typer.Option("--name", metavar="NAME", help="What workflows and rules call it: ofac, un, eu.")
]
OfTenant = Annotated[
    str | None,
    typer.Option("--tenant", metavar="TENANT", help="Name or id of the tenant that it is for; else for all."),
]
Format = Annotated[str, typer.Option("--format", help=f"auto, or one of {', '.join(formats.FORMATS)}.")]
Category = Annotated[
    str | None, typer.Option("--category", help=f"{', '.join(CATEGORIES)}; else sanctions, or watchlist for csv.")
]


@commands.callback(invoke_without_command=True)
def loaded(context: typer.Context, data: Data = None, as_json: AsJson = False) -> None:
    """The lists that customers are screened against; alone, what is loaded."""
    if context.invoked_subcommand is not None:
        return

    async def reading(house: House) -> list[Loaded]:
        return await lists.loaded(house.kyc)

    shown = [_shown(one) for one in with_house(settings_of(data), reading)]
    if as_json:
        print_json(shown)
    else:
        print_table(shown, "No list is loaded; bring one in with: frontdesk lists import FILE --name NAME")


@commands.command("import")
def bring_in(
    file: ListFile,
    name: ListName,
    tenant: OfTenant = None,
    sort: Format = "auto",
    category: Category = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Bring a list in, or in the place of the one of that name: all of it or, if the file is damaged, nothing."""
    name = name.strip()
    if not 1 <= len(name) <= _LONGEST_NAME or name == "any":
        raise typer.BadParameter(f"1 to {_LONGEST_NAME} characters, and not any", param_hint="--name")
    if sort not in ("auto", *formats.FORMATS):
        raise typer.BadParameter(f"auto or one of {', '.join(formats.FORMATS)}", param_hint="--format")
    if category not in (None, *CATEGORIES):
        raise typer.BadParameter(f"one of {', '.join(CATEGORIES)}", param_hint="--category")
    try:
        size = file.stat().st_size
        with file.open("rb") as looked_at:
            first = looked_at.read(formats.LOOKED_AT)
    except OSError as error:
        raise Unavailable(f"Cannot read {file}: {error.strerror}") from error
    if sort == "auto":
        sort = _naming(file, lambda: formats.recognised(first, str(file)))
    chosen = category or ("sanctions" if sort in formats.SANCTIONS else "watchlist")

    async def importing(house: House) -> Loaded:
        scope = "" if tenant is None else await tenant_id(house, tenant)
        with file.open("rb") as opened, Progress(console=console, disable=as_json, transient=True) as progress:
            task = progress.add_task(f"Reading {file.name}", total=size)
            passing = Passing(opened, lambda passed: progress.update(task, completed=passed))
            told = Opened(sort)
            source = Source(scope, name, chosen, sort, lambda: told.source_date, lambda: passing.digest)
            return await lists.bring_in(house.kyc, source, _named(file, passing, told))

    shown = _shown(with_house(settings_of(data), importing))
    if as_json:
        print_json(shown)
    else:
        print_fields(shown)


@commands.command()
def remove(name: ListName, tenant: OfTenant = None, data: Data = None, as_json: AsJson = False) -> None:
    """Remove a list. Sessions whose workflow names it are not cleared from then on."""

    async def removing(house: House) -> Loaded:
        return await lists.remove(house.kyc, "" if tenant is None else await tenant_id(house, tenant), name)

    shown = _shown(with_house(settings_of(data), removing))
    if as_json:
        print_json(shown)
    else:
        console.print(f"The list {shown['name']} is gone", markup=False)


def _named(file: Path, passing: Passing, told: Opened) -> Iterator[Listed]:
    """The entries; damage is told with the file's name."""
    try:
        yield from formats.FORMATS[told.format](passing, told, file)
    except ListDamaged as error:
        raise ListDamaged(f"{file.name}: {error.message}; nothing was brought in") from error


def _naming(file: Path, look: Any) -> str:
    try:
        found: str = look()
    except ListDamaged as error:
        raise ListDamaged(f"{file.name}: {error.message}; nothing was brought in") from error
    return found


def _shown(one: Loaded) -> dict[str, Any]:
    return {
        "name": one.name,
        "tenant_id": one.scope or None,
        "category": one.category,
        "format": one.format,
        "entries": one.entries,
        "names": one.names,
        "source_date": one.source_date,
        "digest": one.digest,
        "imported_at": from_micros(one.imported_at),
        "generation": one.generation,
    }
