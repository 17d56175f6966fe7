"""The command line: starts things, and does the little that an operator does by hand."""

import sys
from importlib.metadata import version

import typer

from frontdesk.basics.errors import PortError, Problem
from frontdesk.cli import (
    clients,
    database,
    demo,
    doctor,
    events,
    evidence,
    keys,
    models,
    published,
    retention,
    serving,
    signers,
    tenants,
    webhooks,
    working,
)
from frontdesk.cli.output import complain
from frontdesk.cli.sandbox import sandbox_bank

app = typer.Typer(
    name="frontdesk",
    help="A self-hosted server for guided sessions.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"frontdesk {version('frontdesk')}")
        raise typer.Exit


@app.callback()
def options(
    _: bool = typer.Option(
        False, "--version", callback=_tell_version, is_eager=True, help="Print the version and leave."
    ),
) -> None:
    """A self-hosted server for guided sessions."""


app.command("serve")(serving.serve)
app.command("demo")(demo.demo)
app.command("worker")(working.worker)
app.command("migrate")(database.migrate)
app.add_typer(tenants.commands, name="tenants")
app.add_typer(keys.commands, name="keys")
app.add_typer(clients.commands, name="clients")
app.add_typer(signers.commands, name="signers")
app.add_typer(webhooks.commands, name="webhooks")
app.add_typer(events.commands, name="events")
app.add_typer(evidence.commands, name="evidence")
app.add_typer(retention.commands, name="retention")
app.command("tombstone")(retention.tombstone)
app.command("doctor")(doctor.doctor)
app.add_typer(models.commands, name="models")
app.command("openapi")(published.openapi)
app.command("sandbox-bank")(sandbox_bank)


def main() -> None:
    """Run the command of this process. A failure is one line on standard error and status 1, wrong usage is 2."""
    try:
        app(prog_name="frontdesk")
    except (Problem, PortError) as error:
        complain(str(error))
        sys.exit(1)
