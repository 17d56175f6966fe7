"""What is answered about jobs, usage and keys."""

import msgspec

from frontdesk.basics.clock import iso
from frontdesk.forms.model.form import Fault
from frontdesk.forms.model.job import ContextJob, Report
from frontdesk.forms.rules import published, values
from frontdesk.forms.service.keys import NewKey
from frontdesk.forms.service.needs import Work
from frontdesk.forms.service.usage import Usage
from frontdesk.kernel.credentials import ApiKey

from .answers import Retention


class JobMade(msgspec.Struct, frozen=True):
    """A job that was accepted: `processing`, or `queued` where the older edition's words are spoken."""

    job_id: str
    status: str


class JobError(msgspec.Struct, frozen=True):
    """Why a job failed."""

    code: str
    message: str


class FilledShown(msgspec.Struct, frozen=True):
    """A field that the material answered, with where the answer stands."""

    id: str
    label: str
    confidence: str
    value: str | bool | list[str] | None
    source: str
    quote: str


class DroppedShown(msgspec.Struct, frozen=True):
    """What looked like an answer and was not written."""

    id: str
    value: str
    reason: str


class ReportShown(msgspec.Struct, frozen=True):
    """What a context job did."""

    filled: list[FilledShown]
    dropped: list[DroppedShown]
    left_blank: list[str]
    summary: str


class JobShown(msgspec.Struct, frozen=True):
    """A context job. `report` and `error` are sentences where the older edition's words are spoken."""

    job_id: str
    status: str
    session_id: str | None
    form_id: str
    report: ReportShown | str | None
    error: JobError | str | None
    warnings: list[str]
    artifacts: list[dict[str, str]]
    proposal_id: str | None = None
    result: str | None = None
    receipt_url: str | None = None
    pdf_url: str | None = None
    package_url: str | None = None
    artifact_id: str | None = None
    retention: Retention | None = None


class UsageShown(msgspec.Struct, frozen=True):
    """Counts of actions and of their pages: since the beginning, and of the month `period`.

    Tokens and pages of context are not counted here.
    """

    owner: str
    period: str
    total: dict[str, int]
    period_counts: dict[str, int]
    total_pages: dict[str, int]
    period_pages: dict[str, int]
    total_ctx_tokens: dict[str, int]
    period_ctx_tokens: dict[str, int]
    total_context_pages: dict[str, int]
    period_context_pages: dict[str, int]


class KeyShown(msgspec.Struct, frozen=True, omit_defaults=True):
    """An API key; `key` itself is shown only when it is made."""

    id: str
    owner: str
    label: str
    last4: str
    state: str
    created_at: str
    key: str | None = None


class KeyList(msgspec.Struct, frozen=True):
    """An owner's keys, the oldest first."""

    keys: list[KeyShown]


_OLDER_WORDS = {"queued": "queued", "running": "running", "ready": "done", "failed": "error"}
_WORDS = {"queued": "processing", "running": "processing", "ready": "ready", "failed": "failed"}


def job_made(job_id: str, *, in_files: bool) -> JobMade:
    """The answer to a context request."""
    return JobMade(published.job_id(job_id), "processing" if in_files else "queued")


def job(found: Work[ContextJob]) -> JobShown:
    """A context job, in the words of the edition that it was begun in."""
    record, status = found.record, found.session.status
    words = _WORDS if record.in_files else _OLDER_WORDS
    return JobShown(
        job_id=published.job_id(found.id),
        status=words[status],
        session_id=None if record.session_id is None else published.session_id(record.session_id),
        form_id=published.form_id(found.form_id),
        report=_report(record.report, in_files=record.in_files),
        error=_error(record.error, in_files=record.in_files),
        warnings=list(record.warnings),
        artifacts=[],
    )


def _report(found: Report | None, *, in_files: bool) -> ReportShown | str | None:
    if found is None:
        return None
    if not in_files:
        return found.summary
    filled = [
        FilledShown(one.id, one.label, one.confidence, values.shown(one.value), one.source, one.quote)
        for one in found.filled
    ]
    dropped = [DroppedShown(one.id, one.value, one.reason) for one in found.dropped]
    return ReportShown(filled, dropped, list(found.left_blank), found.summary)


def _error(found: Fault | None, *, in_files: bool) -> JobError | str | None:
    if found is None:
        return None
    return JobError(found.code, found.message) if in_files else found.message


def usage(found: Usage) -> UsageShown:
    """What a tenant has done."""
    nothing: list[dict[str, int]] = [{} for _ in range(4)]
    pages = (found.total_pages, found.period_pages)
    return UsageShown(found.owner, found.period, found.total, found.period_counts, *pages, *nothing)


def key(entry: ApiKey, owner: str, shown: str | None = None) -> KeyShown:
    """A key of an owner."""
    state = "revoked" if entry.revoked_at else "disabled" if entry.disabled_at else "active"
    return KeyShown(published.key_id(entry.id), owner, entry.name, entry.hint, state, iso(entry.created_at), shown)


def new_key(made: NewKey) -> KeyShown:
    """A key that was just made, with the key itself."""
    return key(made.entry, made.owner, made.key)
