"""What staff see: a session with everything in it, summaries, workflows."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from frontdesk.basics.clock import iso, unix
from frontdesk.kernel.events import Event
from frontdesk.kyc.model.definition_dict import definition_to_dict
from frontdesk.kyc.model.liveness import LivenessAttempt
from frontdesk.kyc.model.profiles import profile_to_dict
from frontdesk.kyc.model.session import Correction, Document, Extraction, Progress
from frontdesk.kyc.rules.liveness import pictures, status_at
from frontdesk.kyc.rules.processing import flags
from frontdesk.kyc.rules.public_state import public_state
from frontdesk.kyc.rules.requirements import profile_named
from frontdesk.kyc.rules.steps import current_step_index
from frontdesk.kyc.service.profiles import Kept
from frontdesk.kyc.service.reviewing import Detail, Dossier
from frontdesk.kyc.service.workflows import Version, Whole, Workflow

_RICHER = frozenset({"documents", "liveness_sessions", "correction_requests"})
"""Lists of a step that staff see with more in them, and always."""


def session_detail(detail: Detail, now: datetime) -> dict[str, Any]:
    """Everything that is known of a session, except its access token."""
    dossier, progress = detail.dossier, detail.dossier.progress
    shown = public_state(progress, dossier.tenant_settings.get("branding"), now)
    shown["steps_data"] = [
        _step(dossier, public, step.step_id, now)
        for public, step in zip(shown["steps_data"], progress.definition.steps, strict=True)
    ]
    review = progress.review
    shown |= {
        "workflow_id": dossier.workflow_id,
        "workflow_version": dossier.workflow_version,
        "metadata": dossier.metadata,
        "label": dossier.label,
        "customer_id": dossier.customer_id,
        "parent_session_id": progress.parent_session_id,
        "is_expired": dossier.session.expired(now),
        "completed_at": _at(progress.completed_at),
        "processed_at": _at(progress.processed_at),
        "final_decision": progress.final_decision,
        "automation_flags": flags(progress.triggered),
        "triggered_rules": _triggered(progress),
        "validated_at": _at(progress.validated_at),
        "validation_results": findings(progress),
        "review": None
        if review is None
        else {
            "decided_by": review.decided_by,
            "decided_at": iso(review.decided_at),
            "reason": review.reason,
            "notes": review.notes,
            "reason_code": review.reason_code,
            "customer_message": review.customer_message,
            "outcome": review.outcome,
        },
        "events": [_event(event, dossier) for event in detail.log],
    }
    if detail.access_link is not None:
        shown["access_link"] = detail.access_link
    return shown


def findings(progress: Progress, only: Collection[str] | None = None) -> dict[str, Any]:
    """What checks found, by their names."""
    return {
        one.check: {"status": one.status, **one.facts, "checked_at": iso(one.checked_at), "inputs_sha256": one.inputs}
        for one in progress.findings
        if only is None or one.check in only
    }


def validated(dossier: Dossier, ran: Collection[str]) -> dict[str, Any]:
    """The answer of a validation: what the checks found that ran."""
    progress = dossier.progress
    return {
        "session_id": progress.session_id,
        "validated_at": _at(progress.validated_at),
        "validation_results": findings(progress, ran),
    }


def processed(dossier: Dossier) -> dict[str, Any]:
    """The answer of processing: what was decided, by which rules, on which findings."""
    progress = dossier.progress
    return {
        "session_id": progress.session_id,
        "status": progress.status,
        "final_decision": progress.final_decision,
        "automation_flags": flags(progress.triggered),
        "triggered_rules": _triggered(progress),
        "validation_results": findings(progress),
        "processed_at": _at(progress.processed_at),
    }


def session_summary(dossier: Dossier, now: datetime) -> dict[str, Any]:
    """One line of the list."""
    progress = dossier.progress
    return {
        "session_id": progress.session_id,
        "workflow_id": dossier.workflow_id,
        "workflow_name": progress.definition.name,
        "status": progress.status,
        "final_decision": progress.final_decision,
        "current_step_index": current_step_index(progress),
        "total_steps": len(progress.definition.steps),
        "is_expired": dossier.session.expired(now),
        "expires_at": unix(progress.expires_at),
        "created_at": iso(progress.created_at),
        "completed_at": _at(progress.completed_at),
        "metadata": dossier.metadata,
        "customer_id": dossier.customer_id,
        "parent_session_id": progress.parent_session_id,
    }


def correction(one: Correction) -> dict[str, Any]:
    """A correction with what only staff see."""
    return {
        "id": one.correction_id,
        "step_id": one.step_id,
        "field_ids": list(one.field_ids),
        "document_types": list(one.document_types),
        "message": one.message,
        "status": one.status,
        "created_at": iso(one.created_at),
        "requested_by": one.requested_by,
        "internal_note": one.internal_note,
        "reason_code": one.reason_code,
        "resolved_at": _at(one.resolved_at),
        "resolved_by": one.resolved_by,
    }


def workflow(whole: Whole) -> dict[str, Any]:
    """A workflow with its newest definition."""
    head = whole.head
    return {
        "workflow_id": head.workflow_id,
        "version": head.version,
        **definition_to_dict(whole.definition),
        "created_at": iso(head.created_at),
        "updated_at": iso(head.updated_at),
    }


def profile(kept: Kept) -> dict[str, Any]:
    """A recipe for reading papers."""
    return {
        **profile_to_dict(kept.profile),
        "created_at": iso(kept.created_at),
        "updated_at": iso(kept.updated_at),
    }


def version(one: Version, head: Workflow) -> dict[str, Any]:
    """One line of a workflow's history."""
    return {
        "version": one.version,
        "created_at": iso(one.created_at),
        "created_by": one.created_by,
        "is_current": one.version == head.version,
    }


