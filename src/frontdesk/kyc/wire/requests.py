"""Bodies that clients send. Unknown keys are ignored; a key that is null counts as absent."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType, structs

from frontdesk.kyc.rules.screening import Described, Sought
from frontdesk.kyc.rules.screening import sought as judged


class UploadInit(msgspec.Struct, frozen=True):
    """Announces a file."""

    step_id: str
    file_name: str
    mime_type: str
    document_type: str | None = None
    field_id: str | None = None
    file_size: int | None = None


class UploadConfirm(msgspec.Struct, frozen=True):
    """Says that an announced file has been sent."""

    doc_id: str
    s3_key: str
    step_id: str
    mime_type: str
    file_name: str | None = None
    document_type: str | None = None
    field_id: str | None = None


class LegacyUpload(msgspec.Struct, frozen=True):
    """A file in base64, without or with the prefix of a `data:` address."""

    step_id: str
    file_data: str
    file_name: str
    mime_type: str
    document_type: str | None = None
    field_id: str | None = None


class Extract(msgspec.Struct, frozen=True):
    """Asks for what is written on a document."""

    doc_id: str
    document_type: str | None = None


class CompleteStep(msgspec.Struct, frozen=True):
    """Completes a step. `form_data` is an object by field id, for forms only."""

    form_data: Any = None


class LivenessStart(msgspec.Struct, frozen=True):
    """Opens an attempt at a liveness step."""

    step_id: str


class LivenessComplete(msgspec.Struct, frozen=True):
    """Asks for the result of an attempt."""

    liveness_session_id: str


class PublicSubsession(msgspec.Struct, frozen=True):
    """Opens a session for a related party."""

    step_id: str
    label: str
    metadata: dict[str, Any] | None = None


class AdminSubsession(msgspec.Struct, frozen=True):
    """As the public body, with what only staff may choose."""

    step_id: str
    label: str
    metadata: dict[str, Any] | None = None
    ttl_days: int | None = None
    workflow_id: str | None = None


class CreateSession(msgspec.Struct, frozen=True):
    """Opens a session."""

    workflow_id: str
    ttl_days: int | None = None
    metadata: dict[str, Any] | None = None
    client_id: str | None = None
    customer_id: str | None = None


class PatchSession(msgspec.Struct, frozen=True):
    """A reviewer's decision: `approved`, `rejected` or `manual_review`. `reason` and `notes` are for staff.

    Of a rejection: `reason_code`, `customer_message` (shown to the customer), `outcome`: `retry` or `final`.
    """

    status: str
    reason: str | None = None
    notes: str | None = None
    reason_code: str | None = None
    customer_message: str | None = None
    outcome: str | None = None
    metadata: dict[str, Any] | None = None


class GenerateLink(msgspec.Struct, frozen=True):
    """Asks for a new link."""

    ttl_days: int | None = None


class Extend(msgspec.Struct, frozen=True):
    """Prolongs a link; exactly one of both, `expires_at` in Unix seconds."""

    ttl_days: int | None = None
    expires_at: int | None = None


class CorrectionItem(msgspec.Struct, frozen=True):
    """One thing to be fixed. `message` is shown to the customer, `internal_note` and `reason_code` are not."""

    step_id: str
    message: str
    field_ids: list[str] | None = None
    document_types: list[str] | None = None
    internal_note: str | None = None
    reason_code: str | None = None


class Corrections(msgspec.Struct, frozen=True):
    """Sends a session back to its customer."""

    corrections: list[CorrectionItem]
    ttl_days: int | None = None


class Validate(msgspec.Struct, frozen=True):
    """Which checks to run: some of `lists`, `crypto`, `adverse_media`, `liveness`, `face_match`, `face_dedup`,
    `documents`; else those due."""

    checks: list[str] | None = None


class SubjectSent(msgspec.Struct, frozen=True):
    """Whom to look for. `type` is `individual`, `company` or `wallet`, whose `name` is its address; the birth date is
    `YYYY-MM-DD`, the nationality two letters."""

    name: str
    type: str = "individual"
    date_of_birth: str | None = None
    nationality: str | None = None
    document_number: str | None = None


class Screen(msgspec.Struct, frozen=True):
    """Looks for a subject in one list, or in several."""

    subject: SubjectSent
    list_name: str | None = None
    lists: list[str] | None = None


class WorkflowBody(msgspec.Struct, frozen=True):
    """A workflow as it is sent; the reference of identity checks describes steps and fields."""

    name: str
    steps: list[dict[str, Any]]
    description: str | None = None
    template_type: str | None = None
    entity_types: list[str] | None = None
    industry: str | None = None
    tags: list[str] | None = None
    validation_config: dict[str, Any] | None = None
    completion_redirect_url: str | None = None
    branding: dict[str, Any] | None = None
    status: str | None = None


class ProfileBody(msgspec.Struct, frozen=True):
    """A recipe for reading papers; the reference of extraction profiles describes it."""

    profile_id: str | None = None
    document_type: str | None = None
    engine: str | None = None
    fields: list[dict[str, Any]] | None = None
    languages: list[str] | None = None


class TemplateBody(msgspec.Struct, frozen=True):
    """What is changed of a template."""

    name: str | None = None
    overrides: dict[str, Any] | None = None
    subsession_workflow_id: str | None = None


class NotificationPatch(msgspec.Struct, frozen=True):
    """Channels to be set; null clears one."""

    webhook_url: str | UnsetType | None = UNSET
    webhook_secret: str | UnsetType | None = UNSET
    notification_emails: list[str] | UnsetType | None = UNSET
    slack_webhook_url: str | UnsetType | None = UNSET
    batch_notifications_enabled: bool | UnsetType | None = UNSET
    webhook_events: list[str] | UnsetType | None = UNSET
    webhook_signature_input: str | UnsetType | None = UNSET


class BrandingPatch(msgspec.Struct, frozen=True):
    """Parts of the look to be set; null clears one."""

    logo_url: str | UnsetType | None = UNSET
    primary_color: str | UnsetType | None = UNSET
    secondary_color: str | UnsetType | None = UNSET
    background_color: str | UnsetType | None = UNSET
    text_color: str | UnsetType | None = UNSET
    accent_color: str | UnsetType | None = UNSET


def sought(body: Screen) -> Sought:
    """Raises `ScreeningInvalid`."""
    lists = None if body.lists is None else tuple(body.lists)
    return judged(Described(**structs.asdict(body.subject)), body.list_name, lists)


def given(body: msgspec.Struct) -> dict[str, Any]:
    """The keys that were sent, null ones too."""
    return {name: value for name in body.__struct_fields__ if (value := getattr(body, name)) is not UNSET}
