"""Runs the bank: as a command of its own, or in a thread beside a server that needs one."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from frontdesk.cli.listening import listen, silence
from frontdesk.cli.sandbox import api, visiting
from frontdesk.cli.sandbox.bank import Bank
from frontdesk.config import Settings

STOP_SECONDS = 1
"""How long slow answers may go on when the bank is told to stop: nobody needs them."""


def application(bank: Bank) -> ASGIApp:
    """The bank on its paths."""
    return Starlette(
        routes=[*visiting.routes(bank), *api.routes(bank)],
        exception_handlers={HTTPException: visiting.nothing_here, Exception: visiting.broken},
    )


def server(bank: Bank) -> uvicorn.Server:
    """A server of this bank."""
    silence()
    return uvicorn.Server(
        uvicorn.Config(
            application(bank),
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )


@contextmanager
def beside(settings: Settings, host: str, bank: Bank | None = None) -> Iterator[Settings]:
    """The settings, with the address of a bank on a free port if they ask for the sandbox and name none."""
    if settings.bank != "sandbox" or settings.bank_url:
        yield settings
        return
    with listen(host, 0) as listener, serving(bank or Bank(), listener.socket):
        yield replace(settings, bank_url=listener.url)


@contextmanager
def serving(bank: Bank, bound: socket.socket) -> Iterator[None]:
    """The bank in a thread, for as long as the context lasts. Whoever calls early waits in the socket's queue."""
    running = server(bank)
    thread = threading.Thread(target=running.run, args=([bound],), daemon=True, name="sandbox-bank")
    thread.start()
    try:
        yield
    finally:
        running.should_exit = True
        thread.join()
