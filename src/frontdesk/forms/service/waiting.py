"""Waiting for a form to be read, or a batch to be filled, for callers that cannot poll."""

import time
from collections.abc import Awaitable, Callable

from frontdesk.forms.model.job import BATCH, Batch
from frontdesk.forms.service.needs import Needs
from frontdesk.forms.store import forms, jobs
from frontdesk.kernel import change as changes

PATIENCE_SECONDS = 20.0


async def until_read(needs: Needs, form_id: str, seconds: float = PATIENCE_SECONDS) -> bool:
    """Whether the form was read, or given up, within this time."""

    async def is_read() -> bool:
        form = await forms.for_job(needs.db, needs.vault, form_id)
        return form is None or form.session.status != "detecting"

    return await _until(needs, form_id, is_read, seconds)


async def until_filled(needs: Needs, batch_id: str, seconds: float = PATIENCE_SECONDS) -> bool:
    """Whether every row of the batch was filled, or given up, within this time."""

    async def is_filled() -> bool:
        batch = await jobs.for_job(needs.db, needs.vault, Batch, batch_id)
        return batch is None or batch.session.status != BATCH.start

    return await _until(needs, batch_id, is_filled, seconds)


async def _until(needs: Needs, session_id: str, is_so: Callable[[], Awaitable[bool]], seconds: float) -> bool:
    until = time.monotonic() + seconds
    async with needs.wakeup.subscribe(changes.topic(session_id)) as changed:
        while True:
            if await is_so():
                return True
            if time.monotonic() >= until:
                return False
            await changed.wait(max(0.0, until - time.monotonic()))
