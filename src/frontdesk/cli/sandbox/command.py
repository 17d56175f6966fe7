"""`frontdesk sandbox-bank`: the made-up bank alone."""

import signal
from datetime import timedelta
from typing import Annotated, get_args

import typer

from frontdesk.cli.listening import join_logs, listen
from frontdesk.cli.options import Data, Host, Port, settings_of
from frontdesk.cli.sandbox.bank import Bank
from frontdesk.cli.sandbox.faults import Fault, FaultKind, Faults
from frontdesk.cli.sandbox.running import server

_KINDS: dict[str, FaultKind] = {kind: kind for kind in get_args(FaultKind)}
FaultOption = Annotated[str | None, typer.Option("--fault", help=f"Fail every call of programs: {', '.join(_KINDS)}.")]
Slow = Annotated[float, typer.Option("--slow-seconds", min=0, max=600, help="How long a slow answer takes.")]
Settle = Annotated[float, typer.Option("--settle-seconds", min=0, help="How long a payment is on its way.")]


def sandbox_bank(
    host: Host = "127.0.0.1",
    port: Port = 8100,
    data: Data = None,
    fault: FaultOption = None,
    slow: Slow = 30,
    settle: Settle = 3,
) -> None:
    """Serve a made-up bank, for skills of the sandbox. It keeps everything in memory and forgets it when it stops."""
    settings_of(data)  # taken as by every command, and nothing is kept there
    if fault is not None and fault not in _KINDS:
        raise typer.BadParameter(f"choose one of {', '.join(_KINDS)}", param_hint="--fault")
    faults = Faults(Fault(_KINDS[fault])) if fault else Faults()
    bank = Bank(faults=faults, slow_for=timedelta(seconds=slow), settles_for=timedelta(seconds=settle))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)  # see `serve`
    join_logs()
    with listen(host, port) as listener:
        typer.echo(f"The sandbox bank is ready on {listener.url}")
        server(bank).run([listener.socket])
