"""What is answered, with the keys of both published editions."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from frontdesk.basics.clock import iso
from frontdesk.forms.model.field import Field, Layout
from frontdesk.forms.model.session import Mark, Outcome, Render
from frontdesk.forms.rules import published, values
from frontdesk.forms.service.needs import Dossier, Form

SCHEMA_VERSION = "1"


class Place(msgspec.Struct, frozen=True):
    """Points, origin at the lower left of the unrotated media box; pages count from 0."""

    page: int
    x: float
    y: float
    w: float
    h: float


class Choice(msgspec.Struct, frozen=True):
    """One option."""

    value: str
    label: str


class TableCell(msgspec.Struct, frozen=True):
    """Where a field stands in a detected table."""

    id: str
    row: int
    column: int
    header: str


class ContractField(msgspec.Struct, frozen=True):
    """One field of a form. `kind` says the same as `type`, `field_id` the number in `id`."""

    id: str
    field_id: int
    label: str
    type: str
    kind: str
    data_type: str
    rect: Place
    required: bool
    options: list[Choice] | None
    group: str | None
    description: str | None
    max_length: int | None
    multiline: bool
    comb: bool
    format: str | None
    name: str | None
    confidence: float
    section: str | None
    table: TableCell | None


class PageShown(msgspec.Struct, frozen=True):
    """A page in points."""

    page: int
    width: float
    height: float
    rotation: int


class ContractInside(msgspec.Struct, frozen=True):
    """The contract as the September edition nests it."""

    title: str | None
    schema_version: str
    pages: list[PageShown]
    fields: list[ContractField]


class ContractAnswer(msgspec.Struct, frozen=True):
    """A form's fields, in both editions' places."""

    form_id: str
    id: str
    fields: list[ContractField]
    contract: ContractInside


class FormMade(msgspec.Struct, frozen=True):
    """A form that was taken in."""

    form_id: str
    id: str
    status: str
    library: str | None = None
    source_artifact_id: str | None = None


class Retention(msgspec.Struct, frozen=True):
    """When the documents go, and when they went."""

    policy: str
    documents_deleted_after: str | None
    documents_deleted_at: str | None


class FormShown(msgspec.Struct, frozen=True):
    """A form. `error` is a sentence that says what can be done; `progress` runs from 0 to 1."""

    form_id: str
    id: str
    status: Literal["detecting", "ready", "failed"]
    title: str | None
    error: str | None
    error_code: str | None
    schema_version: str | None
    warnings: list[str]
    reused_layout: bool
    retention: Retention | None
    library: str | None
    artifact_id: str | None
    source_artifact_id: str | None
    page_count: int | None
    field_count: int | None
    no_fields: bool
    source_kind: str | None
    created_at: str
    progress: float


class FormLine(msgspec.Struct, frozen=True):
    """A form in the list."""

    id: str
    form_id: str
    title: str | None
    status: str
    created_at: str
    has_thumbnail: bool
    no_fields: bool
    retention: str | None


class FormList(msgspec.Struct, frozen=True):
    """One page of forms, the newest first."""

    forms: list[FormLine]
    total: int
    limit: int
    offset: int


class FormDeleted(msgspec.Struct, frozen=True):
    """The form is gone, with its sessions and jobs."""

    id: str
    deleted: bool = True


class FieldShown(msgspec.Struct, frozen=True):
    """A field in a session. `state` is `empty`, `proposed`, `confirmed`, `skipped` or `declined`."""

    id: str
    label: str
    value: str | bool | list[str] | None
    state: str
    type: str
    data_type: str
    required: bool
    group: str | None
    page: int
    source: str | None
    field_id: int


class SessionShown(msgspec.Struct, frozen=True):
    """A session with every field of its form, in the contract's order."""

    session_id: str
    form_id: str
    status: Literal["open", "completed"]
    fields: list[FieldShown]


class TurnAnswer(msgspec.Struct, frozen=True):
    """What the assistant says, and the fields that the message changed."""

    reply: str
    updated: list[str]


class ActionAnswer(msgspec.Struct, frozen=True):
    """A field after it was confirmed, skipped or declined."""

    session_id: str
    status: str
    updated: list[str]
    field: FieldShown


class ValuesAnswer(msgspec.Struct, frozen=True):
    """The fields that were set, or switched off by another of their group."""

    updated: list[str]
    warnings: list[str]


class FillAnswer(msgspec.Struct, frozen=True):
    """The session has its PDF."""

    session_id: str
    status: Literal["completed"]
    filled: list[str]
    left_blank: list[str]
    unconfirmed: list[str]
    warnings: list[str]


def form_made(form_id: str) -> FormMade:
    """The answer to an upload."""
    shown = published.form_id(form_id)
    return FormMade(shown, shown, "detecting")


