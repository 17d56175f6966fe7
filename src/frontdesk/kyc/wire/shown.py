"""How public answers look that are shaped by an allow-list: types for the description, held against real answers."""

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

SessionStatus = Literal[
    "active", "awaiting_client_correction", "manual_review", "completed", "processed", "approved", "rejected"
]
StepStatus = Literal["pending", "in_progress", "completed", "needs_correction"]
StepType = Literal["document_upload", "form_fill", "selfie", "liveness", "subsession_collection", "validation"]
AttemptStatus = Literal["pending", "passed", "failed", "expired"]


class Branding(msgspec.Struct, frozen=True):
    """How the tenant's pages look. A part that was never set is left out."""

    logo_url: str | UnsetType = UNSET
    primary_color: str | UnsetType = UNSET
    secondary_color: str | UnsetType = UNSET
    background_color: str | UnsetType = UNSET
    text_color: str | UnsetType = UNSET
    accent_color: str | UnsetType = UNSET


class StepDocument(msgspec.Struct, frozen=True):
    """A file of a step. The name is left out behind the link of a finished subsession."""

    doc_id: str
    type: str
    mime_type: str
    uploaded_at: str
    file_name: str | UnsetType = UNSET


class AttemptShown(msgspec.Struct, frozen=True):
    """One attempt at a liveness step."""

    liveness_session_id: str
    status: AttemptStatus
    created_at: str


class CorrectionRequest(msgspec.Struct, frozen=True):
    """What a reviewer wants fixed, as the customer reads it."""

    id: str
    step_id: str
    field_ids: list[str]
    document_types: list[str]
    message: str
    status: Literal["open", "resolved"]
    created_at: str


class StepData(msgspec.Struct, frozen=True):
    """One step. `form_data` (by field id) is there while the form may be edited."""

    step_id: str
    status: StepStatus
    started_at: str | UnsetType = UNSET
    completed_at: str | UnsetType = UNSET
    documents: list[StepDocument] | UnsetType = UNSET
    liveness_sessions: list[AttemptShown] | UnsetType = UNSET
    form_data: dict[str, Any] | UnsetType = UNSET
    correction_requests: list[CorrectionRequest] | UnsetType = UNSET


class Rejected(msgspec.Struct, frozen=True):
    """What staff have written for a customer who was rejected, and whether it is worth trying again."""

    message: str
    can_retry: bool


class SessionState(msgspec.Struct, frozen=True):
    """A session as its customer sees it. `current_step_index` counts from 0; `expires_at` is in Unix seconds."""

    session_id: str
    workflow_name: str
    status: SessionStatus
    current_step_index: int
    total_steps: int
    steps_data: list[StepData]
    expires_at: int
    created_at: str
    branding: Branding | UnsetType = UNSET
    rejection: Rejected | UnsetType = UNSET


class Comparison(msgspec.Struct, frozen=True):
    """One condition on an earlier field."""

    field_id: str
    operator: str
    step_id: str | UnsetType = UNSET
    value: str | int | float | bool | list[str | int | float | bool] | UnsetType = UNSET


class ComparisonGroup(msgspec.Struct, frozen=True):
    """Conditions that hold together (`all`) or in part (`any`)."""

    match: Literal["all", "any"]
    conditions: list[Comparison]


class ConditionalLogic(msgspec.Struct, frozen=True):
    """When a step or field is shown, hidden or required. The server decides; a page may show it beforehand."""

    action: Literal["show", "hide", "require"]
    match: Literal["all", "any"]
    conditions: list[Comparison]
    groups: list[ComparisonGroup] | UnsetType = UNSET


class FieldLimits(msgspec.Struct, frozen=True):
    """Limits that a form can check before it sends."""

    pattern: str | UnsetType = UNSET
    pattern_message: str | UnsetType = UNSET
    min_length: int | UnsetType = UNSET
    max_length: int | UnsetType = UNSET
    min_value: float | UnsetType = UNSET
    max_value: float | UnsetType = UNSET
    min_items: int | UnsetType = UNSET
    max_items: int | UnsetType = UNSET
    unique_items: bool | UnsetType = UNSET
    equals_field: str | UnsetType = UNSET


