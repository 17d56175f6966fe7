"""What runs later, by name. Each job calls the service; doing one twice changes nothing."""

import json
from collections.abc import Awaitable, Callable, Mapping

from frontdesk.forms.service import batches, context, detecting, forms, rendering, retaining
from frontdesk.forms.service.needs import Needs

Run = Callable[[Needs, str], Awaitable[None]]


def _with(name: str, run: Callable[[Needs, str], Awaitable[None]]) -> Run:
    async def job(needs: Needs, argument: str) -> None:
        await run(needs, json.loads(argument)[name])

    return job


JOBS: Mapping[str, Run] = {
    "forms.detect": _with("form_id", detecting.run),
    "forms.clear": _with("form_id", forms.clear),
    "forms.render": _with("session_id", rendering.run),
    "forms.fill_from_context": _with("job_id", context.run),
    "forms.fill_batch": _with("batch_id", batches.run),
    "form.session_expired": _with("session_id", retaining.remove_documents),
}
