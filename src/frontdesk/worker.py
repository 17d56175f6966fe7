"""The job worker: hands what is due to the durable engine, runs it, and sweeps what time has decided."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from frontdesk.agents.jobs import JOBS as AGENTS_JOBS
from frontdesk.agents.model.session import LIFECYCLE as AGENTS_LIFECYCLE
from frontdesk.agents.service import keeping
from frontdesk.basics.clock import to_micros
from frontdesk.basics.errors import PortError, Problem
from frontdesk.forms.jobs import JOBS as FORMS_JOBS
from frontdesk.forms.model.form import LIFECYCLE as FORM_LIFECYCLE
from frontdesk.forms.model.job import BATCH, JOB
from frontdesk.forms.model.session import LIFECYCLE as FORMS_LIFECYCLE
from frontdesk.kernel import blobs, expiry, outbox
from frontdesk.kernel.webhooks import deliveries, sending
from frontdesk.kyc.jobs import JOBS as KYC_JOBS
from frontdesk.kyc.model.session import LIFECYCLE as KYC_LIFECYCLE
from frontdesk.kyc.service import likeness, retaining
from frontdesk.onboarding.jobs import JOBS as ONBOARDING_JOBS
from frontdesk.onboarding.model.session import LIFECYCLE as ONBOARDING_LIFECYCLE
from frontdesk.wiring import House

LONGEST_WAIT_SECONDS = 5.0
"""A process that shares the database without sharing wake-ups is noticed after this time."""
SWEEP_SECONDS = 30.0
Warn = Callable[[str, str], None]
"""Told of an event and the kind of error when a round failed; the next round tries again."""
LIFECYCLES = {
    "kyc": KYC_LIFECYCLE,
    "form": FORM_LIFECYCLE,
    "forms": FORMS_LIFECYCLE,
    "form_job": JOB,
    "form_batch": BATCH,
    "onboarding": ONBOARDING_LIFECYCLE,
    "agents": AGENTS_LIFECYCLE,
}
JOB_NAMES = (deliveries.JOB, blobs.REMOVE_JOB, *KYC_JOBS, *FORMS_JOBS, *ONBOARDING_JOBS, *AGENTS_JOBS)


def register(house: House) -> None:
    """Make every job known to the engine."""
    house.engine.register(deliveries.JOB, _delivering(house))
    house.engine.register(blobs.REMOVE_JOB, _removing(house))
    run: Callable[..., Awaitable[None]]
    for name, run in KYC_JOBS.items():
        house.engine.register(name, _bound(house.kyc, run))
    for name, run in FORMS_JOBS.items():
        house.engine.register(name, _bound(house.forms, run))
    for name, run in ONBOARDING_JOBS.items():
        house.engine.register(name, _bound(house.onboarding, run))
    for name, run in AGENTS_JOBS.items():
        house.engine.register(name, _bound(house.agents, run))


def _bound(needs: Any, run: Callable[..., Awaitable[None]]) -> Callable[[str], Awaitable[None]]:
    async def job(argument: str) -> None:
        await run(needs, argument)

    return job


def _delivering(house: House) -> Callable[[str], Awaitable[None]]:
    async def job(argument: str) -> None:
        wanted = json.loads(argument)
        await sending.deliver(
            house.db,
            house.wakeup,
            house.vault,
            house.allowed,
            wanted["delivery_id"],
            int(wanted["tries"]),
            house.clock.now(),
        )

    return job


def _removing(house: House) -> Callable[[str], Awaitable[None]]:
    async def job(argument: str) -> None:
        await blobs.remove(house.db, house.blobs, json.loads(argument)["keys"])

    return job


@asynccontextmanager
async def working(house: House, warn: Warn) -> AsyncIterator[None]:
    """Run jobs in this process while the context lasts."""
    register(house)
    await house.engine.start()
    loops = [
        asyncio.create_task(_dispatch_for_ever(house, warn), name="frontdesk-dispatch"),
        asyncio.create_task(_sweep_for_ever(house, warn), name="frontdesk-sweep"),
    ]
    try:
        async with keeping.working(house.agents):
            yield
    finally:
        for task in loops:
            task.cancel()
        for task in loops:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await house.engine.stop()


async def _dispatch_for_ever(house: House, warn: Warn) -> None:
    async with house.wakeup.subscribe(outbox.TOPIC) as due:
        while True:
            wait = LONGEST_WAIT_SECONDS
            try:
                while await outbox.dispatch(house.db, house.engine, house.clock.now()):
                    pass
                wait = await _until_next(house)
            except (PortError, Problem) as error:
                warn("dispatch_failed", type(error).__name__)
            await due.wait(wait)


async def _until_next(house: House) -> float:
    next_at = await outbox.next_due_at(house.db)
    if next_at is None:
        return LONGEST_WAIT_SECONDS
    seconds = (next_at - to_micros(house.clock.now())) / 1_000_000
    return min(max(seconds, 0.01), LONGEST_WAIT_SECONDS)


async def _sweep_for_ever(house: House, warn: Warn) -> None:
    while True:
        try:
            await retaining.seal_customers(house.kyc)
            now = house.clock.now()
            await expiry.sweep(house.db, house.wakeup, house.vault, LIFECYCLES, now)
            await blobs.sweep(house.db, house.blobs, now)
            await retaining.sweep(house.kyc)
            await likeness.sweep(house.kyc)
        except (PortError, Problem) as error:
            warn("sweep_failed", type(error).__name__)
        await asyncio.sleep(SWEEP_SECONDS)