def _step(dossier: Dossier, public: dict[str, Any], step_id: str, now: datetime) -> dict[str, Any]:
    progress = dossier.progress
    shown = {key: value for key, value in public.items() if key not in _RICHER}
    shown["form_data"] = dict(progress.form_data.get(step_id, {}))
    shown["documents"] = [
        _document(progress, one)
        for one in progress.documents
        if one.step_id == step_id and (one.current or one.superseded)
    ]
    shown["liveness_sessions"] = [_attempt(one, now) for one in progress.liveness if one.step_id == step_id]
    shown["correction_requests"] = [correction(one) for one in progress.corrections if one.step_id == step_id]
    return shown


def _document(progress: Progress, one: Document) -> dict[str, Any]:
    profile = profile_named(progress.definition, one)
    extractions = [_extraction(each, profile) for each in one.extractions]
    return {
        "doc_id": one.doc_id,
        "type": one.document_type,
        "field_id": one.field_id,
        "file_name": one.file_name,
        "mime_type": one.mime_type,
        "uploaded_at": _at(one.uploaded_at),
        "s3_key": one.blob_key,
        "size": one.size,
        "sha256": one.sha256,
        "superseded": one.superseded,
        "flags": list(one.flags),
        "extraction_state": one.extraction_state,
        "extraction": extractions[-1] if extractions else None,
        "extractions": extractions,
    }


def _attempt(one: LivenessAttempt, now: datetime) -> dict[str, Any]:
    return {
        "liveness_session_id": one.liveness_session_id,
        "status": status_at(one, now),
        "created_at": iso(one.created_at),
        "provider": one.provider,
        "label": one.label,
        "confidence": one.confidence,
        "reason": one.reason,
        "expires_at": unix(one.expires_at),
        "finished_at": _at(one.finished_at),
        "frames": len(one.frames),
        "images": [
            {"image": name, "sha256": image.sha256, "size": image.size} for name, image in pictures(one).items()
        ],
    }


def _extraction(one: Extraction, profile: str | None) -> dict[str, Any]:
    return {
        "data": one.values,
        "scores": one.scores,
        "profile": profile,
        "engine": one.engine,
        "document_type": one.document_type,
        "recognised_as": one.recognised_as,
        "issues": list(one.issues),
        "extracted_at": iso(one.extracted_at),
    }


def _triggered(progress: Progress) -> list[dict[str, Any]]:
    return [{"rule": one.rule, "action": one.action, "reason": one.reason} for one in progress.triggered]


def _event(event: Event, dossier: Dossier) -> dict[str, Any]:
    return {
        "number": event.number,
        "id": event.id,
        "type": event.type,
        "created_at": iso(event.at),
        "facts": event.facts(dossier.seal),
        "digest": event.digest.hex(),
    }


def _at(at: datetime | None) -> str | None:
    return None if at is None else iso(at)
