"""Bodies of successes: the envelope, and what is in it."""

from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from frontdesk.basics.clock import iso, unix
from frontdesk.kyc.model.session import FINISHED, Document, Extraction, StepAnswer
from frontdesk.kyc.rules.public_state import public_state
from frontdesk.kyc.rules.subsessions import Counts
from frontdesk.kyc.service.opening import Opened
from frontdesk.kyc.service.reviewing import Dossier
from frontdesk.kyc.service.settings import Notifications
from frontdesk.kyc.service.subsessions import Renewed, Shown
from frontdesk.kyc.service.uploading import Slot
from frontdesk.kyc.wire.refusals import Meta

Content = TypeVar("Content")


class Envelope(msgspec.Struct, Generic[Content], frozen=True, kw_only=True):
    """Every success."""

    status: Literal["success"] = "success"
    data: Content
    meta: Meta


class UploadSlot(msgspec.Struct, frozen=True):
    """Where to PUT the bytes; `expires_at` (Unix seconds) is the address's."""

    doc_id: str
    upload_url: str
    s3_key: str
    expires_at: int
    max_size_bytes: int
    required_headers: dict[str, str]


class Uploaded(msgspec.Struct, frozen=True):
    """A registered document."""

    doc_id: str
    s3_key: str
    uploaded_at: str
    confirmed: bool | UnsetType = UNSET


class Extracted(msgspec.Struct, frozen=True):
    """What is written on a document. Scores are 0 to 1, `overall` and one for each field."""

    doc_id: str
    extracted_data: dict[str, str]
    confidence_scores: dict[str, float]


class StepCompleted(msgspec.Struct, frozen=True):
    """What follows a completed step."""

    step_id: str
    status: str
    next_step_id: str | None
    session_completed: bool


class SubsessionCreated(msgspec.Struct, frozen=True):
    """A new subsession; `access_token` for staff only."""

    subsession_id: str
    access_link: str
    workflow_name: str
    label: str
    expires_at: int
    created_at: str
    access_token: str | UnsetType = UNSET


class SubsessionLine(msgspec.Struct, frozen=True):
    """A subsession in its parent's list."""

    subsession_id: str
    access_link: str | None
    status: str
    label: str
    tag: str | None
    workflow_id: str
    expires_at: int
    created_at: str
    completed_at: str | UnsetType = UNSET


class SubsessionList(msgspec.Struct, frozen=True):
    """The subsessions of a step or of all, and whether the parent may go on."""

    subsessions: list[SubsessionLine]
    total: int
    completed: int
    pending: int
    min_required: int
    max_allowed: int
    can_proceed: bool
    category: str | None


class LinkRenewed(msgspec.Struct, frozen=True):
    """A subsession's new link."""

    subsession_id: str
    access_link: str
    expires_at: int
    access_token: str | UnsetType = UNSET


class SubsessionDeleted(msgspec.Struct, frozen=True):
    """It is gone."""

    subsession_id: str
    deleted: bool = True


class SessionOpened(msgspec.Struct, frozen=True):
    """A new session with its token."""

    session_id: str
    access_token: str
    access_link: str
    workflow_id: str
    workflow_version: int
    workflow_name: str
    status: str
    expires_at: int
    created_at: str
    customer_id: str | UnsetType = UNSET


class NotificationConfig(msgspec.Struct, frozen=True):
    """The channels; the secret is masked."""

    webhook_url: str | None
    webhook_secret: str | None
    notification_emails: list[str]
    slack_webhook_url: str | None
    batch_notifications_enabled: bool
    webhook_events: list[str]
    webhook_signature_input: str


class NotificationAnswer(msgspec.Struct, frozen=True):
    """The channels, and the full secret in the one answer that made or changed it."""

    notification_config: NotificationConfig
    webhook_secret_once: str | UnsetType = UNSET


def session_state(dossier: Dossier, now: datetime) -> msgspec.Raw:
    """What the customer may read, in bytes: written once for each state, as it is asked for again and again. Only
    liveness attempts change by themselves, when their time is over."""
    progress, told = dossier.progress, dossier.told
    if told.of is not progress or progress.liveness:
        state = public_state(progress, dossier.tenant_settings.get("branding"), now)
        told.of, told.body = progress, msgspec.Raw(msgspec.json.encode(state))
    return told.body


def upload_slot(slot: Slot) -> UploadSlot:
    return UploadSlot(
        slot.doc_id,
        slot.upload_url,
        slot.s3_key,
        unix(slot.expires_at),
        slot.max_size_bytes,
        {"Content-Type": slot.mime_type},
    )


def uploaded(document: Document, *, confirmed: bool) -> Uploaded:
    at = document.uploaded_at or document.created_at
    return Uploaded(document.doc_id, document.blob_key, iso(at), True if confirmed else UNSET)


def extracted(doc_id: str, found: Extraction) -> Extracted:
    return Extracted(doc_id, found.values, found.scores)


def step_completed(answer: StepAnswer) -> StepCompleted:
    return StepCompleted(answer.step_id, answer.status, answer.next_step_id, answer.session_completed)


def subsession_created(opened: Opened, *, for_staff: bool) -> SubsessionCreated:
    return SubsessionCreated(
        opened.session_id,
        opened.access_link,
        opened.workflow_name,
        opened.label or "",
        unix(opened.expires_at),
        iso(opened.created_at),
        opened.access_token if for_staff else UNSET,
    )


def subsession_list(shown: list[Shown], counts: Counts) -> SubsessionList:
    lines = [
        SubsessionLine(
            one.related.subsession_id,
            one.access_link,
            one.related.status,
            one.related.label,
            one.related.tag,
            one.related.workflow_id,
            unix(one.related.expires_at),
            iso(one.related.created_at),
            iso(one.related.completed_at) if one.related.completed_at and one.related.status in FINISHED else UNSET,
        )
        for one in shown
    ]
    return SubsessionList(
        lines,
        counts.total,
        counts.completed,
        counts.pending,
        counts.min_required,
        counts.max_allowed,
        counts.can_proceed,
        counts.category,
    )


def link_renewed(renewed: Renewed, *, for_staff: bool) -> LinkRenewed:
    return LinkRenewed(
        renewed.subsession_id,
        renewed.access_link,
        unix(renewed.expires_at),
        renewed.access_token if for_staff else UNSET,
    )


def session_opened(opened: Opened) -> SessionOpened:
    return SessionOpened(
        opened.session_id,
        opened.access_token,
        opened.access_link,
        opened.workflow_id,
        opened.workflow_version,
        opened.workflow_name,
        opened.status,
        unix(opened.expires_at),
        iso(opened.created_at),
        opened.customer_id or UNSET,
    )


def notification_answer(found: Notifications) -> NotificationAnswer:
    config = NotificationConfig(
        found.webhook_url,
        found.webhook_secret,
        found.notification_emails,
        found.slack_webhook_url,
        found.batch_notifications_enabled,
        found.webhook_events,
        found.webhook_signature_input,
    )
    return NotificationAnswer(config, found.secret_once or UNSET)


Anything = dict[str, Any]
"""An object that is described in the reference instead of by a type."""
