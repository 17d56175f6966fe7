"""How answers to staff look: types for the description, held against real answers."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from frontdesk.kyc.wire.presence import AttemptKept, DuplicateShown, LivenessKept, PresenceShown
from frontdesk.kyc.wire.shown import Branding, ConditionalLogic, FieldShown, Rejected, SessionStatus, StepStatus


class ExtractionShown(msgspec.Struct, frozen=True):
    """What was read of a document. `profile` is the recipe that the requirement named."""

    data: dict[str, str]
    scores: dict[str, float]
    profile: str | None
    engine: str
    document_type: str
    recognised_as: str
    issues: list[str]
    extracted_at: str


class DocumentShown(msgspec.Struct, frozen=True):
    """A file with everything that is known of it. `extraction` is the newest of `extractions`."""

    doc_id: str
    type: str
    field_id: str | None
    file_name: str
    mime_type: str
    uploaded_at: str | None
    s3_key: str
    size: int | None
    sha256: str | None
    superseded: bool
    flags: list[str]
    extraction_state: str
    extraction: ExtractionShown | None
    extractions: list[ExtractionShown]


class CorrectionShown(msgspec.Struct, frozen=True):
    """A correction with what only staff see."""

    id: str
    step_id: str
    field_ids: list[str]
    document_types: list[str]
    message: str
    status: str
    created_at: str
    requested_by: str | None
    internal_note: str | None
    reason_code: str | None
    resolved_at: str | None
    resolved_by: str | None


class StepShown(msgspec.Struct, frozen=True):
    """One step with all of its answers, files and corrections."""

    step_id: str
    status: StepStatus
    form_data: dict[str, Any]
    documents: list[DocumentShown]
    liveness_sessions: list[AttemptKept]
    correction_requests: list[CorrectionShown]
    started_at: str | UnsetType = UNSET
    completed_at: str | UnsetType = UNSET


class ReviewShown(msgspec.Struct, frozen=True):
    """A person's decision. The customer sees `customer_message`, and of `outcome` whether it is worth trying again."""

    decided_by: str
    decided_at: str
    reason: str | None
    notes: str | None
    reason_code: str | None
    customer_message: str | None
    outcome: str | None


class EventShown(msgspec.Struct, frozen=True):
    """One line of the audit trail; `digest` covers it and all lines before it."""

    number: int
    id: str
    type: str
    created_at: str
    facts: dict[str, Any]
    digest: str


class ComparedShown(msgspec.Struct, frozen=True):
    """Something that is said more than once. `agreement` is `agrees`, `close` or `differs`; each of `values` has its
    `source` (`read`, `print`, `form`), where it stands (`doc_id`, or `step_id` and `field_id`) and `value`."""

    field: str
    agreement: str
    values: list[dict[str, str]]


class ListShown(msgspec.Struct, frozen=True):
    """The edition of a list that was looked through. `digest` is that of the file; `source_date` its publisher's."""

    list_name: str
    category: str
    generation: str
    digest: str
    source_date: str | None
    entries: int


