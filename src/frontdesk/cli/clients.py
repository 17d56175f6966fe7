"""`frontdesk clients`: the keys with which a tenant opens onboarding, and what is agreed about skills."""

from datetime import timedelta
from typing import Annotated, Any

import typer
from msgspec.structs import asdict

from frontdesk.basics.errors import Missing
from frontdesk.cli.database import with_house
from frontdesk.cli.options import AsJson, Data, Tenant, settings_of
from frontdesk.cli.output import console, print_fields, print_json, print_table
from frontdesk.cli.tenants import tenant_id
from frontdesk.kernel import tenants
from frontdesk.onboarding.model.terms import terms_of
from frontdesk.onboarding.service import clients
from frontdesk.onboarding.service.clients import KEYS, Agreed
from frontdesk.wiring import House

commands = typer.Typer(help="A tenant's access to onboarding: its client's keys and skills.", no_args_is_help=True)
Key = Annotated[str, typer.Argument(metavar="KEY", help=" or ".join(KEYS))]
Skill = Annotated[str, typer.Argument(metavar="SKILL", help="Its name, as demobank_ro_aisp_sbx_#1.0.")]
Overlap = Annotated[
    int, typer.Option("--overlap-minutes", min=0, help="How long the present one is good beside the new one.")
]
Minutes = Annotated[int | None, typer.Option(min=0, help="In minutes.")]


@commands.command()
def rotate(key: Key, tenant: Tenant, overlap: Overlap = 0, data: Data = None, as_json: AsJson = False) -> None:
    """Put a fresh key or secret in place of the present one. It is shown this once."""
    if key not in KEYS:
        raise typer.BadParameter(f"choose {' or '.join(KEYS)}", param_hint="KEY")

    async def rotating(house: House) -> dict[str, Any]:
        owner = await tenant_id(house, tenant)
        return {key: await clients.rotate(house.onboarding, owner, key, timedelta(minutes=overlap))}

    made = with_house(settings_of(data), rotating)
    if as_json:
        print_json(made)
        return
    print_fields(made)
    console.print("Keep it: it is not shown again.")


@commands.command()
def skills(tenant: Tenant, data: Data = None, as_json: AsJson = False) -> None:
    """List the skills that there are, and what is agreed about each."""

    async def reading(house: House) -> list[dict[str, Any]]:
        return [
            _shown(skill.name, await _settings(house, tenant), skill.env) for skill in house.onboarding.skills.all()
        ]

    shown = with_house(settings_of(data), reading)
    if as_json:
        print_json(shown)
    else:
        print_table(shown, "No skill is installed")


@commands.command()
def agree(
    skill: Skill,
    tenant: Tenant,
    subscribe: Annotated[
        bool | None, typer.Option("--subscribe/--unsubscribe", help="Whether the tenant may use it.")
    ] = None,
    consent_minutes: Minutes = None,
    retention_minutes: Minutes = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Say whether a tenant may use a skill, how long its consents last, and how long what was gathered is kept."""

    async def agreeing(house: House) -> dict[str, Any]:
        owner = await tenant_id(house, tenant)
        await clients.agree(house.onboarding, owner, skill, Agreed(subscribe, consent_minutes, retention_minutes))
        found = house.onboarding.skills.find(skill)
        return _shown(skill, await _settings(house, owner), "" if found is None else found.env)

    shown = with_house(settings_of(data), agreeing)
    if as_json:
        print_json(shown)
    else:
        print_fields(shown)


async def _settings(house: House, tenant: str) -> dict[str, Any]:
    read = await tenants.load(house.db, await tenant_id(house, tenant))
    if read is None:
        raise Missing(f"There is no tenant {tenant}; frontdesk tenants list shows all")
    return dict(read.settings)


def _shown(name: str, settings: dict[str, Any], env: str) -> dict[str, Any]:
    terms = asdict(terms_of(settings, name, sandbox=env == "sbx"))
    return {"skill": name, **{each: terms[each] for each in ("subscribed", "consent_minutes", "retention_minutes")}}
