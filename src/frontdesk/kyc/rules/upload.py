"""Uploads: reserve, receive, confirm, replace, and let lapse."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from frontdesk.kyc.model.definition import DocumentRequirement, Step
from frontdesk.kyc.model.session import UPLOAD_LIFECYCLE, Document, Note, Outcome, Progress
from frontdesk.kyc.rules.refusals import Conflicting, Forbidden, Invalid, TooLarge
from frontdesk.kyc.rules.requirements import MEGABYTE, documents_for, file_field_for, requirement_for
from frontdesk.kyc.rules.steps import find_editable_step, find_step, touch

EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "application/pdf": "pdf",
    "image/webp": "webp",
    "image/heic": "heic",
}
"""Every type of file that an installation may accept, with the extension that the server gives it."""
DEFAULT_MIME_TYPES = ("image/jpeg", "image/png", "application/pdf")
URL_LIVES_FOR = timedelta(minutes=15)
UNCONFIRMED_FOR = timedelta(hours=24)


class DocumentTypeNotAllowed(Invalid):
    """The step does not ask for such a file."""

    reason: ClassVar[str] = "document_type_not_allowed"

    def __init__(self) -> None:
        super().__init__("Document type not allowed for this step")


class FileNameInvalid(Invalid):
    """The name is empty or too long."""

    reason: ClassVar[str] = "file_name_invalid"


class FileTypeNotAllowed(Invalid):
    """Files of this type are not taken here."""

    reason: ClassVar[str] = "file_type_not_allowed"


class TooManyFiles(Invalid):
    """The step holds as many files of this kind as it may."""

    reason: ClassVar[str] = "too_many_files"


class FileTooLarge(TooLarge):
    """More bytes than the step allows for a file."""

    reason: ClassVar[str] = "file_too_large"


class DocumentNotFound(Invalid):
    """The session has no such document."""

    reason: ClassVar[str] = "document_not_found"

    def __init__(self) -> None:
        super().__init__("Document not found")


class UploadLapsed(Forbidden):
    """The address has run out."""

    reason: ClassVar[str] = "upload_lapsed"


class UploadSpent(Conflicting):
    """The address was used before."""

    reason: ClassVar[str] = "upload_spent"


class UploadRequest(msgspec.Struct, frozen=True):
    """What `upload/init` was told."""

    step_id: str
    file_name: str
    mime_type: str
    document_type: str | None = None
    field_id: str | None = None
    file_size: int | None = None


class UploadSlot(msgspec.Struct, frozen=True):
    """The answer to `upload/init`, but for the address."""

    document: Document
    max_size_bytes: int


class _Place(msgspec.Struct, frozen=True):
    """Where a file would go, and what may go there."""

    document_type: str
    field_id: str | None
    mime_types: tuple[str, ...]
    max_size_bytes: int
    requirement: DocumentRequirement | None


def begin_upload(
    progress: Progress,
    request: UploadRequest,
    *,
    doc_id: str,
    tenant_id: str,
    now: datetime,
    allowed_types: Collection[str] = DEFAULT_MIME_TYPES,
) -> Outcome:
    """Reserve an upload. The answer is an `UploadSlot`."""
    step = find_editable_step(progress, request.step_id)
    place = _place(step, request.document_type, request.field_id)
    name = _file_name(request.file_name)
    accepted = [one for one in place.mime_types or allowed_types if one in allowed_types]
    if request.mime_type not in accepted:
        raise FileTypeNotAllowed("File type not allowed. Allowed here: " + ", ".join(accepted))
    if request.file_size is not None and request.file_size > place.max_size_bytes:
        raise FileTooLarge(too_large(place.max_size_bytes))
    check_room(progress, step, place.requirement)
    document = Document(
        doc_id=doc_id,
        step_id=step.step_id,
        document_type=place.document_type,
        field_id=place.field_id,
        file_name=name,
        mime_type=request.mime_type,
        blob_key=f"{tenant_id}/{progress.session_id}/{doc_id}.{EXTENSIONS[request.mime_type]}",
        created_at=now,
        url_expires_at=now + URL_LIVES_FOR,
    )
    touched, events = touch(progress, step.step_id, now)
    return Outcome(
        touched.with_document(document),
        events=(*events, ("kyc.upload_started", facts(document))),
        answer=UploadSlot(document, place.max_size_bytes),
    )


def store_upload(progress: Progress, doc_id: str, size: int, now: datetime) -> Outcome:
    """The bytes have come to our own address: once, in time, and not too many. The answer is the document."""
    document = _find(progress, doc_id)
    if document.state != UPLOAD_LIFECYCLE.start:
        raise UploadSpent("This upload address was used before")
    if now >= document.url_expires_at:
        raise UploadLapsed("This upload address has expired")
    limit = size_limit(progress, document)
    if size > limit:
        raise FileTooLarge(too_large(limit))
    stored = replace(document, state=UPLOAD_LIFECYCLE.move(document.state, "store"), size=size)
    return Outcome(progress.with_document(stored), events=(("kyc.upload_stored", facts(stored)),), answer=stored)


def size_limit(progress: Progress, document: Document) -> int:
    """How many bytes the file may have."""
    step = find_step(progress, document.step_id)
    return _place(step, document.document_type, document.field_id).max_size_bytes


def _place(step: Step, document_type: str | None, field_id: str | None) -> _Place:
    if step.type == "form_fill":
        found = file_field_for(step, field_id, document_type)
        if found is None:
            raise DocumentTypeNotAllowed
        types = tuple(found.options.get("accepted_mime_types", ()))
        limit = int(found.options.get("max_size_mb", 10) * MEGABYTE)
        return _Place(document_type or found.field_id, found.field_id, types, limit, None)
    requirement = requirement_for(step, document_type or "")
    if requirement is None or document_type is None or field_id is not None:
        raise DocumentTypeNotAllowed
    limit = int(requirement.max_size_mb * MEGABYTE)
    return _Place(document_type, None, requirement.accepted_mime_types, limit, requirement)


def check_room(progress: Progress, step: Step, requirement: DocumentRequirement | None) -> None:
    if requirement is None or not requirement.allow_multiple:
        return
    if len(documents_for(progress, step, requirement)) >= requirement.capacity:
        raise TooManyFiles(f"At most {requirement.capacity} files of this type are allowed")


def _file_name(given: str) -> str:
    """The final path component without control characters."""
    last = given.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(letter for letter in last if letter.isprintable()).strip()
    if not 1 <= len(name) <= 255 or name in (".", ".."):
        raise FileNameInvalid("file_name must have 1 to 255 characters")
    return name


def _find(progress: Progress, doc_id: str) -> Document:
    document = progress.document(doc_id)
    if document is None:
        raise DocumentNotFound
    return document


def too_large(limit: int) -> str:
    return f"The file is larger than {limit} bytes"


def facts(document: Document) -> dict[str, str]:
    return {"doc_id": document.doc_id, "step_id": document.step_id, "document_type": document.document_type}


def discard(document: Document) -> Note:
    return "discard_object", {"doc_id": document.doc_id, "blob_key": document.blob_key}
