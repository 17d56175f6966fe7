"""How far a session has come: its lifecycles, its records, and what a decision returns."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from frontdesk.basics.errors import Problem
from frontdesk.kernel.lifecycle import Lifecycle
from frontdesk.kyc.model.definition import Definition
from frontdesk.kyc.model.findings import Finding, Triggered
from frontdesk.kyc.model.liveness import LivenessAttempt

_PROCESSED_FROM = ("completed", "processed", "manual_review")
_DECIDED_FROM = (*_PROCESSED_FROM, "awaiting_client_correction")

LIFECYCLE = Lifecycle(
    "active",
    {
        ("active", "complete"): "completed",
        ("active", "exhaust_liveness"): "manual_review",
        ("active", "complete_to_review"): "manual_review",
        **{(status, "process_to_approved"): "approved" for status in _PROCESSED_FROM},
        **{(status, "process_to_flagged"): "approved" for status in _PROCESSED_FROM},
        **{(status, "process_to_rejected"): "rejected" for status in _PROCESSED_FROM},
        **{(status, "process_to_review"): "manual_review" for status in _PROCESSED_FROM},
        **{(status, "process_undecided"): "processed" for status in _PROCESSED_FROM},
        **{(status, "request_corrections"): "awaiting_client_correction" for status in _DECIDED_FROM},
        ("awaiting_client_correction", "resolve_to_review"): "manual_review",
        ("awaiting_client_correction", "resolve_to_processing"): "completed",
        ("awaiting_client_correction", "resolve_to_completed"): "completed",
        ("awaiting_client_correction", "resume"): "active",
        **{(status, "approve"): "approved" for status in _DECIDED_FROM},
        **{(status, "reject"): "rejected" for status in _DECIDED_FROM},
        **{(status, "send_to_review"): "manual_review" for status in _DECIDED_FROM},
        ("approved", "reopen"): "manual_review",
        ("rejected", "reopen"): "manual_review",
    },
)

STEP_LIFECYCLE = Lifecycle(
    "pending",
    {
        ("pending", "start"): "in_progress",
        ("pending", "complete"): "completed",
        ("in_progress", "complete"): "completed",
        ("completed", "complete"): "completed",
        ("needs_correction", "complete"): "completed",
        **{
            (status, "request_correction"): "needs_correction"
            for status in ("pending", "in_progress", "completed", "needs_correction")
        },
        # Editing an earlier step can make a required field of a completed one appear: it is due again.
        ("completed", "become_due"): "in_progress",
        # A reviewer's decision cancels open corrections: the step goes back to where it was.
        ("needs_correction", "withdraw"): "completed",
        ("needs_correction", "withdraw_unfinished"): "in_progress",
    },
)

CORRECTION_LIFECYCLE = Lifecycle("open", {("open", "resolve"): "resolved", ("open", "cancel"): "cancelled"})

UPLOAD_LIFECYCLE = Lifecycle(
    "initiated",
    {
        ("initiated", "store"): "stored",
        ("initiated", "confirm"): "confirmed",
        ("stored", "confirm"): "confirmed",
        ("initiated", "reject"): "rejected",
        ("stored", "reject"): "rejected",
        ("initiated", "expire"): "expired",
        ("stored", "expire"): "expired",
        ("confirmed", "supersede"): "superseded",
    },
)

FINISHED = frozenset({"completed", "processed", "manual_review", "approved", "rejected"})
"""Statuses in which a subsession counts as completed."""
DECIDED = frozenset({"approved", "rejected"})


class StepAnswer(msgspec.Struct, frozen=True):
    """What completing a step tells the customer."""

    step_id: str
    status: str
    next_step_id: str | None
    session_completed: bool


class StepState(msgspec.Struct, frozen=True):
    """One step of one session. `accepted_digest` and `accepted_answer` are for replaying the last completion.

    The digest covers personal values, so it is stored as they are: sealed.
    """

    step_id: str
    status: str = STEP_LIFECYCLE.start
    started_at: datetime | None = None
    completed_at: datetime | None = None
    accepted_digest: str | None = None
    accepted_answer: StepAnswer | None = None


class Extraction(msgspec.Struct, frozen=True):
    """What was read from a document when read as `document_type`; `recognised_as` is what it looks like."""

    document_type: str
    values: dict[str, str]
    scores: dict[str, float]
    engine: str
    extracted_at: datetime
    recognised_as: str = "unknown"
    issues: tuple[str, ...] = ()
    printed: dict[str, str] = msgspec.field(default_factory=dict)
    """Of a paper with a zone: what both readers saw in print beside its labels."""
    turned: tuple[float, ...] = ()
    """By how many degrees clockwise each page that was read had to be turned to stand upright."""

    @property
    def first_turned(self) -> float:
        """The same of the first page, where a portrait is."""
        return self.turned[0] if self.turned else 0


class Document(msgspec.Struct, frozen=True):
    """One upload, from its reservation on. `state` is a status of `UPLOAD_LIFECYCLE`.

    `extraction_state` is `none`, `running`, `done` or `failed` and speaks of the last run; `running_as` is
    the type that this run reads the document as.
    """

    doc_id: str
    step_id: str
    document_type: str
    field_id: str | None
    file_name: str
    mime_type: str
    blob_key: str
    created_at: datetime
    url_expires_at: datetime
    state: str = UPLOAD_LIFECYCLE.start
    size: int | None = None
    sha256: str | None = None
    uploaded_at: datetime | None = None
    flags: tuple[str, ...] = ()
    extraction_state: str = "none"
    extraction_runs: int = 0
    running_as: str | None = None
    run_started_at: datetime | None = None
    extractions: tuple[Extraction, ...] = ()

    def key_of(self, sha256: str) -> str:
        """Where judged bytes with this digest lie: of two confirmations at once, each keeps what it has judged."""
        return f"{self.blob_key}.{sha256[:32]}"

    @property
    def kept_key(self) -> str:
        """Where the judged bytes lie, once there are some."""
        return self.key_of(self.sha256 or "")

    @property
    def arriving_key(self) -> str:
        """Where the customer's bytes arrive. Only what was judged is copied to `kept_key`: an address of the store
        may be used again after confirmation, and must not reach what a reviewer sees."""
        return f"arriving/{self.blob_key}"

    @property
    def superseded(self) -> bool:
        """Replaced by a newer file, kept for audit."""
        return self.state == "superseded"

    @property
    def current(self) -> bool:
        """Confirmed and not replaced: what the customer sees and rules count."""
        return self.state == "confirmed"


class Correction(msgspec.Struct, frozen=True):
    """A reviewer's demand that one step be fixed."""

    correction_id: str
    step_id: str
    message: str
    created_at: datetime
    field_ids: tuple[str, ...] = ()
    document_types: tuple[str, ...] = ()
    status: str = CORRECTION_LIFECYCLE.start
    requested_by: str | None = None
    internal_note: str | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    reason_code: str | None = None


