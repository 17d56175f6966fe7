"""`frontdesk serve`: API, pages and jobs in one process, or in several that share a port."""

import signal
import sys
from typing import Annotated

import typer

from frontdesk.cli.database import make_ready
from frontdesk.cli.listening import Listener, Plan, Server, configured, listen, serve_with_many
from frontdesk.cli.options import Data, Host, Port, settings_of
from frontdesk.cli.ownership import sharing
from frontdesk.cli.sandbox.running import beside

Workers = Annotated[int, typer.Option("--workers", min=1, max=256, help="Processes; more than one needs PostgreSQL.")]


def serve(host: Host = "127.0.0.1", port: Port = 8000, data: Data = None, workers: Workers = 1) -> None:
    """Serve the API and the pages, and run the jobs."""
    settings = settings_of(data)
    if workers > 1 and settings.sqlite_path is not None:
        raise typer.BadParameter(
            "several processes need PostgreSQL: set FRONTDESK_DATABASE_URL, or leave --workers out",
            param_hint="--workers",
        )
    settings.secret()
    with listen(host, port) as listener:
        make_ready(settings)
        with sharing(settings) as is_guest, beside(settings, host) as settings:
            failed = _serve(Plan(settings, listener.url, is_guest), listener, workers)
    if failed:
        sys.exit(1)


def _serve(plan: Plan, listener: Listener, workers: int) -> bool:
    """Serve until a signal comes; whether it could not even start."""
    if workers > 1:
        return serve_with_many(plan, listener, workers, _say_ready)
    server = Server(configured(plan), _say_ready, listener.url)
    # The server stops at these two, then raises them again for whoever was there before: that is the end we want.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    try:
        server.run([listener.socket])
    except SystemExit:
        return True
    return False


def _say_ready(url: str) -> None:
    typer.echo(f"Frontdesk is ready on {url}")