def form(found: Form) -> FormShown:
    """A form as it is now."""
    paper, session = found.paper, found.session
    shown = published.form_id(found.id)
    is_ready = session.status == "ready"
    return FormShown(
        form_id=shown,
        id=shown,
        status=session.status,  # type: ignore[arg-type]
        title=paper.title,
        error=paper.error.message if paper.error else None,
        error_code=paper.error.code if paper.error else None,
        schema_version=SCHEMA_VERSION if is_ready else None,
        warnings=list(paper.warnings),
        reused_layout=paper.reused_layout,
        retention=_retention(found),
        library=None,
        artifact_id=None,
        source_artifact_id=None,
        page_count=paper.page_count,
        field_count=paper.field_count,
        no_fields=is_ready and not paper.field_count,
        source_kind=paper.source_kind,
        created_at=iso(session.created_at),
        progress=paper.progress,
    )


def _retention(found: Form) -> Retention | None:
    if found.paper.retention is None:
        return None
    gone = found.paper.documents_deleted_at
    return Retention(found.paper.retention, iso(found.session.expires_at), None if gone is None else iso(gone))


def form_list(found: Sequence[Form], total: int, limit: int, offset: int) -> FormList:
    """A page of forms."""
    return FormList([_line(one) for one in found], total, limit, offset)


def _line(found: Form) -> FormLine:
    shown, paper = published.form_id(found.id), found.paper
    is_ready = found.session.status == "ready"
    return FormLine(
        shown,
        shown,
        paper.title,
        found.session.status,
        iso(found.session.created_at),
        is_ready and paper.documents_deleted_at is None,
        is_ready and not paper.field_count,
        paper.retention,
    )


def contract(found: Form, layout: Layout) -> ContractAnswer:
    """The fields of a form that is ready."""
    fields = [contract_field(field) for field in layout.fields]
    pages = [PageShown(number, page.width, page.height, page.rotation) for number, page in enumerate(layout.pages)]
    shown = published.form_id(found.id)
    return ContractAnswer(shown, shown, fields, ContractInside(found.paper.title, SCHEMA_VERSION, pages, fields))


def contract_field(field: Field) -> ContractField:
    """One field."""
    rect, cell = field.rect, field.table
    return ContractField(
        id=field.id,
        field_id=field.number,
        label=field.label,
        type=field.kind,
        kind=field.kind,
        data_type=field.data_type,
        rect=Place(rect.page, rect.x, rect.y, rect.w, rect.h),
        required=field.required,
        options=[Choice(option.value, option.label) for option in field.options] or None,
        group=field.group,
        description=field.description,
        max_length=field.max_length,
        multiline=field.multiline,
        comb=field.comb,
        format=field.format,
        name=field.name,
        confidence=round(field.confidence, 3),
        section=field.section,
        table=None if cell is None else TableCell(cell.table, cell.row, cell.column, cell.header),
    )


def session(found: Dossier) -> SessionShown:
    """A session as it is now."""
    sheet = found.sheet
    fields = [_field(field, sheet.mark(field.number)) for field in sheet.layout.fields]
    return SessionShown(
        published.session_id(found.id), published.form_id(found.form_id), status_of(sheet.status), fields
    )


def status_of(status: str) -> Literal["open", "completed"]:
    """What is published knows two statuses: a session is open until its PDF is there."""
    return "completed" if status == "completed" else "open"


def _field(field: Field, mark: Mark) -> FieldShown:
    return FieldShown(
        field.id,
        field.label,
        values.shown(mark.value),
        mark.state,
        field.kind,
        field.data_type,
        field.required,
        field.group,
        field.rect.page,
        mark.source,
        field.number,
    )


def action(found: Dossier, name: str | int) -> ActionAnswer:
    """A session after one field was decided on."""
    field = found.sheet.find(name)
    assert field is not None, "the rule has found it"
    shown = _field(field, found.sheet.mark(field.number))
    return ActionAnswer(published.session_id(found.id), status_of(found.sheet.status), [field.id], shown)


def turn(reply: str, outcome: Outcome) -> TurnAnswer:
    """What came of a message."""
    return TurnAnswer(reply, list(outcome.updated))


def set_values(outcome: Outcome) -> ValuesAnswer:
    """What came of a direct fill."""
    return ValuesAnswer(list(outcome.updated), list(outcome.warnings))


def filled(session_id: str, render: Render) -> FillAnswer:
    """What came of rendering."""
    return FillAnswer(
        published.session_id(session_id),
        "completed",
        list(render.filled),
        list(render.left_blank),
        list(render.unconfirmed),
        list(render.warnings),
    )
