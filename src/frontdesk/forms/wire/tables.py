"""What is answered about filled PDFs and tables."""

import msgspec

from frontdesk.forms.model.job import Batch
from frontdesk.forms.rules import published, values
from frontdesk.forms.rules.matching import Answered
from frontdesk.forms.service.batches import Suggestion
from frontdesk.forms.service.checking import Checked
from frontdesk.forms.service.needs import Work
from frontdesk.forms.service.previewing import Preview

from .work import JobError


class ReadValue(msgspec.Struct, frozen=True):
    """A field of a filled PDF."""

    id: str
    field_id: int
    label: str
    type: str
    value: str | bool | list[str] | None
    filled: bool
    required: bool
    page: int


class IssueShown(msgspec.Struct, frozen=True):
    """One thing that is wrong."""

    code: str
    field_id: str | None
    message: str
    severity: str


class ReadAnswer(msgspec.Struct, frozen=True):
    """A filled PDF: its values, and what is to be said about them."""

    fields: list[ReadValue]
    verdict: str
    issues: list[IssueShown]
    warnings: list[str]


class VerifyAnswer(msgspec.Struct, frozen=True):
    """Whether a filled PDF is complete: `complete`, `review_required`, `incomplete` or `failed`."""

    verdict: str
    status: str
    issues: list[IssueShown]
    warnings: list[str]


class MappingAnswer(msgspec.Struct, frozen=True):
    """Which column belongs to which field."""

    mapping: dict[str, str]
    unmapped_columns: list[str]


class BatchMade(msgspec.Struct, frozen=True):
    """A batch that was accepted."""

    batch_id: str


class RowShown(msgspec.Struct, frozen=True):
    """One row: `filled` or `failed`, its PDF, or what is wrong with it."""

    row: int
    status: str
    pdf_url: str | None
    error: JobError | None
    warnings: list[str]


class BatchShown(msgspec.Struct, frozen=True):
    """A batch: `running`, `complete` or `failed`."""

    batch_id: str
    form_id: str
    status: str
    total: int
    filled: int
    failed: int
    results: list[RowShown]
    error: JobError | None
    zip_url: str | None
    retention: str | None = None


class PreviewField(msgspec.Struct, frozen=True):
    """An answer that material holds for a field."""

    id: str
    label: str
    value: str | bool | list[str] | None
    confidence: str
    source: str
    quote: str


class PreviewAnswer(msgspec.Struct, frozen=True):
    """What material would fill, without filling it. `gap_topics` are the labels of what is still missing."""

    filled: list[PreviewField]
    changed: list[PreviewField]
    photo_notes: list[str]
    gap_topics: list[str]
    directive: str


def _values(found: Checked) -> list[ReadValue]:
    return [
        ReadValue(
            one.field.id,
            one.field.number,
            one.field.label,
            one.field.kind,
            values.shown(one.value),
            one.is_filled,
            one.field.required,
            one.field.rect.page,
        )
        for one in found.fields
    ]


def _issues(found: Checked) -> list[IssueShown]:
    return [IssueShown(one.code, one.field_id, one.message, one.severity) for one in found.issues]


def read(found: Checked) -> ReadAnswer:
    """A PDF that was read."""
    return ReadAnswer(_values(found), found.verdict, _issues(found), list(found.warnings))


def verified(found: Checked) -> VerifyAnswer:
    """A PDF that was verified."""
    return VerifyAnswer(found.verdict, found.verdict, _issues(found), list(found.warnings))


def mapped(found: Suggestion) -> MappingAnswer:
    """A mapping that is suggested."""
    return MappingAnswer({column: f"f_{number:03d}" for column, number in found.mapping.items()}, list(found.unmapped))


def batch(found: Work[Batch]) -> BatchShown:
    """A batch as it is now."""
    record = found.record
    shown = published.batch_id(found.id)
    place = f"/forms/fill-batch/{shown}"
    results = [
        RowShown(
            row.number,
            row.status,
            f"{place}/rows/{row.number}/pdf" if row.blob_key else None,
            JobError(row.error.code, row.error.message) if row.error else None,
            list(row.warnings),
        )
        for row in record.rows
    ]
    filled = sum(row.status == "filled" for row in record.rows)
    return BatchShown(
        shown,
        published.form_id(found.form_id),
        found.session.status,
        record.total,
        filled,
        len(record.rows) - filled,
        results,
        JobError(record.error.code, record.error.message) if record.error else None,
        f"{place}/zip" if found.session.status == "complete" else None,
    )


def preview(found: Preview) -> PreviewAnswer:
    """What material would fill."""

    def shown(labels: dict[str, str], answers: tuple[Answered, ...]) -> list[PreviewField]:
        return [
            PreviewField(one.id, labels[one.id], values.shown(one.value), one.confidence, one.source, one.quote)
            for one in answers
        ]

    return PreviewAnswer(
        shown(found.labels, found.filled),
        shown(found.labels, found.changed),
        list(found.notes),
        list(found.gaps),
        "ask_gap" if found.gaps else "done",
    )
