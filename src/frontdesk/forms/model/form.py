"""A form from its upload on: its lifecycle, and what is kept of it besides its layout."""

from dataclasses import dataclass
from datetime import datetime

from frontdesk.kernel.lifecycle import Lifecycle

LIFECYCLE = Lifecycle(
    "detecting",
    {
        ("detecting", "advance"): "detecting",
        ("detecting", "finish"): "ready",
        ("detecting", "fail"): "failed",
        ("ready", "use"): "ready",
        ("ready", "expire"): "ready",
        ("failed", "expire"): "failed",
    },
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why work failed: a published code, and a sentence that says what the user can do."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What is kept of a form. `progress` runs from 0 to 1. `retention` is `ephemeral` or None: kept until deleted."""

    blob_key: str
    title: str | None = None
    file_name: str | None = None
    progress: float = 0.0
    page_count: int | None = None
    field_count: int | None = None
    source_kind: str | None = None
    warnings: tuple[str, ...] = ()
    reused_layout: bool = False
    error: Fault | None = None
    callback_url: str | None = None
    retention: str | None = None
    documents_deleted_at: datetime | None = None
