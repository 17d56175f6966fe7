"""What a customer may read of the session: an allow-list, never an admin record with keys taken away."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from frontdesk.basics.clock import iso, unix
from frontdesk.kyc.model.definition import Step
from frontdesk.kyc.model.liveness import LivenessAttempt
from frontdesk.kyc.model.session import DECIDED, FINISHED, Correction, Document, Progress
from frontdesk.kyc.rules.fields.merge import masked
from frontdesk.kyc.rules.liveness import status_at
from frontdesk.kyc.rules.steps import current_step_index, editable

BRANDING = (
    "logo_url",
    "primary_color",
    "secondary_color",
    "background_color",
    "text_color",
    "accent_color",
)


def public_state(
    progress: Progress, branding: Mapping[str, str] | None = None, now: datetime | None = None
) -> dict[str, Any]:
    """The session's public state. `branding` is the tenant's; the workflow's own goes over it. Attempts that time has
    ended by `now` are shown so; without it, as they were last written down."""
    state: dict[str, Any] = {
        "session_id": progress.session_id,
        "workflow_name": progress.definition.name,
        "status": progress.status,
        "current_step_index": current_step_index(progress),
        "total_steps": len(progress.definition.steps),
        "steps_data": [_step(progress, step, now) for step in progress.definition.steps],
        "expires_at": unix(progress.expires_at),
        "created_at": iso(progress.created_at),
    }
    if (told := _rejection(progress)) is not None:
        state["rejection"] = told
    if branding or progress.definition.branding:
        shown = {**(branding or {}), **(progress.definition.branding or {})}
        shown = {key: shown[key] for key in BRANDING if shown.get(key)}
        if shown:
            state["branding"] = shown
    return state


def _rejection(progress: Progress) -> dict[str, Any] | None:
    """What staff have written for a customer who is rejected. Related parties' links tell no more than the status."""
    review = progress.review
    if progress.status != "rejected" or review is None or review.customer_message is None:
        return None
    if progress.parent_session_id is not None:
        return None
    return {"message": review.customer_message, "can_retry": review.outcome != "final"}


def _step(progress: Progress, step: Step, now: datetime | None) -> dict[str, Any]:
    state = progress.step(step.step_id)
    shown: dict[str, Any] = {"step_id": step.step_id, "status": state.status}
    if state.started_at is not None:
        shown["started_at"] = iso(state.started_at)
    if state.completed_at is not None and state.status == "completed":
        shown["completed_at"] = iso(state.completed_at)
    # The link of a finished related party may lie in a parent's mailbox: it tells little more than statuses.
    reduced = progress.parent_session_id is not None and progress.status in FINISHED
    files = [one for one in progress.documents if one.current and one.step_id == step.step_id]
    if files:
        shown["documents"] = [_document(one, reduced=reduced) for one in files]
    if reduced:
        return shown
    attempts = [one for one in progress.liveness if one.step_id == step.step_id]
    if attempts:
        shown["liveness_sessions"] = [_attempt(one, now) for one in attempts]
    if _form_is_open(progress, step):
        shown["form_data"] = masked(step.custom_fields, progress.form_data.get(step.step_id, {}))
    corrections = [
        _correction(one) for one in progress.corrections if one.step_id == step.step_id and one.status != "cancelled"
    ]
    if corrections and progress.status not in DECIDED:
        shown["correction_requests"] = corrections
    return shown


def _form_is_open(progress: Progress, step: Step) -> bool:
    if step.type != "form_fill" or progress.step(step.step_id).status not in ("in_progress", "needs_correction"):
        return False
    return editable(progress, step.step_id)


def _document(document: Document, *, reduced: bool) -> dict[str, Any]:
    shown = {"doc_id": document.doc_id, "type": document.document_type}
    if not reduced:
        shown["file_name"] = document.file_name
    shown["mime_type"] = document.mime_type
    if document.uploaded_at is not None:
        shown["uploaded_at"] = iso(document.uploaded_at)
    return shown


def _attempt(attempt: LivenessAttempt, now: datetime | None) -> dict[str, Any]:
    return {
        "liveness_session_id": attempt.liveness_session_id,
        "status": attempt.status if now is None else status_at(attempt, now),
        "created_at": iso(attempt.created_at),
    }


def _correction(correction: Correction) -> dict[str, Any]:
    return {
        "id": correction.correction_id,
        "step_id": correction.step_id,
        "field_ids": list(correction.field_ids),
        "document_types": list(correction.document_types),
        "message": correction.message,
        "status": correction.status,
        "created_at": iso(correction.created_at),
    }
