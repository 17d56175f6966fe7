"""`frontdesk doctor`: looks at everything a server needs, says what is off and how to mend it."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer

from frontdesk.cli import looking
from frontdesk.cli.looking import Finding
from frontdesk.cli.options import AsJson, Data, settings_of
from frontdesk.cli.output import complain, console, print_json
from frontdesk.config import Settings

LookPort = Annotated[int, typer.Option("--port", min=1, max=65535, help="Port that the server is to have.")]


def doctor(data: Data = None, port: LookPort = 8000, as_json: AsJson = False) -> None:
    """Check what the server needs: database, files, papers, faces, screening, bank, mail, model; else status 1."""
    settings = settings_of(data)
    findings = asyncio.run(_look(settings, port, quiet=as_json))
    off = [finding.name for finding in findings if not finding.ok]
    if as_json:
        print_json({"ok": not off, "checks": [asdict(finding) for finding in findings]})
    if off:
        complain(f"off: {', '.join(off)}")
        raise typer.Exit(1)


async def _look(settings: Settings, port: int, *, quiet: bool) -> list[Finding]:
    findings: list[Finding] = []
    for name, look in looking.looks(settings, port):
        with console.status(f"Looking at {name}"):
            found = await look()
        findings.append(found)
        if not quiet:
            _show(found)
    return findings


def _show(found: Finding) -> None:
    mark, style = ("ok ", "green") if found.ok else ("off", "bold red")
    console.print(f"[{style}]{mark}[/] {found.name.ljust(10)}", end=" ")
    console.print(found.said, markup=False)
    if found.remedy:
        console.print(f"    {' ' * 10} to mend it: {found.remedy}", markup=False)
