"""What a workflow says: its steps, fields, conditions and what follows when they are done."""

from typing import Any

import msgspec

from frontdesk.kyc.model.liveness import LivenessConfig

STEP_TYPES = ("document_upload", "form_fill", "selfie", "liveness", "subsession_collection", "validation")
IDENTITY_TYPES = frozenset({"passport", "national_id", "driver_license"})
"""Finer types that satisfy a requirement of type `id`."""
DOCUMENT_TYPES = frozenset(
    {
        "id",
        *IDENTITY_TYPES,
        "visa",
        "proof_of_address",
        "company_charter",
        "business_license",
        "bank_ownership",
        "source_of_funds",
        "selfie",
        "other",
    }
)
"""Types with a meaning of their own; any other lower-case word is a legal type without a reader."""

MOST_CORRECTIONS = 10
"""How often a session may be sent back, unless its workflow says otherwise."""
NEGATED = frozenset({"is_empty", "not_equals", "not_in", "not_contains"})
OPERATORS = NEGATED | {"equals", "in", "contains", "greater_than", "less_than", "is_not_empty"}
"""Comparisons of a condition; the negated ones hold where the field is missing or hidden."""


class Condition(msgspec.Struct, frozen=True):
    """One comparison of an earlier field's value. Without `step_id`, field ids are unique in the workflow."""

    field_id: str
    operator: str
    value: Any = None
    step_id: str | None = None


class Group(msgspec.Struct, frozen=True):
    """Conditions that hold together (`all`) or in part (`any`)."""

    match: str
    conditions: tuple[Condition, ...]


class Logic(msgspec.Struct, frozen=True):
    """When a field or step is shown, hidden or required."""

    action: str
    match: str
    conditions: tuple[Condition, ...] = ()
    groups: tuple[Group, ...] = ()


class ValidationRules(msgspec.Struct, frozen=True):
    """Limits that any field may carry, besides those of its type."""

    pattern: str | None = None
    pattern_message: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_value: float | None = None
    max_value: float | None = None
    min_items: int | None = None
    max_items: int | None = None
    unique_items: bool = False
    equals_field: str | None = None


NO_RULES = ValidationRules()


class Field(msgspec.Struct, frozen=True):
    """One input of a form. `options` are those of its type, plain JSON values; `fields` are nested inputs."""

    field_id: str
    name: str
    type: str
    required: bool = False
    field_key: str | None = None
    description: str | None = None
    tooltip: str | None = None
    instructions: str | None = None
    placeholder: str | None = None
    help_text: str | None = None
    default_value: Any = None
    sensitive: bool = False
    validation_rules: ValidationRules = NO_RULES
    conditional_logic: Logic | None = None
    options: dict[str, Any] = msgspec.field(default_factory=dict)
    fields: tuple["Field", ...] = ()

    @property
    def key(self) -> str:
        """What webhooks call the field: the same in every environment, if the workflow says so."""
        return self.field_key or self.field_id


class PostUploadValidation(msgspec.Struct, frozen=True):
    """A check of a file's content; `on_fail` is `reject` or `flag`."""

    type: str
    params: dict[str, Any]
    on_fail: str


class DocumentRequirement(msgspec.Struct, frozen=True):
    """One kind of file that a step asks for."""

    document_type: str
    display_name: str | None = None
    required: bool = True
    auto_extract: bool = False
    allow_multiple: bool = False
    enable_auto_classification: bool = False
    extraction_profile: str | None = None
    post_upload_validations: tuple[PostUploadValidation, ...] = ()
    entity_role: str = "self"
    accepted_mime_types: tuple[str, ...] = ()
    max_size_mb: float = 10
    max_files: int = 10
    sides: int = 1

    @property
    def label(self) -> str:
        """What the customer reads."""
        return self.display_name or self.document_type

    @property
    def capacity(self) -> int:
        """How many current files the requirement holds."""
        return self.max_files if self.allow_multiple else self.sides


class SubsessionConfig(msgspec.Struct, frozen=True):
    """How related parties are collected. `ttl_days` None: as long as the parent still lives."""

    workflow_id: str
    category: str | None = None
    tag: str | None = None
    min_required: int = 0
    max_allowed: int = 10
    require_completion_before_proceed: bool = False
    ttl_days: int | None = None
    label_placeholder: str | None = None


class Step(msgspec.Struct, frozen=True):
    """One screen of the journey. Validation steps have `on_fail`, and `checks` unless they run those that are due. The
    last two are for selfies: the least width and height of the face, and whether it is compared with the paper's."""

    step_id: str
    order: int
    name: str
    type: str
    required: bool = True
    description: str | None = None
    instructions: str | None = None
    tooltip: str | None = None
    document_types: tuple[str, ...] = ()
    document_requirements: tuple[DocumentRequirement, ...] = ()
    custom_fields: tuple[Field, ...] = ()
    subsession_config: SubsessionConfig | None = None
    checks: tuple[str, ...] = ()
    on_fail: str | None = None
    conditional_logic: Logic | None = None
    liveness_config: LivenessConfig | None = None
    min_face_size_px: int | None = None
    use_for_face_match: bool | None = None

    def find_field(self, field_id: str) -> Field | None:
        """The top-level field of that id."""
        return next((one for one in self.custom_fields if one.field_id == field_id), None)


class Automation(msgspec.Struct, frozen=True):
    """Rules that decide a processed session, in their normal form."""

    enabled: bool = True
    auto_process: bool = False
    default_action: str = "manual_review"
    country_rules: tuple[dict[str, Any], ...] = ()
    list_match_rules: tuple[dict[str, Any], ...] = ()
    document_rules: tuple[dict[str, Any], ...] = ()
    form_field_rules: tuple[dict[str, Any], ...] = ()
    auto_approve_when: dict[str, bool] = msgspec.field(default_factory=dict)
    face_dedup: dict[str, Any] | None = None
    uncertified_liveness: dict[str, Any] | None = None


class ValidationConfig(msgspec.Struct, frozen=True):
    """Which checks a session gets, and what follows corrections and completion."""

    run_lists: bool = False
    lists: tuple[str, ...] | None = None
    run_crypto: bool = False
    run_adverse_media: bool = False
    auto_face_match: bool = False
    face_match_threshold: float = 0.85
    correction_resolution: str = "manual_review"
    max_corrections: int = MOST_CORRECTIONS
    automation_rules: Automation | None = None

    @property
    def processes_itself(self) -> bool:
        """Whether a session is to be processed as soon as its steps are done."""
        return self.automation_rules is not None and self.automation_rules.auto_process


class Definition(msgspec.Struct, frozen=True):
    """One version of a workflow."""

    name: str
    steps: tuple[Step, ...]
    description: str | None = None
    template_type: str = "custom"
    entity_types: tuple[str, ...] = ()
    industry: str | None = None
    tags: tuple[str, ...] = ()
    validation_config: ValidationConfig = ValidationConfig()
    completion_redirect_url: str | None = None
    branding: dict[str, str] | None = None
    status: str = "active"

    def find_step(self, step_id: str) -> Step | None:
        """The step of that id."""
        for step in self.steps:
            if step.step_id == step_id:
                return step
        return None

    @property
    def subsession_workflows(self) -> tuple[str, ...]:
        """The workflows that this one opens subsessions of, each once."""
        found = [step.subsession_config.workflow_id for step in self.steps if step.subsession_config]
        return tuple(dict.fromkeys(found))