class Related(msgspec.Struct, frozen=True):
    """What a parent needs to know of one of its subsessions; deleted ones are left out."""

    subsession_id: str
    step_id: str
    status: str
    label: str
    workflow_id: str
    expires_at: datetime
    created_at: datetime
    tag: str | None = None
    completed_at: datetime | None = None


class Review(msgspec.Struct, frozen=True):
    """A person's decision. `reason` and `notes` are for staff, `customer_message` is for the customer.

    `reason_code` and `outcome` (`retry` or `final`) are of rejections.
    """

    decided_by: str
    decided_at: datetime
    reason: str | None = None
    notes: str | None = None
    reason_code: str | None = None
    customer_message: str | None = None
    outcome: str | None = None


class Seen(msgspec.Struct, eq=False):
    """What `rules.steps.view` has worked out, and of what. It makes no two states differ."""

    form: Any = None
    definition: Any = None
    view: Any = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Seen)


class Progress(msgspec.Struct, frozen=True):
    """Everything that rules know of one session. `form_data` is by step, then by field."""

    session_id: str
    definition: Definition
    created_at: datetime
    expires_at: datetime
    ttl_days: int
    status: str = LIFECYCLE.start
    steps: tuple[StepState, ...] = ()
    form_data: Mapping[str, Mapping[str, Any]] = msgspec.field(default_factory=dict)
    documents: tuple[Document, ...] = ()
    corrections: tuple[Correction, ...] = ()
    related: tuple[Related, ...] = ()
    parent_session_id: str | None = None
    completed_at: datetime | None = None
    processed_at: datetime | None = None
    final_decision: str | None = None
    review: Review | None = None
    findings: tuple[Finding, ...] = ()
    validated_at: datetime | None = None
    triggered: tuple[Triggered, ...] = ()
    liveness: tuple[LivenessAttempt, ...] = ()
    seen: Seen = msgspec.field(default_factory=Seen)

    def step(self, step_id: str) -> StepState:
        """The state of a step of the definition; `pending` if nothing is recorded of it yet."""
        for state in self.steps:
            if state.step_id == step_id:
                return state
        return StepState(step_id)

    def document(self, doc_id: str) -> Document | None:
        """The upload of that id, in any state."""
        return next((one for one in self.documents if one.doc_id == doc_id), None)

    def attempt(self, liveness_session_id: str) -> LivenessAttempt | None:
        """The liveness attempt of that id."""
        return next((one for one in self.liveness if one.liveness_session_id == liveness_session_id), None)

    def finding(self, check: str) -> Finding | None:
        """What this check found when it last ran."""
        return next((one for one in self.findings if one.check == check), None)

    def open_corrections(self, step_id: str) -> tuple[Correction, ...]:
        """What the reviewer still wants of the step."""
        if not self.corrections:
            return ()
        return tuple(one for one in self.corrections if one.step_id == step_id and one.status == "open")

    def with_step(self, state: StepState) -> "Progress":
        """The same session with that step's state, in the definition's order."""
        for place, one in enumerate(self.steps):
            if one.step_id == state.step_id:
                return replace(self, steps=(*self.steps[:place], state, *self.steps[place + 1 :]))
        known = {one.step_id: one for one in (*self.steps, state)}
        order = [step.step_id for step in self.definition.steps]
        return replace(self, steps=tuple([known[step_id] for step_id in order if step_id in known]))

    def with_document(self, document: Document) -> "Progress":
        """The same session with that document put in its place, or at the end."""
        others = {one.doc_id: one for one in self.documents} | {document.doc_id: document}
        return replace(self, documents=tuple(others.values()))

    def with_attempt(self, attempt: LivenessAttempt) -> "Progress":
        """The same session with that attempt put in its place, or at the end."""
        others = {one.liveness_session_id: one for one in self.liveness} | {attempt.liveness_session_id: attempt}
        return replace(self, liveness=tuple(others.values()))


Note = tuple[str, dict[str, Any]]
"""A name, and facts that hold no personal data."""


class Outcome(msgspec.Struct, frozen=True):
    """A decision. The service commits it whole, then answers `answer`, or raises `refusal` if there is one.

    `verb` is a move of `LIFECYCLE`, or None where the status does not move. `events` are past facts, those
    with a published webhook under its published name; `jobs` are what is to be done later. With `changed`
    false there is nothing to commit: the answer was given before.
    """

    progress: Progress
    verb: str | None = None
    events: tuple[Note, ...] = ()
    jobs: tuple[Note, ...] = ()
    answer: Any = None
    refusal: Problem | None = None
    changed: bool = True
