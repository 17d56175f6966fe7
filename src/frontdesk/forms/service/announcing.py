"""Callbacks: one letter when a form or a job has come to its end, in the words that are the same for all."""

import json
from datetime import timedelta
from typing import Any

from frontdesk.basics.ids import prefixed
from frontdesk.forms.model.form import Fault
from frontdesk.forms.model.job import Report
from frontdesk.forms.rules import published
from frontdesk.forms.rules.refusals import BadRequest
from frontdesk.forms.service.needs import Needs
from frontdesk.kernel.outbox import Intent
from frontdesk.kernel.sessions import Session
from frontdesk.kernel.vault import Seal
from frontdesk.kernel.webhooks import deliveries
from frontdesk.kernel.webhooks.deliveries import Letter
from frontdesk.kernel.webhooks.destinations import RefusedDestination, check_url
from frontdesk.ports.db import Write

SIGNATURE = "X-Emboss-Signature"
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 25))
_LONGEST_URL = 2_000


def checked_url(needs: Needs, url: str | None) -> str | None:
    """An address that callbacks may go to. Raises `BadRequest`."""
    if not url or not url.strip():
        return None
    url = url.strip()
    if len(url) > _LONGEST_URL:
        raise BadRequest("callback_url is too long")
    host = url.partition("://")[2].partition("/")[0].partition(":")[0].rstrip(".").lower()
    if (host == "localhost" or host.endswith(".localhost")) and not needs.allowed.host(host):
        raise BadRequest("callback_url: the address must not be private, loopback or link-local")
    try:
        check_url(url, needs.allowed)
    except RefusedDestination as refused:
        raise BadRequest(f"callback_url: {refused.message}") from refused
    return url


def form_letter(
    form: Session, seal: Seal, url: str | None, error: Fault | None, needs: Needs
) -> tuple[list[Write], list[Intent]]:
    """The letter about a form that was read, or could not be."""
    told: dict[str, Any] = {"form_id": published.form_id(form.id)}
    if error is not None:
        told["error"] = {"code": "form_processing_failed", "message": error.message}
    return _kept("form", told, form, seal, url, needs)


def job_letter(
    job: Session,
    seal: Seal,
    url: str | None,
    needs: Needs,
    *,
    session_id: str | None = None,
    report: Report | None = None,
    error: Fault | None = None,
) -> tuple[list[Write], list[Intent]]:
    """The letter about a context job that has ended."""
    told: dict[str, Any] = {"job_id": published.job_id(job.id)}
    if error is not None:
        told["error"] = {"code": "context_fill_failed", "message": error.message}
    else:
        told["session_id"] = None if session_id is None else published.session_id(session_id)
        if report is not None:
            told["report"] = {
                "filled": [{"id": one.id, "confidence": one.confidence} for one in report.filled],
                "dropped": [{"id": one.id, "value": one.value, "reason": one.reason} for one in report.dropped],
            }
    return _kept("job", told, job, seal, url, needs)


def _kept(
    subject: str, told: dict[str, Any], session: Session, seal: Seal, url: str | None, needs: Needs
) -> tuple[list[Write], list[Intent]]:
    if url is None:
        return [], []
    status = "failed" if "error" in told else "ready"
    event = f"{subject}.{status}"
    body = json.dumps({"event": event, "status": status, **told}, ensure_ascii=False, separators=(",", ":"))
    headers = {"Content-Type": "application/json", "User-Agent": "Frontdesk-Forms/1.0"}
    letter = Letter(prefixed("evt"), event, url, headers, body, SIGNATURE, pauses=PAUSES, refused_is_final=True)
    write, job = deliveries.kept(letter, session.tenant_id, session.id, seal, needs.clock.now())
    return [write], [job]