class FindingShown(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found. `inputs_sha256` is the digest of what it looked at. Of faces: `similarity` and `threshold`
    are 0 to 1, `source` is `liveness` or `selfie`, `doc_id` the paper that was least alike. Of lists: those that were
    looked through and those that are not loaded, and how many names were looked for."""

    status: str
    checked_at: str
    inputs_sha256: str
    reason: str | UnsetType = UNSET
    issues: list[dict[str, Any]] | UnsetType = UNSET
    matches: list[dict[str, Any]] | UnsetType = UNSET
    comparison: list[ComparedShown] | UnsetType = UNSET
    checks: list[PresenceShown] | UnsetType = UNSET
    similarity: float | UnsetType = UNSET
    threshold: float | UnsetType = UNSET
    source: str | UnsetType = UNSET
    doc_id: str | UnsetType = UNSET
    duplicates: list[DuplicateShown] | UnsetType = UNSET
    lists_checked: list[str] | UnsetType = UNSET
    lists_missing: list[str] | UnsetType = UNSET
    lists: list[ListShown] | UnsetType = UNSET
    names_checked: int | UnsetType = UNSET
    thresholds: dict[str, float] | UnsetType = UNSET
    matches_left_out: int | UnsetType = UNSET


class FlagShown(msgspec.Struct, frozen=True):
    """A rule that marked the session."""

    rule: str
    reason: str | None


class TriggeredShown(msgspec.Struct, frozen=True):
    """A rule that spoke."""

    rule: str
    action: str
    reason: str | None


class SessionValidated(msgspec.Struct, frozen=True):
    """What the checks found that ran, by their names."""

    session_id: str
    validated_at: str
    validation_results: dict[str, FindingShown]


class SessionProcessed(msgspec.Struct, frozen=True):
    """What was decided, by which rules, on which findings."""

    session_id: str
    status: SessionStatus
    final_decision: str | None
    automation_flags: list[FlagShown]
    triggered_rules: list[TriggeredShown]
    validation_results: dict[str, FindingShown]
    processed_at: str


class SessionShown(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is known of a session. `access_link` only for keys with `kyc:create`; `rejection` is what the
    customer is told of one."""

    session_id: str
    workflow_id: str
    workflow_name: str
    workflow_version: int
    status: SessionStatus
    current_step_index: int
    total_steps: int
    steps_data: list[StepShown]
    expires_at: int
    is_expired: bool
    created_at: str
    completed_at: str | None
    processed_at: str | None
    final_decision: str | None
    automation_flags: list[FlagShown]
    triggered_rules: list[TriggeredShown]
    validated_at: str | None
    validation_results: dict[str, FindingShown]
    review: ReviewShown | None
    metadata: dict[str, Any]
    label: str | None
    customer_id: str | None
    parent_session_id: str | None
    events: list[EventShown]
    branding: Branding | UnsetType = UNSET
    rejection: Rejected | UnsetType = UNSET
    access_link: str | UnsetType = UNSET


class SessionLine(msgspec.Struct, frozen=True):
    """A session in a list."""

    session_id: str
    workflow_id: str
    workflow_name: str
    status: SessionStatus
    final_decision: str | None
    current_step_index: int
    total_steps: int
    is_expired: bool
    expires_at: int
    created_at: str
    completed_at: str | None
    metadata: dict[str, Any]
    customer_id: str | None
    parent_session_id: str | None


class SessionPage(msgspec.Struct, frozen=True):
    """One page of sessions; `cursor` leads to the next."""

    sessions: list[SessionLine]
    count: int
    cursor: str | None
    has_more: bool


class SessionErased(msgspec.Struct, frozen=True):
    """It is gone."""

    session_id: str
    deleted: bool


class SessionLink(msgspec.Struct, frozen=True):
    """A new access link."""

    session_id: str
    access_token: str
    access_link: str
    expires_at: int


class LinkExtended(msgspec.Struct, frozen=True):
    """The link's new end, in Unix seconds."""

    session_id: str
    expires_at: int


class CorrectionsAsked(msgspec.Struct, frozen=True):
    """A session that is back with its customer, with all of its corrections."""

    session_id: str
    status: SessionStatus
    expires_at: int
    correction_requests: list[CorrectionShown]


class DocumentAddress(msgspec.Struct, frozen=True):
    """Where a document can be fetched until `expires_at`."""

    doc_id: str
    url: str
    file_name: str
    mime_type: str
    expires_at: int


class FieldKept(FieldShown, frozen=True, kw_only=True):
    """One input with what only staff see."""

    field_key: str | UnsetType = UNSET
    extraction_profile: str | UnsetType = UNSET
    validate_email: bool | UnsetType = UNSET
    block_disposable: bool | UnsetType = UNSET
    blocked: list[str] | UnsetType = UNSET
    validate_lists: bool | UnsetType = UNSET
    item_fields: "list[FieldKept] | UnsetType" = UNSET
    fields: "list[FieldKept] | UnsetType" = UNSET


class UploadCheck(msgspec.Struct, frozen=True):
    """A check of a file's content."""

    type: str
    params: dict[str, Any]
    on_fail: str


class RequirementKept(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of file that a step asks for, with its checks."""

    document_type: str
    required: bool
    auto_extract: bool
    allow_multiple: bool
    enable_auto_classification: bool
    post_upload_validations: list[UploadCheck]
    entity_role: str
    accepted_mime_types: list[str]
    max_size_mb: float
    max_files: int
    sides: int
    display_name: str | UnsetType = UNSET
    extraction_profile: str | UnsetType = UNSET


class CollectionKept(msgspec.Struct, frozen=True, kw_only=True):
    """How related parties are collected."""

    workflow_id: str
    min_required: int
    max_allowed: int
    require_completion_before_proceed: bool
    category: str | UnsetType = UNSET
    tag: str | UnsetType = UNSET
    ttl_days: int | UnsetType = UNSET
    label_placeholder: str | UnsetType = UNSET


class StepKept(msgspec.Struct, frozen=True, kw_only=True):
    """One step as it was saved."""

    step_id: str
    order: int
    name: str
    type: str
    required: bool
    document_types: list[str]
    document_requirements: list[RequirementKept]
    custom_fields: list[FieldKept]
    description: str | UnsetType = UNSET
    instructions: str | UnsetType = UNSET
    tooltip: str | UnsetType = UNSET
    checks: list[str] = []
    on_fail: str | UnsetType = UNSET
    conditional_logic: ConditionalLogic | UnsetType = UNSET
    subsession_config: CollectionKept | UnsetType = UNSET
    liveness_config: LivenessKept | UnsetType = UNSET
    min_face_size_px: int | UnsetType = UNSET
    use_for_face_match: bool | UnsetType = UNSET


class AutomationKept(msgspec.Struct, frozen=True):
    """The rules that decide a processed session."""

    enabled: bool
    auto_process: bool
    default_action: str
    country_rules: list[dict[str, Any]]
    list_match_rules: list[dict[str, Any]]
    document_rules: list[dict[str, Any]]
    form_field_rules: list[dict[str, Any]]
    auto_approve_when: dict[str, bool]
    face_dedup: dict[str, Any] | UnsetType = UNSET
    uncertified_liveness: dict[str, str] | UnsetType = UNSET


class ValidationKept(msgspec.Struct, frozen=True, kw_only=True):
    """Which checks a session gets, and what follows corrections."""

    run_lists: bool
    run_crypto: bool
    run_adverse_media: bool
    auto_face_match: bool
    face_match_threshold: float
    correction_resolution: str
    max_corrections: int
    lists: list[str] | UnsetType = UNSET
    automation_rules: AutomationKept | UnsetType = UNSET


class WorkflowKept(msgspec.Struct, frozen=True, kw_only=True):
    """A workflow with its newest definition."""

    workflow_id: str
    version: int
    name: str
    steps: list[StepKept]
    template_type: str
    entity_types: list[str]
    tags: list[str]
    validation_config: ValidationKept
    status: str
    created_at: str
    updated_at: str
    description: str | UnsetType = UNSET
    industry: str | UnsetType = UNSET
    completion_redirect_url: str | UnsetType = UNSET
    branding: Branding | UnsetType = UNSET


class WorkflowPage(msgspec.Struct, frozen=True):
    """One page of workflows; `cursor` leads to the next."""

    workflows: list[WorkflowKept]
    count: int
    cursor: str | None
    has_more: bool


class VersionLine(msgspec.Struct, frozen=True):
    """One line of a workflow's history."""

    version: int
    created_at: str
    created_by: str
    is_current: bool


class VersionPage(msgspec.Struct, frozen=True):
    """Every version, the newest first."""

    versions: list[VersionLine]
    count: int
    cursor: str | None
    has_more: bool


class WorkflowDeleted(msgspec.Struct, frozen=True):
    """No session opens with it any more."""

    workflow_id: str
    deleted: bool


class ProfileKey(msgspec.Struct, frozen=True):
    """What a recipe asks of one key."""

    key: str
    required: bool
    min_confidence: float
    pattern: str | None


class ProfileKept(msgspec.Struct, frozen=True):
    """A recipe for reading papers."""

    profile_id: str
    document_type: str | None
    engine: str
    fields: list[ProfileKey]
    languages: list[str]
    created_at: str
    updated_at: str


class ProfilePage(msgspec.Struct, frozen=True):
    """All of the tenant's recipes, by name."""

    extraction_profiles: list[ProfileKept]
    count: int
    cursor: str | None
    has_more: bool


class ProfileDeleted(msgspec.Struct, frozen=True):
    """Papers are not read by it any more."""

    profile_id: str
    deleted: bool


class BrandingAnswer(msgspec.Struct, frozen=True):
    """How the tenant's pages look."""

    branding: Branding
