"""Reading conditional logic: conditions may only look back."""

from collections.abc import Collection
from typing import Any

from frontdesk.kyc.model.definition import OPERATORS, Condition, Group, Logic
from frontdesk.kyc.rules.parsing.reader import Reader

Known = Collection[tuple[str | None, str]]
"""The fields that come before: by (step_id, field_id), and by (None, field_id)."""
_ACTIONS = ("show", "hide", "require")
_MATCHES = ("all", "any")
_PLAIN = (str, int, float, bool)


def read_logic(owner: Reader, known: Known) -> Logic | None:
    """The `conditional_logic` of a field or step."""
    reader = owner.object("conditional_logic")
    if reader is None:
        return None
    action = reader.choice("action", _ACTIONS) or "show"
    match = reader.choice("match", _MATCHES) or "all"
    conditions = _conditions(reader, known)
    groups = []
    for one in reader.objects("groups", 10):
        if one.has("groups"):
            one.fault("groups", "groups nest once only")
        if one.has("action") and one.body["action"] != action:
            one.fault("action", "a group has no action of its own")
        groups.append(Group(one.choice("match", _MATCHES) or "all", _conditions(one, known)))
    if not reader.body.get("conditions") and not groups:
        reader.fault("conditions", "must have at least one condition")
    return Logic(action, match, conditions, tuple(groups))


def _conditions(reader: Reader, known: Known) -> tuple[Condition, ...]:
    found = []
    for one in reader.objects("conditions", 50):
        field_id = one.text("field_id", 64, required=True)
        step_id = one.text("step_id", 64)
        operator = one.choice("operator", OPERATORS, required=True)
        if field_id is not None and (step_id, field_id) not in known:
            one.fault("field_id", "must be a field that comes earlier")
        if field_id is not None and operator is not None:
            value = read_operand(one, operator)
            found.append(Condition(field_id, operator, value, step_id))
    return tuple(found)


def read_operand(reader: Reader, operator: str) -> Any:
    """The `value` that an operator compares with."""
    value = reader.body.get("value")
    if operator in ("is_empty", "is_not_empty"):
        return None
    if operator in ("in", "not_in"):
        if not isinstance(value, (list, tuple)) or not all(isinstance(one, _PLAIN) for one in value):
            reader.fault("value", f"must be a list of values for {operator}")
            return []
        return list(value)
    if operator in ("greater_than", "less_than"):
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            reader.fault("value", f"must be a number or a date for {operator}")
        return value
    if not isinstance(value, _PLAIN):
        reader.fault("value", f"must be text, a number, true or false for {operator}")
    return value
