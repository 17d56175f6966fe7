"""`frontdesk signers`: the public keys with which a tenant's service accounts sign requests under `/v1s`."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from frontdesk.basics.errors import Conflict, Missing, Unavailable
from frontdesk.cli.clients import Overlap
from frontdesk.cli.database import with_house
from frontdesk.cli.options import AsJson, Data, Tenant, settings_of
from frontdesk.cli.output import console, print_json, print_table
from frontdesk.cli.tenants import tenant_id
from frontdesk.onboarding.service import clients
from frontdesk.onboarding.service.clients import Signer
from frontdesk.wiring import House

commands = typer.Typer(help="The public keys that sign requests for a tenant.", no_args_is_help=True)
Account = Annotated[str, typer.Argument(metavar="EMAIL", help="The service account: the iss of what it signs.")]
KeyFile = Annotated[Path, typer.Argument(metavar="FILE", help="Public keys: PEM, certificates, a JWK or a JWKS.")]
SignerId = Annotated[str, typer.Argument(metavar="SIGNER_ID", help="Its id; frontdesk signers list shows all.")]
LARGEST = 64 * 1024


@commands.command()
def add(account: Account, file: KeyFile, tenant: Tenant, data: Data = None, as_json: AsJson = False) -> None:
    """Register public keys of a service account."""
    try:
        with file.open("rb") as opened:
            text = opened.read(LARGEST).decode("utf-8", "replace")
    except OSError as error:
        raise Unavailable(f"Cannot read {file}: {error.strerror}") from error

    async def adding(house: House) -> list[Signer]:
        return await clients.add_signers(house.onboarding, await tenant_id(house, tenant), account, text)

    shown = [_shown(signer) for signer in with_house(settings_of(data), adding)]
    if as_json:
        print_json(shown)
    else:
        print_table(shown, "")


@commands.command("list")
def listing(tenant: Tenant, data: Data = None, as_json: AsJson = False) -> None:
    """List the keys that sign for a tenant, the oldest first."""

    async def reading(house: House) -> list[Signer]:
        return await clients.signers(house.onboarding, await tenant_id(house, tenant))

    shown = [_shown(signer) for signer in with_house(settings_of(data), reading)]
    if as_json:
        print_json(shown)
    else:
        print_table(shown, "Nobody signs for the tenant")


@commands.command()
def end(signer_id: SignerId, tenant: Tenant, overlap: Overlap = 0, data: Data = None, as_json: AsJson = False) -> None:
    """Let a key sign no more, or only for a while."""

    async def ending(house: House) -> Signer:
        owner = await tenant_id(house, tenant)
        try:
            await clients.end_signer(house.onboarding, owner, signer_id, timedelta(minutes=overlap))
        except Conflict as error:
            raise Missing(f"The tenant has no such key; frontdesk signers list --tenant {owner} shows all") from error
        return next(one for one in await clients.signers(house.onboarding, owner) if one.signer_id == signer_id)

    shown = _shown(with_house(settings_of(data), ending))
    if as_json:
        print_json(shown)
    else:
        console.print(f"The key {shown['kid']} of {shown['account']} is good until {shown['good_until']}", markup=False)


def _shown(signer: Signer) -> dict[str, Any]:
    return {
        "signer_id": signer.signer_id,
        "account": signer.email,
        "kid": signer.kid,
        "created_at": signer.created_at,
        "good_until": signer.good_until,
    }
