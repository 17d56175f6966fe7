"""`frontdesk retention` and `frontdesk tombstone`: the clocks that erase, and the proof of what was erased."""

from contextlib import nullcontext
from typing import Annotated, Any

import typer

from frontdesk.basics.clock import iso
from frontdesk.basics.errors import Missing
from frontdesk.cli.database import with_house
from frontdesk.cli.options import AsJson, Data, Tenant, settings_of
from frontdesk.cli.output import console, print_fields, print_json
from frontdesk.cli.tenants import tenant_id
from frontdesk.kernel import erasure
from frontdesk.kyc.service import retaining
from frontdesk.wiring import House

commands = typer.Typer(help="How long identity checks are kept.", no_args_is_help=True)
KEEP = "keep"
_SENTENCE = "days, or keep."
Decision = Annotated[
    str | None, typer.Option("--after-decision", metavar="DAYS", help=f"After approval or rejection: {_SENTENCE}")
]
Completion = Annotated[
    str | None, typer.Option("--after-completion", metavar="DAYS", help=f"After completion, undecided: {_SENTENCE}")
]
Expiry = Annotated[
    str | None, typer.Option("--after-expiry", metavar="DAYS", help=f"After the end of an unused link: {_SENTENCE}")
]


@commands.command()
def show(tenant: Tenant, data: Data = None, as_json: AsJson = False) -> None:
    """Show a tenant's clocks."""

    async def reading(house: House) -> dict[str, Any]:
        return await retaining.kept_for(house.kyc, await tenant_id(house, tenant))

    _print(with_house(settings_of(data), reading), as_json)


@commands.command("set")
def change(
    tenant: Tenant,
    after_decision: Decision = None,
    after_completion: Completion = None,
    after_expiry: Expiry = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Set the clocks that are named. A running server erases what is due within half a minute."""
    given = {
        "after_decision_days": after_decision,
        "after_completion_days": after_completion,
        "after_expiry_days": after_expiry,
    }
    wished = {name: _days(text) for name, text in given.items() if text is not None}
    if not wished:
        raise typer.BadParameter("name at least one of --after-decision, --after-completion, --after-expiry")

    async def changing(house: House) -> dict[str, Any]:
        return await retaining.change(house.kyc, await tenant_id(house, tenant), wished)

    _print(with_house(settings_of(data), changing), as_json)


@commands.command()
def run(data: Data = None, as_json: AsJson = False) -> None:
    """Erase now what is due, of every tenant, as a running server does by itself."""

    async def sweeping(house: House) -> int:
        return await retaining.sweep(house.kyc)

    with nullcontext() if as_json else console.status("Erasing what is due"):
        count = with_house(settings_of(data), sweeping)
    if as_json:
        print_json({"erased": count})
    else:
        console.print(f"{count} sessions were erased", markup=False)


def tombstone(
    session_id: Annotated[str, typer.Argument(metavar="SESSION")], data: Data = None, as_json: AsJson = False
) -> None:
    """Show what is left of an erased session: the proof that it was erased, when, and by whom."""

    async def reading(house: House) -> dict[str, Any]:
        found = await erasure.tombstone_of(house.db, session_id)
        if found is None:
            raise Missing(f"No session {session_id} was erased here")
        return {
            "session_id": found.session_id,
            "tenant_id": found.tenant_id,
            "kind": found.kind,
            "created_at": iso(found.created_at),
            "erased_at": iso(found.erased_at),
            "erased_by": found.erased_by,
            "events": found.events,
            "objects": found.objects,
            "last_digest": found.last_digest.hex(),
        }

    shown = with_house(settings_of(data), reading)
    if as_json:
        print_json(shown)
    else:
        print_fields(shown)


def _days(text: str) -> int | None:
    if text == KEEP:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise typer.BadParameter("must be a number of days, or keep")
    return int(text)


def _print(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        print_fields({name: KEEP if days is None else f"{days} days" for name, days in found.items()})
