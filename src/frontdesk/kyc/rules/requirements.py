"""Which files a step asks for, and which files answer that."""

from collections.abc import Iterable

from frontdesk.kyc.model.definition import IDENTITY_TYPES, Definition, DocumentRequirement, Field, Step
from frontdesk.kyc.model.session import Document, Progress

MEGABYTE = 1024 * 1024
SELFIE = "selfie"
_PICTURES = ("image/jpeg", "image/png", "image/webp", "image/heic")


def satisfies(document_type: str, wanted: str) -> bool:
    """Whether a file of a type answers a wish for a type: a passport is an `id`."""
    return document_type == wanted or (wanted == "id" and document_type in IDENTITY_TYPES)


def requirement_for(step: Step, document_type: str) -> DocumentRequirement | None:
    """What a file of this type would count towards in the step; the exact type goes first."""
    if step.type not in ("document_upload", SELFIE):
        return None
    asked = list(requirements_of(step))
    asked += [
        DocumentRequirement(one, required=False, allow_multiple=True)
        for one in step.document_types
        if all(one != requirement.document_type for requirement in asked)
    ]
    exact = [one for one in asked if one.document_type == document_type]
    wide = [one for one in asked if satisfies(document_type, one.document_type)]
    return next(iter(exact + wide), None)


def requirements_of(step: Step) -> tuple[DocumentRequirement, ...]:
    """What the step asks for; a selfie step asks for one picture."""
    if step.type == SELFIE:
        return (DocumentRequirement(SELFIE, step.name, accepted_mime_types=_PICTURES),)
    return step.document_requirements


def file_field_for(step: Step, field_id: str | None, document_type: str | None) -> Field | None:
    """The form's file field that an upload is for, named by `field_id` or in place of the type."""
    named = step.find_field(field_id or document_type or "")
    return named if named is not None and named.type == "file" else None


def profile_named(definition: Definition, document: Document) -> str | None:
    """The extraction profile that the requirement, or the form's file field, of a document names."""
    step = definition.find_step(document.step_id)
    if step is None:
        return None
    if document.field_id is not None:
        field = step.find_field(document.field_id)
        named: str | None = field.options.get("extraction_profile") if field is not None else None
        return named
    requirement = requirement_for(step, document.document_type)
    return requirement.extraction_profile if requirement is not None else None


def documents_for(progress: Progress, step: Step, requirement: DocumentRequirement) -> tuple[Document, ...]:
    """The current files of the step that count towards the requirement, oldest first."""
    return _oldest_first(
        one
        for one in progress.documents
        if one.current and one.step_id == step.step_id and one.field_id is None
        if (found := requirement_for(step, one.document_type)) is not None
        and found.document_type == requirement.document_type
    )


def documents_of_field(progress: Progress, step_id: str, field_id: str) -> tuple[Document, ...]:
    """The current files that were sent for a form's file field, oldest first."""
    return _oldest_first(
        one for one in progress.documents if one.current and one.step_id == step_id and one.field_id == field_id
    )


def _oldest_first(documents: Iterable[Document]) -> tuple[Document, ...]:
    return tuple(sorted(documents, key=lambda one: (one.uploaded_at or one.created_at, one.created_at)))
