"""What a customer may read of the workflow: an allow-list of what a form needs to be shown and filled."""

from collections.abc import Mapping
from typing import Any

from frontdesk.kyc.model.definition import Definition, DocumentRequirement, Field, Step, SubsessionConfig
from frontdesk.kyc.model.definition_dict import NESTED_KEY, logic_to_dict
from frontdesk.kyc.rules.fields.around import BULLETS

_DISPLAY = ("description", "tooltip", "instructions", "placeholder", "help_text")
_LIMITS = (
    "pattern",
    "pattern_message",
    "min_length",
    "max_length",
    "min_value",
    "max_value",
    "min_items",
    "max_items",
    "unique_items",
    "equals_field",
)
_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "text": ("max_length", "multiline"),
    "number": ("min_value", "max_value", "decimals"),
    "date": ("min_date", "max_date"),
    "boolean": ("must_be_true",),
    "select": ("options", "allow_multiple", "allow_other"),
    "file": ("accepted_mime_types", "max_size_mb", "allow_multiple", "max_files"),
    "phone": ("format", "default_country"),
    "url": ("https_only",),
    "country": ("country_type", "allowed"),
    "name": ("name_type",),
    "wallet": ("network",),
    "address": ("country_field", "required_parts"),
    "entity_array": ("min_items", "max_items", "sum_field", "sum_max"),
    "sub_merchants": ("min_items", "max_items", "sum_field", "sum_max"),
}
"""Options that a form shows. Checks against lists, mailboxes and countries are the tenant's affair."""
_SUBSESSIONS = (
    "category",
    "tag",
    "min_required",
    "max_allowed",
    "require_completion_before_proceed",
    "label_placeholder",
)


def public_workflow(definition: Definition) -> dict[str, Any]:
    """The workflow as the customer's page needs it."""
    shown: dict[str, Any] = {"workflow_name": definition.name}
    if definition.description is not None:
        shown["description"] = definition.description
    shown["total_steps"] = len(definition.steps)
    shown["steps"] = [public_step(step) for step in definition.steps]
    if definition.completion_redirect_url is not None:
        shown["completion_redirect_url"] = definition.completion_redirect_url
    return shown


def public_step(step: Step) -> dict[str, Any]:
    """One step; `fields` is always there and always empty, as published."""
    shown: dict[str, Any] = {
        "step_id": step.step_id,
        "order": step.order,
        "name": step.name,
        "type": step.type,
        "required": step.required,
        "required_documents": [one.document_type for one in step.document_requirements if one.required],
        "document_requirements": [_requirement(one) for one in step.document_requirements],
        "custom_fields": [public_field(one) for one in step.custom_fields],
        "fields": [],
    }
    for key in ("description", "instructions", "tooltip"):
        if (text := getattr(step, key)) is not None:
            shown[key] = text
    if step.document_types:
        shown["document_types"] = list(step.document_types)
    if step.conditional_logic is not None:
        shown["conditional_logic"] = logic_to_dict(step.conditional_logic)
    if step.subsession_config is not None:
        shown["subsession_config"] = _subsessions(step.subsession_config)
    if step.liveness_config is not None:
        shown["liveness_config"] = {"min_confidence": step.liveness_config.min_confidence}
    return shown


def public_field(field: Field) -> dict[str, Any]:
    """One input of a form."""
    shown: dict[str, Any] = {
        "field_id": field.field_id,
        "name": field.name,
        "type": field.type,
        "required": field.required,
    }
    shown |= {key: text for key in _DISPLAY if (text := getattr(field, key)) is not None}
    if field.default_value is not None:
        shown["default_value"] = BULLETS if field.sensitive else field.default_value
    if field.sensitive:
        shown["sensitive"] = True
    limits = {key: getattr(field.validation_rules, key) for key in _LIMITS}
    limits = {key: value for key, value in limits.items() if value is not None and value is not False}
    if limits:
        shown["validation_rules"] = limits
    if field.conditional_logic is not None:
        shown["conditional_logic"] = logic_to_dict(field.conditional_logic)
    shown |= {key: field.options[key] for key in _OPTIONS.get(field.type, ()) if key in field.options}
    if field.type in NESTED_KEY:
        shown[NESTED_KEY[field.type]] = [public_field(one) for one in field.fields]
    return shown


def _requirement(requirement: DocumentRequirement) -> dict[str, Any]:
    return {
        "document_type": requirement.document_type,
        "label": requirement.label,
        "required": requirement.required,
        "allow_multiple": requirement.allow_multiple,
    }


def _subsessions(config: SubsessionConfig) -> dict[str, Any]:
    return {key: value for key in _SUBSESSIONS if (value := getattr(config, key)) is not None}
