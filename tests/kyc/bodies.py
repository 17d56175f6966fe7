"""Workflow bodies as an administrator writes them."""

from typing import Any

Body = dict[str, Any]


def workflow(*steps: Body, **more: Any) -> Body:
    return {"name": "Basic KYC", "steps": list(steps or (documents(), form(full_name()))), **more}


def documents(*requirements: Body, step_id: str = "passport", **more: Any) -> Body:
    asked = list(requirements or ({"document_type": "id", "display_name": "Government ID"},))
    return {
        "step_id": step_id,
        "name": "ID document",
        "type": "document_upload",
        "document_requirements": asked,
        **more,
    }


def form(*fields: Body, step_id: str = "about_you", **more: Any) -> Body:
    return {
        "step_id": step_id,
        "name": "About you",
        "type": "form_fill",
        "custom_fields": list(fields),
        **more,
    }


def full_name(**more: Any) -> Body:
    return {"field_id": "full_name", "name": "Full name", "type": "name", "required": True, **more}


def field(kind: str, **more: Any) -> Body:
    return {"field_id": "one", "name": "One", "type": kind, **more}


_ITEMS = [
    {"field_id": "who", "name": "Who", "type": "name", "required": True},
    {"field_id": "share", "name": "Share", "type": "number"},
]
EVERY_FIELD: dict[str, Body] = {
    "text": field("text", max_length=30, multiline=True, default_value="hello", tooltip="?"),
    "number": field("number", min_value=1, max_value=10.5, decimals=1, required=True),
    "date": field("date", min_date="1900-01-01", max_date="today-18y", default_value="1985-03-15"),
    "boolean": field("boolean", must_be_true=True, field_key="consent"),
    "select": field("select", options=["a", {"value": "b", "label": "B"}], allow_multiple=True),
    "file": field("file", accepted_mime_types=["application/pdf"], max_size_mb=2.5, max_files=3),
    "email": field("email", validate_email=True, block_disposable=True, sensitive=True),
    "phone": field("phone", format="national", default_country="PT"),
    "url": field("url", https_only=True),
    "country": field("country", country_type="residence", allowed=["PT", "ES"], blocked=["FR"]),
    "name": field("name", name_type="company", validate_lists=True),
    "wallet": field("wallet", network="bitcoin", validate_lists=True),
    "domain": field("domain"),
    "address": field("address", required_parts=["line1", "city"]),
    "entity_array": field("entity_array", item_fields=_ITEMS, max_items=5, sum_field="share", sum_max=100),
    "sub_merchants": field("sub_merchants", min_items=1),
    "object": field("object", fields=_ITEMS, validation_rules={"pattern": "x+", "min_length": 2}),
}
"""One well-formed field of each type, with its options."""
