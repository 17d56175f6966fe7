"""`frontdesk worker`: jobs alone."""

import asyncio
import signal

import typer
import uvloop

from frontdesk import app, wiring
from frontdesk import worker as jobs
from frontdesk.cli.database import make_ready
from frontdesk.cli.listening import join_logs
from frontdesk.cli.options import Data, settings_of
from frontdesk.cli.ownership import sharing
from frontdesk.config import Settings


def worker(data: Data = None) -> None:
    """Run jobs without answering requests, beside as many other workers and servers as you like."""
    settings = settings_of(data)
    make_ready(settings)
    with sharing(settings) as is_guest:
        uvloop.run(_work(settings, is_guest))


async def _work(settings: Settings, is_guest: bool) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    house = wiring.build(settings, is_guest=is_guest)
    join_logs()
    journal = app.log_to()
    async with wiring.opened(house), jobs.working(house, app.warn_in(journal)):
        typer.echo("Frontdesk works on jobs")
        await ended.wait()
    journal.info("worker_stopped")
