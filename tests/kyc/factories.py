"""Valid workflows and sessions of identity checks; a test says only what matters to it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from msgspec.structs import replace

from frontdesk.kyc.model.definition import (
    Automation,
    Condition,
    Definition,
    DocumentRequirement,
    Field,
    Logic,
    Step,
    SubsessionConfig,
    ValidationConfig,
)
from frontdesk.kyc.model.liveness import LivenessAttempt, LivenessConfig
from frontdesk.kyc.model.session import Document, Outcome, Progress, Related
from frontdesk.kyc.rules.confirm import ConfirmRequest, Inspection, confirm_upload
from frontdesk.kyc.rules.links import start
from frontdesk.kyc.rules.upload import UploadRequest, begin_upload

NOW = datetime(2026, 4, 9, 8, 0, tzinfo=UTC)
TENANT = "t_4f1a"
CHILD_WORKFLOW = "3e2d1c0b-a998-4776-8655-443322110099"


def at(minutes: float) -> datetime:
    """So many minutes after `NOW`."""
    return NOW + timedelta(minutes=minutes)


def new_ids(prefix: str) -> Callable[[], str]:
    """`doc_1`, `doc_2` and so on."""
    numbers = count(1)
    return lambda: f"{prefix}_{next(numbers)}"


def when(field_id: str, operator: str, value: Any = None, *, action: str = "show") -> Logic:
    return Logic(action, "all", (Condition(field_id, operator, value),))


def document_step(step_id: str = "passport", order: int = 1, **changes: Any) -> Step:
    asked = DocumentRequirement("id", "Government ID")
    step = Step(step_id, order, "ID document", "document_upload", document_requirements=(asked,))
    return replace(step, **changes)


def form_step(step_id: str = "about_you", order: int = 2, **changes: Any) -> Step:
    fields = (
        Field("full_name", "Full name", "name", required=True),
        Field("date_of_birth", "Date of birth", "date", required=True),
        Field("email", "Email", "email"),
    )
    return replace(Step(step_id, order, "About you", "form_fill", custom_fields=fields), **changes)


def liveness_step(step_id: str = "presence", order: int = 2, *, required: bool = True, **config: Any) -> Step:
    asked = replace(LivenessConfig(), **config)
    return Step(step_id, order, "Presence", "liveness", required=required, liveness_config=asked)


def selfie_step(step_id: str = "me", order: int = 2, **changes: Any) -> Step:
    made = Step(step_id, order, "Selfie", "selfie", min_face_size_px=112, use_for_face_match=True)
    return replace(made, **changes)


def attempt(liveness_session_id: str = "liv_1", now: datetime = NOW, **changes: Any) -> LivenessAttempt:
    """One of the local provider, open for three minutes."""
    made = LivenessAttempt(
        liveness_session_id,
        "presence",
        "local",
        "p_1",
        f"{TENANT}/5c1d7f0e/{liveness_session_id}.jpg",
        now,
        now + timedelta(minutes=3),
        moves=("left", "right"),
        seconds=12,
    )
    return replace(made, **changes)


def collection_step(step_id: str = "owners", order: int = 3, **config: Any) -> Step:
    made = replace(SubsessionConfig(CHILD_WORKFLOW, "ubo", max_allowed=2), **config)
    return Step(step_id, order, "Owners", "subsession_collection", subsession_config=made)


def definition(*steps: Step, resolution: str = "manual_review", auto: bool = False) -> Definition:
    """The given steps, numbered anew; a passport and a form if there are none."""
    chosen = steps or (document_step(), form_step())
    numbered = tuple(replace(step, order=place) for place, step in enumerate(chosen, 1))
    config = ValidationConfig(
        correction_resolution=resolution, automation_rules=Automation(auto_process=True) if auto else None
    )
    return Definition("Basic KYC", numbered, validation_config=config)


def session(workflow: Definition | None = None, **changes: Any) -> Progress:
    opened = start(workflow or definition(), "5c1d7f0e", NOW).progress
    return replace(opened, **changes)


def inspection(size: int = 4000, mime_type: str = "image/png", **changes: Any) -> Inspection:
    return replace(Inspection(size, "ab" * 32, mime_type), **changes)


def confirmation(document: Document, **changes: Any) -> ConfirmRequest:
    request = ConfirmRequest(
        document.doc_id,
        document.blob_key,
        document.step_id,
        document.mime_type,
        document.document_type,
        document.field_id,
    )
    return replace(request, **changes)


def reserve(
    progress: Progress,
    doc_id: str = "doc_1",
    step_id: str = "passport",
    document_type: str | None = "id",
    now: datetime = NOW,
    **changes: Any,
) -> Outcome:
    request = UploadRequest(step_id, "front.png", "image/png", document_type)
    return begin_upload(progress, replace(request, **changes), doc_id=doc_id, tenant_id=TENANT, now=now)


def uploaded(
    progress: Progress,
    doc_id: str = "doc_1",
    step_id: str = "passport",
    document_type: str | None = "id",
    now: datetime = NOW,
    **changes: Any,
) -> Progress:
    """The session with one more confirmed document."""
    begun = reserve(progress, doc_id, step_id, document_type, now, **changes)
    return confirm_upload(begun.progress, confirmation(begun.answer.document), inspection(), now).progress


def related(subsession_id: str = "sub_1", status: str = "active", **changes: Any) -> Related:
    made = Related(subsession_id, "owners", status, "Rui Costa", CHILD_WORKFLOW, at(60 * 24), NOW, "ubo")
    return replace(made, **changes)


ANSWERS = {"full_name": "Ana Ruiz", "date_of_birth": "1991-11-02", "email": "ana@Example.net"}
"""Accepted by `form_step`."""
