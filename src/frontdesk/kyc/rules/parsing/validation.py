"""Reading which checks a workflow wants, and the rules that decide by them."""

from typing import Any

from frontdesk.kyc.model.definition import MOST_CORRECTIONS, OPERATORS, Automation, ValidationConfig
from frontdesk.kyc.rules.fields.countries import COUNTRIES
from frontdesk.kyc.rules.parsing.logic import read_operand
from frontdesk.kyc.rules.parsing.reader import Reader

ACTIONS = ("auto_approve", "auto_deny", "manual_review", "flag", "no_action")
RESOLUTIONS = ("manual_review", "auto_process", "completed")
_APPROVAL = ("no_list_matches", "face_match_passed", "liveness_passed", "documents_valid")
_SPELLINGS = {"incorporation_country": "incorporation", "tax_residency": "tax_residence"}
_APPLIES_TO = ("all", "nationality", "residence", "incorporation", "tax_residence", *_SPELLINGS)
_CATEGORIES = ("sanctions", "pep", "crypto", "any")
_DOCUMENT_DAYS = ("expires_within_days", "issued_before_days")
_DOCUMENT_CONDITIONS = (
    *_DOCUMENT_DAYS,
    "missing",
    "expired",
    "low_confidence",
    "mrz_invalid",
    "country_in",
    "data_mismatch",
)
MOST_RULES = 500


def read_validation(owner: Reader, field_names: set[str]) -> ValidationConfig:
    """`field_names` are the ids and keys that rules on fields may name."""
    reader = owner.object("validation_config")
    if reader is None:
        return ValidationConfig()
    threshold = reader.number("face_match_threshold", 0, 1)
    corrections = reader.whole("max_corrections", 0, 100)
    return ValidationConfig(
        run_lists=reader.flag("run_lists"),
        lists=reader.texts("lists", longest=64) if reader.has("lists") else None,
        run_crypto=reader.flag("run_crypto"),
        run_adverse_media=reader.flag("run_adverse_media"),
        auto_face_match=reader.flag("auto_face_match"),
        face_match_threshold=0.85 if threshold is None else threshold,
        correction_resolution=reader.choice("correction_resolution", RESOLUTIONS) or "manual_review",
        max_corrections=MOST_CORRECTIONS if corrections is None else corrections,
        automation_rules=_read_automation(reader, field_names),
    )


def _read_automation(owner: Reader, field_names: set[str]) -> Automation | None:
    reader = owner.object("automation_rules")
    if reader is None:
        return None
    own = reader.object("uncertified_liveness")
    return Automation(
        enabled=reader.flag("enabled", True),
        auto_process=reader.flag("auto_process"),
        default_action=reader.choice("default_action", ACTIONS) or "manual_review",
        country_rules=tuple(_country(one) for one in reader.objects("country_rules", MOST_RULES)),
        list_match_rules=tuple(_list_match(one) for one in reader.objects("list_match_rules", MOST_RULES)),
        document_rules=tuple(_document(one) for one in reader.objects("document_rules", MOST_RULES)),
        form_field_rules=tuple(_form_field(one, field_names) for one in reader.objects("form_field_rules", MOST_RULES)),
        auto_approve_when=_approval(reader),
        face_dedup=_face_dedup(reader),
        uncertified_liveness=None if own is None else _rule(own, {}),
    )


def _face_dedup(owner: Reader) -> dict[str, Any] | None:
    """Looking for the same face in other sessions; None unless the workflow asks for it."""
    reader = owner.object("face_dedup")
    if reader is None:
        return None
    threshold, days = reader.number("threshold", 0, 1), reader.whole("retention_days", 1, 3650)
    found = {
        "enabled": reader.flag("enabled", True),
        "threshold": 0.9 if threshold is None else threshold,
        "scope": reader.choice("scope", ("tenant", "workflow")) or "tenant",
        "retention_days": 365 if days is None else days,
        "action": reader.choice("action", ACTIONS) or "manual_review",
        "reason": reader.text("reason", 500),
    }
    return {key: value for key, value in found.items() if value is not None}


def _rule(reader: Reader, found: dict[str, Any]) -> dict[str, Any]:
    found["action"] = reader.choice("action", ACTIONS, required=True)
    found["reason"] = reader.text("reason", 500)
    return {key: value for key, value in found.items() if value is not None}


def _country(reader: Reader) -> dict[str, Any]:
    applies = reader.texts("applies_to", allowed=_APPLIES_TO) or ("all",)
    return _rule(
        reader,
        {
            "country_code": reader.choice("country_code", COUNTRIES, required=True),
            "applies_to": list(dict.fromkeys(_SPELLINGS.get(one, one) for one in applies)),
        },
    )


def _list_match(reader: Reader) -> dict[str, Any]:
    return _rule(
        reader,
        {
            "list_name": reader.text("list_name", 64) or "any",
            "category": reader.choice("category", _CATEGORIES) or "any",
            "min_confidence": reader.number("min_confidence", 0, 1) or 0,
        },
    )


def _document(reader: Reader) -> dict[str, Any]:
    condition = reader.choice("condition", _DOCUMENT_CONDITIONS, required=True)
    value: Any = None
    if condition in _DOCUMENT_DAYS:
        value = reader.whole("value", 0, 36_500)
    elif condition == "low_confidence":
        value = reader.number("value", 0, 1)
    elif condition == "country_in":
        value = list(reader.texts("value", allowed=COUNTRIES, most=300)) or None
    else:
        return _rule(reader, {"document_type": reader.text("document_type", 64), "condition": condition})
    if value is None and not reader.has("value"):
        reader.fault("value", f"is required for {condition}")
    return _rule(
        reader,
        {"document_type": reader.text("document_type", 64), "condition": condition, "value": value},
    )


def _form_field(reader: Reader, field_names: set[str]) -> dict[str, Any]:
    found: dict[str, Any] = {key: reader.identifier(key) for key in ("field_key", "field_id")}
    named = found["field_key"] or found["field_id"]
    if named is None:
        reader.fault("field_id", "field_id or field_key is required")
    elif named not in field_names:
        reader.fault("field_key" if found["field_key"] else "field_id", "must be a field of this workflow")
    operator = reader.choice("operator", OPERATORS, required=True)
    found["operator"] = operator
    if operator is not None:
        found["value"] = read_operand(reader, operator)
    return _rule(reader, found)


def _approval(owner: Reader) -> dict[str, bool]:
    """A misspelt condition must not make approval easier, so unknown ones are faults."""
    reader = owner.object("auto_approve_when")
    if reader is None:
        return {}
    for key in reader.body:
        if key not in _APPROVAL:
            reader.fault(key, "must be one of " + ", ".join(_APPROVAL))
    return {key: reader.flag(key) for key in _APPROVAL if reader.has(key)}
