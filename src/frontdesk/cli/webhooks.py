"""`frontdesk webhooks`: the log of deliveries, and sending one again."""

from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from frontdesk.basics.errors import Missing
from frontdesk.cli.database import with_house
from frontdesk.cli.options import AsJson, Data, Tenant, settings_of
from frontdesk.cli.output import console, print_fields, print_json, print_table
from frontdesk.cli.tenants import tenant_id
from frontdesk.kernel.webhooks import deliveries
from frontdesk.wiring import House

commands = typer.Typer(help="The log of deliveries to a tenant.", no_args_is_help=True)
DeliveryId = Annotated[str, typer.Argument(metavar="DELIVERY_ID", help="Its id: the X-Webhook-ID that was sent.")]
_LATEST = (2**62, "")


@commands.command("list")
def listing(
    tenant: Tenant,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many at most.")] = 20,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """List the deliveries, the newest first."""

    async def reading(house: House) -> list[deliveries.Line]:
        return await deliveries.listed(house.db, await tenant_id(house, tenant), _LATEST, limit)

    lines = [_renamed(asdict(line)) for line in with_house(settings_of(data), reading)]
    if as_json:
        print_json(lines)
    else:
        print_table(lines, "Nothing was sent to this tenant yet")


@commands.command()
def show(delivery_id: DeliveryId, tenant: Tenant, data: Data = None, as_json: AsJson = False) -> None:
    """Show where a delivery goes and what came of each try."""

    async def reading(house: House) -> dict[str, Any]:
        owner = await tenant_id(house, tenant)
        delivery = await deliveries.load(house.db, house.vault, delivery_id)
        if delivery is None or delivery.tenant_id != owner:
            raise Missing(f"The tenant has no delivery {delivery_id}")
        letter = delivery.letter
        tries = [
            {"number": number, "at": at, **asdict(result)}
            for number, at, result in await deliveries.tries_of(house.db, delivery_id)
        ]
        return {
            "delivery_id": letter.id,
            "event_type": letter.event_type,
            "session_id": delivery.session_id,
            "state": delivery.state,
            # Paths and queries of receivers often hold a secret.
            "host": urlsplit(letter.url).netloc,
            "bytes": len(letter.body.encode()),
            "tries": tries,
        }

    shown = with_house(settings_of(data), reading)
    if as_json:
        print_json(shown)
        return
    tries = shown.pop("tries")
    print_fields(shown)
    print_table(tries, "It was not tried yet")


@commands.command()
def resend(delivery_id: DeliveryId, tenant: Tenant, data: Data = None, as_json: AsJson = False) -> None:
    """Try a delivery once more now, whatever became of it. The running server or worker sends it."""

    async def sending(house: House) -> None:
        owner = await tenant_id(house, tenant)
        await deliveries.resend(house.db, house.wakeup, owner, delivery_id, house.clock.now())

    with_house(settings_of(data), sending)
    if as_json:
        print_json({"delivery_id": delivery_id, "state": "waiting"})
    else:
        console.print(f"The delivery {delivery_id} will be sent again within seconds", markup=False)


def _renamed(line: dict[str, Any]) -> dict[str, Any]:
    return {"delivery_id": line.pop("id"), **line}
