"""The arguments of the MCP tools, and a field as they show it."""

from typing import Any, Literal

import msgspec

from frontdesk.forms.model.field import Field


class Nothing(msgspec.Struct, frozen=True):
    """No arguments."""


class ListForms(msgspec.Struct, frozen=True):
    """Which forms, and how many (to 50)."""

    state: Literal["ready", "processing", "failed", "all"] = "ready"
    limit: int = 50
    cursor: str | None = None


class OneForm(msgspec.Struct, frozen=True):
    """A form by its id."""

    form_id: str


class CreateForm(msgspec.Struct, frozen=True):
    """A PDF in base64; addresses are not fetched by this server."""

    pdf_base64: str | None = None
    pdf_url: str | None = None
    title: str | None = None


class FillForm(msgspec.Struct, frozen=True):
    """Values by field id or label."""

    form_id: str
    values: dict[str, Any]
    flatten: bool = False
    retention: str | None = None


class ContextFile(msgspec.Struct, frozen=True):
    """A file in base64."""

    name: str
    content_base64: str
    mime_type: str = "application/octet-stream"


class FillFromContext(msgspec.Struct, frozen=True):
    """A form by id or as a PDF, and what to fill it from."""

    form_id: str | None = None
    pdf_base64: str | None = None
    pdf_url: str | None = None
    context_text: str | None = None
    context_files: list[ContextFile] = []
    context_urls: list[str] = []
    library: str | None = None
    retention: str | None = None


class OneJob(msgspec.Struct, frozen=True):
    """A context job by its id."""

    job_id: str


class OneSession(msgspec.Struct, frozen=True):
    """A session by its id."""

    session_id: str


class Turn(msgspec.Struct, frozen=True):
    """A message to a session."""

    session_id: str
    message: str


class OneField(msgspec.Struct, frozen=True):
    """A field of a session."""

    session_id: str
    field_id: str | int


class Render(msgspec.Struct, frozen=True):
    """A session to render; `flatten` leaves no fields in the PDF."""

    session_id: str
    flatten: bool = False


class ReadForm(msgspec.Struct, frozen=True):
    """A filled PDF in base64, and the form that it is, if known."""

    pdf_base64: str | None = None
    pdf_url: str | None = None
    form_id: str | None = None


class VerifyForm(msgspec.Struct, frozen=True):
    """A filled PDF in base64, and the form that it should be."""

    form_id: str
    pdf_base64: str | None = None
    pdf_url: str | None = None


class SuggestMapping(msgspec.Struct, frozen=True):
    """A form and a CSV text."""

    form_id: str
    csv_text: str | None = None
    csv_url: str | None = None


class FillBatch(msgspec.Struct, frozen=True):
    """A form, a CSV text of up to 1,000 rows, and columns by field id."""

    form_id: str
    csv_text: str | None = None
    csv_url: str | None = None
    mapping: dict[str, str] | None = None


class OneBatch(msgspec.Struct, frozen=True):
    """A batch by its id."""

    batch_id: str


def schema_of(arguments: type[msgspec.Struct]) -> dict[str, Any]:
    """The JSON schema of a tool's arguments, an object at its top."""
    (_,), parts = msgspec.json.schema_components([arguments], ref_template="#/$defs/{name}")
    found = dict(parts.pop(arguments.__name__))
    found.setdefault("properties", {})
    if parts:
        found["$defs"] = parts
    return found


def field(found: Field) -> dict[str, Any]:
    """A field as the tools show it."""
    return {
        "id": found.id,
        "label": found.label,
        "kind": found.kind,
        "required": found.required,
        "options": [{"value": option.value, "label": option.label} for option in found.options] or None,
        "group": found.group,
        "description": found.description,
    }
