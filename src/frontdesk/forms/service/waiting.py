"""Waiting for a form to be read, for callers that cannot poll."""

import time

from frontdesk.forms.service.needs import Needs
from frontdesk.forms.store import forms
from frontdesk.kernel import change as changes

PATIENCE_SECONDS = 20.0


async def until_read(needs: Needs, form_id: str, seconds: float = PATIENCE_SECONDS) -> bool:
    """Whether the form was read, or given up, within this time."""
    until = time.monotonic() + seconds
    async with needs.wakeup.subscribe(changes.topic(form_id)) as changed:
        while True:
            form = await forms.for_job(needs.db, needs.vault, form_id)
            if form is None or form.session.status != "detecting":
                return True
            if time.monotonic() >= until:
                return False
            await changed.wait(max(0.0, until - time.monotonic()))
