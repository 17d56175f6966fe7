"""Confirming uploads: what was announced is compared with what came, and older files give way."""

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from frontdesk.kyc.model.definition import DocumentRequirement, Step
from frontdesk.kyc.model.session import UPLOAD_LIFECYCLE, Document, Note, Outcome, Progress
from frontdesk.kyc.rules.refusals import Invalid
from frontdesk.kyc.rules.requirements import documents_for, requirement_for
from frontdesk.kyc.rules.steps import find_editable_step, find_step, touch
from frontdesk.kyc.rules.upload import (
    DEFAULT_MIME_TYPES,
    UNCONFIRMED_FOR,
    DocumentNotFound,
    FileTooLarge,
    UploadRequest,
    begin_upload,
    check_room,
    discard,
    facts,
    size_limit,
    too_large,
)

SMALLEST_IMAGE = 1024


class UploadMismatch(Invalid):
    """What is confirmed is not what was announced."""

    reason: ClassVar[str] = "upload_mismatch"


class UploadNotStored(Invalid):
    """There is nothing to confirm yet."""

    reason: ClassVar[str] = "upload_not_stored"


class FileRefused(Invalid):
    """The bytes are not acceptable; the object is deleted."""

    reason: ClassVar[str] = "file_refused"


class ConfirmRequest(msgspec.Struct, frozen=True):
    """What `upload/confirm` was told. The file name of the announcement wins, so it is not looked at here."""

    doc_id: str
    s3_key: str
    step_id: str
    mime_type: str
    document_type: str | None = None
    field_id: str | None = None


class Inspection(msgspec.Struct, frozen=True):
    """What was found in the stored object.

    `mime_type` is that of its first bytes, None if they are of no known type; `fault` is why its content is
    not acceptable, in the customer's words; `flags` are findings that only a reviewer sees.
    """

    size: int
    sha256: str
    mime_type: str | None
    fault: str | None = None
    flags: tuple[str, ...] = ()


def expected_document(progress: Progress, request: ConfirmRequest, now: datetime) -> Document:
    """The reserved upload that a confirmation speaks of. Raises all that needs no look at the bytes.

    A document that is confirmed already comes back as it is, whatever became of the step since.
    """
    step = find_step(progress, request.step_id)
    document = progress.document(request.doc_id)
    if document is None or not (document.current or document.superseded):
        find_editable_step(progress, step.step_id)
    if document is None:
        raise DocumentNotFound
    announced = (document.blob_key, document.step_id, document.mime_type, document.document_type)
    named = request.document_type or request.field_id
    if announced != (request.s3_key, request.step_id, request.mime_type, named) or (
        request.field_id is not None and request.field_id != document.field_id
    ):
        raise UploadMismatch("The upload does not match what was announced")
    if document.state in ("rejected", "expired") or (
        document.state in ("initiated", "stored") and now >= document.created_at + UNCONFIRMED_FOR
    ):
        raise UploadNotStored("This upload is no longer valid: begin a new one")
    return document


def confirm_upload(progress: Progress, request: ConfirmRequest, found: Inspection | None, now: datetime) -> Outcome:
    """Register the stored object. The answer is the document.

    Bytes that are refused leave a trace: the outcome rejects the document, has the object discarded, and
    carries the refusal.
    """
    document = expected_document(progress, request, now)
    if document.current or document.superseded:
        return Outcome(progress, answer=document, changed=False)
    if found is None:
        raise UploadNotStored("The file has not arrived: send it to the upload address first")
    fault = _fault(document, found, size_limit(progress, document))
    if fault is not None:
        return _refuse(progress, document, found, fault)
    step = find_step(progress, document.step_id)
    requirement = None if document.field_id else requirement_for(step, document.document_type)
    check_room(progress, step, requirement)
    confirmed = replace(
        document,
        state=UPLOAD_LIFECYCLE.move(document.state, "confirm"),
        size=found.size,
        sha256=found.sha256,
        uploaded_at=now,
        flags=found.flags,
    )
    replaced = _outdated(progress, step, requirement)
    after, events = touch(progress.with_document(confirmed), step.step_id, now)
    after, notes = supersede(after, replaced)
    jobs: tuple[Note, ...] = ()
    if requirement is not None and requirement.auto_extract:
        jobs = (("extract", {"session_id": progress.session_id, "doc_id": confirmed.doc_id}),)
    added = ("kyc.document_added", {**facts(confirmed), "size": found.size, "sha256": found.sha256})
    return Outcome(after, events=(*events, added, *notes), jobs=jobs, answer=confirmed)


def upload_at_once(
    progress: Progress,
    request: UploadRequest,
    found: Inspection,
    *,
    doc_id: str,
    tenant_id: str,
    now: datetime,
    allowed_types: Collection[str] = DEFAULT_MIME_TYPES,
) -> Outcome:
    """The old way: announcement, bytes and confirmation in one call. The answer is the document."""
    begun = begin_upload(progress, request, doc_id=doc_id, tenant_id=tenant_id, now=now, allowed_types=allowed_types)
    document: Document = begun.answer.document
    if found.size > begun.answer.max_size_bytes:
        raise FileTooLarge(too_large(begun.answer.max_size_bytes))
    confirm = ConfirmRequest(
        document.doc_id,
        document.blob_key,
        document.step_id,
        document.mime_type,
        document.document_type,
        document.field_id,
    )
    done = confirm_upload(begun.progress, confirm, found, now)
    return replace(done, events=begun.events + done.events)


def supersede(progress: Progress, replaced: Collection[Document]) -> tuple[Progress, tuple[Note, ...]]:
    """Hide replaced documents; their files are kept for audit."""
    for one in replaced:
        hidden = replace(one, state=UPLOAD_LIFECYCLE.move(one.state, "supersede"))
        progress = progress.with_document(hidden)
    return progress, tuple(("kyc.document_replaced", facts(one)) for one in replaced)


def _outdated(progress: Progress, step: Step, requirement: DocumentRequirement | None) -> tuple[Document, ...]:
    """What a further file pushes out: all but the newest that still have room beside it."""
    if requirement is None or requirement.allow_multiple:
        return ()
    current = documents_for(progress, step, requirement)
    return current[: max(0, len(current) + 1 - requirement.capacity)]


def _fault(document: Document, found: Inspection, limit: int) -> str | None:
    if found.size == 0:
        return "The file is empty"
    if found.size > limit:
        return too_large(limit)
    if found.mime_type != document.mime_type:
        return f"The content of the file is not {document.mime_type}"
    if document.mime_type.startswith("image/") and found.size < SMALLEST_IMAGE:
        return "The image is too small to be read"
    return found.fault


def _refuse(progress: Progress, document: Document, found: Inspection, fault: str) -> Outcome:
    rejected = replace(
        document, state=UPLOAD_LIFECYCLE.move(document.state, "reject"), size=found.size, sha256=found.sha256
    )
    return Outcome(
        progress.with_document(rejected),
        events=(("kyc.document_rejected", facts(rejected)),),
        jobs=(discard(rejected),),
        refusal=FileRefused(fault),
    )
