"""Starts the server of the demo, walks the sessions beside it, and stays until it is told to stop."""

import asyncio
import signal
import socket
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

import typer
import uvloop

from frontdesk import wiring
from frontdesk.basics.errors import PortError, Problem
from frontdesk.cli.database import make_ready
from frontdesk.cli.demo import agents, forms, kyc, onboarding, presence, screening
from frontdesk.cli.demo.calling import Caller, WentWrong
from frontdesk.cli.demo.receiving import Receiver
from frontdesk.cli.demo.telling import Teller
from frontdesk.cli.listening import Listener, Plan, Server, configured, listen
from frontdesk.cli.options import AsJson, Data, Host, Port, settings_of
from frontdesk.cli.ownership import sharing
from frontdesk.cli.sandbox.running import beside
from frontdesk.config import Settings
from frontdesk.kernel import credentials, tenants
from frontdesk.onboarding.service import clients
from frontdesk.ports.db import Write

TENANT = "Sample Bank"
KEY_NAME = "demo"
LOG = "demo.log"
Exit = Annotated[bool, typer.Option("--exit", help="Stop afterwards; status 0 only if every session finished.")]


def demo(
    host: Host = "127.0.0.1", port: Port = 8000, data: Data = None, exits: Exit = False, as_json: AsJson = False
) -> None:
    """Serve with a sample tenant, and walk one real session of each kind over HTTP."""
    settings = settings_of(data)
    # The receiver of the demo's webhooks listens on this machine.
    settings = replace(settings, webhook_allow=(*settings.webhook_allow, "127.0.0.1"))
    with listen(host, port) as listener:
        make_ready(settings)
        with sharing(settings) as is_guest, beside(settings, host) as settings:
            plan = Plan(settings, listener.url, is_guest)
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: None)  # see `serve`
            finished = uvloop.run(_serve_and_walk(plan, listener, Teller(as_json), exits))
    if not finished:
        sys.exit(1)


async def _serve_and_walk(plan: Plan, listener: Listener, teller: Teller, exits: bool) -> bool:
    """Whether every session finished as it should."""
    ready = asyncio.Event()
    log = plan.settings.data / LOG
    with log.open("ab") as stream:
        server = Server(configured(plan, stream), lambda _: ready.set(), listener.url)
        serving = asyncio.create_task(_serve(server, listener.socket))
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait([serving, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if serving.done():
            return False
        teller.ready(listener.url, log)
        walking = asyncio.create_task(_walk(plan, listener.url, teller, exits))
        await asyncio.wait([serving, walking], return_when=asyncio.FIRST_COMPLETED)
        if serving.done():  # a signal came
            walking.cancel()
            await asyncio.wait([walking])
            return False
        finished = walking.result()
        if exits:
            server.should_exit = True
        await serving
        return finished


async def _serve(server: Server, bound: socket.socket) -> bool:
    try:
        await server.serve([bound])
    except SystemExit:  # it could not start, and has said why
        return False
    return True


async def _walk(plan: Plan, url: str, teller: Teller, exits: bool) -> bool:
    try:
        key, app = await _keys_of_the_sample(plan.settings)
        async with Receiver(teller) as receiver, Caller(url, key, teller) as caller:
            finished = await kyc.walk(caller, receiver, teller, plan.settings.data / "demo")
            finished = await presence.walk(caller, teller, wiring.models_fault(plan.settings)) and finished
            finished = await screening.walk(caller, teller) and finished
            finished = await forms.walk(caller, teller, plan.settings.data / "demo") and finished
            finished = await onboarding.walk(caller, app, teller) and finished
            finished = await agents.walk(caller, teller) and finished
            if not exits:
                teller.invite(url, key, await kyc.open_one_to_try(caller))
    except (WentWrong, PortError, Problem) as error:
        teller.failed(str(error))
        return False
    teller.ended(finished)
    return finished


async def _keys_of_the_sample(settings: Settings) -> tuple[str, onboarding.App]:
    """A fresh API key and fresh client keys of the sample tenant; those of the last demo are revoked. What only the
    operator may do is not in the HTTP API: it is done here as `frontdesk tenants`, `keys` and `clients` do it."""
    house = wiring.build(settings)
    await house.db.open()
    try:
        now = house.clock.now()
        owner = await tenants.id_of(house.db, TENANT)
        writes: list[Write] = []
        if owner is None:
            new, writes = tenants.create(house.vault, TENANT, now)
            owner = new.tenant_id
        for old in await credentials.keys_of(house.db, owner):
            if old.name == KEY_NAME and old.revoked_at is None:
                writes.append(credentials.switched("revoke", owner, old.id, now))
        _, key, write = credentials.new_key(owner, KEY_NAME, credentials.PERMISSIONS, now)
        await house.db.commit([*writes, write])
        app_key, secret = [await clients.rotate(house.onboarding, owner, name, timedelta()) for name in clients.KEYS]
        client_id = await clients.client_id_of(house.onboarding, owner)
        await screening.bring_in(house, owner)
    finally:
        await house.db.close()
    return key, onboarding.App(client_id, app_key, secret)