class Choice(msgspec.Struct, frozen=True):
    """One option of a `select`."""

    value: str
    label: str


class FieldShown(msgspec.Struct, frozen=True, kw_only=True):
    """One input of a form but for the inputs inside it. Which options are there depends on its type."""

    field_id: str
    name: str
    type: str
    required: bool
    description: str | UnsetType = UNSET
    tooltip: str | UnsetType = UNSET
    instructions: str | UnsetType = UNSET
    placeholder: str | UnsetType = UNSET
    help_text: str | UnsetType = UNSET
    default_value: Any = UNSET
    sensitive: bool | UnsetType = UNSET
    validation_rules: FieldLimits | UnsetType = UNSET
    conditional_logic: ConditionalLogic | UnsetType = UNSET
    max_length: int | UnsetType = UNSET
    multiline: bool | UnsetType = UNSET
    min_value: float | UnsetType = UNSET
    max_value: float | UnsetType = UNSET
    decimals: int | UnsetType = UNSET
    min_date: str | UnsetType = UNSET
    max_date: str | UnsetType = UNSET
    must_be_true: bool | UnsetType = UNSET
    options: list[Choice] | UnsetType = UNSET
    allow_multiple: bool | UnsetType = UNSET
    allow_other: bool | UnsetType = UNSET
    accepted_mime_types: list[str] | UnsetType = UNSET
    max_size_mb: float | UnsetType = UNSET
    max_files: int | UnsetType = UNSET
    format: Literal["international", "national"] | UnsetType = UNSET
    default_country: str | UnsetType = UNSET
    https_only: bool | UnsetType = UNSET
    country_type: str | UnsetType = UNSET
    allowed: list[str] | UnsetType = UNSET
    name_type: Literal["individual", "company"] | UnsetType = UNSET
    network: str | UnsetType = UNSET
    country_field: str | UnsetType = UNSET
    required_parts: list[str] | UnsetType = UNSET
    min_items: int | UnsetType = UNSET
    max_items: int | UnsetType = UNSET
    sum_field: str | UnsetType = UNSET
    sum_max: float | UnsetType = UNSET


class FormField(FieldShown, frozen=True, kw_only=True):
    """One input of a form."""

    item_fields: "list[FormField] | UnsetType" = UNSET
    fields: "list[FormField] | UnsetType" = UNSET


class DocumentWish(msgspec.Struct, frozen=True):
    """One kind of file that a step asks for."""

    document_type: str
    label: str
    required: bool
    allow_multiple: bool


class Collection(msgspec.Struct, frozen=True):
    """How many related parties a step collects."""

    min_required: int
    max_allowed: int
    require_completion_before_proceed: bool
    category: str | UnsetType = UNSET
    tag: str | UnsetType = UNSET
    label_placeholder: str | UnsetType = UNSET


class LivenessWish(msgspec.Struct, frozen=True):
    """How sure a liveness check must be, 0 to 100."""

    min_confidence: float


class WorkflowStep(msgspec.Struct, frozen=True):
    """One screen. `fields` is always empty."""

    step_id: str
    order: int
    name: str
    type: StepType
    required: bool
    required_documents: list[str]
    document_requirements: list[DocumentWish]
    custom_fields: list[FormField]
    fields: list[str]
    description: str | UnsetType = UNSET
    instructions: str | UnsetType = UNSET
    tooltip: str | UnsetType = UNSET
    document_types: list[str] | UnsetType = UNSET
    conditional_logic: ConditionalLogic | UnsetType = UNSET
    subsession_config: Collection | UnsetType = UNSET
    liveness_config: LivenessWish | UnsetType = UNSET


class WorkflowShown(msgspec.Struct, frozen=True):
    """The workflow as the customer's page needs it."""

    workflow_name: str
    total_steps: int
    steps: list[WorkflowStep]
    description: str | UnsetType = UNSET
    completion_redirect_url: str | UnsetType = UNSET
