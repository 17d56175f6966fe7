"""Work in the background over a form: filling it from supporting material, or once for each row of a table."""

from dataclasses import dataclass

from frontdesk.forms.model.field import Value
from frontdesk.forms.model.form import Fault
from frontdesk.kernel.lifecycle import Lifecycle

JOB = Lifecycle(
    "queued",
    {
        ("queued", "begin"): "running",
        ("running", "begin"): "running",
        ("running", "finish"): "ready",
        ("queued", "fail"): "failed",
        ("running", "fail"): "failed",
    },
)
BATCH = Lifecycle(
    "running",
    {
        ("running", "advance"): "running",
        ("running", "finish"): "complete",
        ("running", "fail"): "failed",
    },
)


@dataclass(frozen=True, slots=True)
class Context:
    """One piece of supporting material, as it was sent."""

    blob_key: str
    name: str
    mime_type: str


@dataclass(frozen=True, slots=True)
class Found:
    """An answer of the material that was written into the form."""

    id: str
    label: str
    value: Value
    confidence: str
    source: str
    quote: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """What looked like an answer and was not written, and why."""

    id: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a context job did. `left_blank` are the labels of the fields without a value."""

    filled: tuple[Found, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    left_blank: tuple[str, ...] = ()
    summary: str = ""


@dataclass(frozen=True, slots=True)
class ContextJob:
    """What is kept of a context job. `in_files` says that some material came as a file: it decides the wording."""

    contexts: tuple[Context, ...]
    policy: str
    in_files: bool
    callback_url: str | None = None
    session_id: str | None = None
    report: Report | None = None
    warnings: tuple[str, ...] = ()
    error: Fault | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a batch: its number from 1, and the key of its PDF or what is wrong with it."""

    number: int
    status: str
    blob_key: str | None = None
    error: Fault | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """What is kept of a batch. `mapping` goes from a column's name to a field's number."""

    blob_key: str
    name: str
    mime_type: str
    mapping: tuple[tuple[str, int], ...]
    total: int = 0
    rows: tuple[Row, ...] = ()
    error: Fault | None = None
