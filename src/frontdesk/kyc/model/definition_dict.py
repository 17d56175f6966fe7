"""A workflow version as plain JSON values, and back: what is stored, and what an administrator reads."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import fields as fields_of

from frontdesk.kyc.model.definition import (
    Automation,
    Condition,
    Definition,
    DocumentRequirement,
    Field,
    Group,
    Logic,
    PostUploadValidation,
    Step,
    SubsessionConfig,
    ValidationConfig,
    ValidationRules,
)
from frontdesk.kyc.model.liveness import LivenessConfig

NESTED_KEY = {"entity_array": "item_fields", "sub_merchants": "item_fields", "object": "fields"}
"""Under which key a field's nested fields stand."""
_APART = {"validation_rules", "conditional_logic", "options", "fields"}
_COMMON = tuple(one.name for one in fields_of(Field) if one.name not in _APART)


def definition_to_dict(definition: Definition) -> dict[str, Any]:
    """In the shape of a workflow body, without absent values: parsing it again gives the same definition."""
    written = _plain(definition)
    written["steps"] = [_step_to_dict(step) for step in definition.steps]
    config = _plain(definition.validation_config)
    if definition.validation_config.automation_rules is not None:
        config["automation_rules"] = _plain(definition.validation_config.automation_rules)
    written["validation_config"] = config
    return written


def definition_from_dict(stored: Mapping[str, Any]) -> Definition:
    """The definition that `definition_to_dict` wrote. Checks nothing."""
    config = dict(stored["validation_config"])
    if "automation_rules" in config:
        config["automation_rules"] = Automation(**_tuples(config["automation_rules"], Automation))
    return Definition(
        **{
            **_tuples(stored, Definition),
            "steps": tuple(_step_from_dict(step) for step in stored["steps"]),
            "validation_config": ValidationConfig(**_tuples(config, ValidationConfig)),
        }
    )


def logic_to_dict(logic: Logic) -> dict[str, Any]:
    """Conditional logic as it is written in a workflow."""
    written: dict[str, Any] = {
        "action": logic.action,
        "match": logic.match,
        "conditions": [_condition_to_dict(one) for one in logic.conditions],
    }
    if logic.groups:
        written["groups"] = [
            {"match": group.match, "conditions": [_condition_to_dict(one) for one in group.conditions]}
            for group in logic.groups
        ]
    return written


def field_to_dict(field: Field) -> dict[str, Any]:
    """One field, its options beside its common properties."""
    written = {key: value for key in _COMMON if (value := getattr(field, key)) is not None}
    limits = {key: value for key, value in _plain(field.validation_rules).items() if value is not False}
    if limits:
        written["validation_rules"] = limits
    if field.conditional_logic is not None:
        written["conditional_logic"] = logic_to_dict(field.conditional_logic)
    written.update(field.options)
    if field.type in NESTED_KEY:
        written[NESTED_KEY[field.type]] = [field_to_dict(one) for one in field.fields]
    return written


def _step_to_dict(step: Step) -> dict[str, Any]:
    written = _plain(step)
    written["document_requirements"] = [
        {**_plain(one), "post_upload_validations": [_plain(check) for check in one.post_upload_validations]}
        for one in step.document_requirements
    ]
    written["custom_fields"] = [field_to_dict(one) for one in step.custom_fields]
    if step.subsession_config is not None:
        written["subsession_config"] = _plain(step.subsession_config)
    if step.liveness_config is not None:
        written["liveness_config"] = _plain(step.liveness_config)
    if step.conditional_logic is not None:
        written["conditional_logic"] = logic_to_dict(step.conditional_logic)
    return written


def _condition_to_dict(condition: Condition) -> dict[str, Any]:
    written: dict[str, Any] = {"field_id": condition.field_id, "operator": condition.operator}
    if condition.step_id is not None:
        written["step_id"] = condition.step_id
    if condition.value is not None:
        written["value"] = condition.value
    return written


def _plain(record: Any) -> dict[str, Any]:
    """A record's own values that are present; tuples become lists."""
    values = {one.name: getattr(record, one.name) for one in fields_of(record)}
    return {
        key: list(value) if isinstance(value, tuple) else value for key, value in values.items() if value is not None
    }


def _tuples(stored: Mapping[str, Any], record: Any) -> dict[str, Any]:
    """The stored values of a record's own fields; lists become tuples."""
    names = {one.name for one in fields_of(record)}
    return {key: tuple(value) if isinstance(value, list) else value for key, value in stored.items() if key in names}


def _step_from_dict(stored: Mapping[str, Any]) -> Step:
    values = _tuples(stored, Step)
    values["document_requirements"] = tuple(_requirement_from_dict(one) for one in stored["document_requirements"])
    values["custom_fields"] = tuple(_field_from_dict(one) for one in stored["custom_fields"])
    if "subsession_config" in stored:
        values["subsession_config"] = SubsessionConfig(**stored["subsession_config"])
    if "liveness_config" in stored:
        values["liveness_config"] = LivenessConfig(**stored["liveness_config"])
    if "conditional_logic" in stored:
        values["conditional_logic"] = _logic_from_dict(stored["conditional_logic"])
    return Step(**values)


def _requirement_from_dict(stored: Mapping[str, Any]) -> DocumentRequirement:
    checks = tuple(PostUploadValidation(**one) for one in stored["post_upload_validations"])
    values = _tuples(stored, DocumentRequirement)
    return DocumentRequirement(**{**values, "post_upload_validations": checks})


def _field_from_dict(stored: Mapping[str, Any]) -> Field:
    nested = NESTED_KEY.get(stored["type"])
    values = {key: value for key, value in stored.items() if key in _COMMON}
    apart = {*_COMMON, nested, "validation_rules", "conditional_logic"}
    if "validation_rules" in stored:
        values["validation_rules"] = ValidationRules(**stored["validation_rules"])
    if "conditional_logic" in stored:
        values["conditional_logic"] = _logic_from_dict(stored["conditional_logic"])
    return Field(
        **values,
        options={key: value for key, value in stored.items() if key not in apart},
        fields=tuple(_field_from_dict(one) for one in stored[nested]) if nested else (),
    )


def _logic_from_dict(stored: Mapping[str, Any]) -> Logic:
    groups = tuple(
        Group(group["match"], tuple(Condition(**one) for one in group["conditions"]))
        for group in stored.get("groups", ())
    )
    conditions = tuple(Condition(**one) for one in stored["conditions"])
    return Logic(stored["action"], stored["match"], conditions, groups)
