"""Conditional logic: what earlier answers mean for what is shown and required."""

from collections.abc import Iterable, Mapping
from typing import Any

from frontdesk.kyc.model.definition import NEGATED, Condition, Field, Group, Logic

Answers = Mapping[tuple[str | None, str], Any]
"""Values of visible fields by (step_id, field_id) and, for conditions without a step, (None, field_id)."""


def is_empty(value: Any) -> bool:
    """Whether nothing was answered. False and zero are answers."""
    if isinstance(value, str):  # first, because most answers are
        return not value.strip()
    if isinstance(value, dict):
        return all(is_empty(one) for one in value.values())
    return value is None or value == []


def same(one: Any, other: Any) -> bool:
    """Equality of JSON values: `true` is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def shows(logic: Logic | None, answers: Answers) -> bool:
    """Whether the thing with this logic is visible."""
    if logic is None or logic.action == "require":
        return True
    return _holds(logic, answers) is (logic.action == "show")


def requires(thing: Field, answers: Answers) -> bool:
    """Whether a visible field must be answered."""
    return thing.required or demands(thing.conditional_logic, answers)


def demands(logic: Logic | None, answers: Answers) -> bool:
    """Whether the logic makes its thing required."""
    return logic is not None and logic.action == "require" and _holds(logic, answers)


def _holds(logic: Logic, answers: Answers) -> bool:
    parts = [_compare(one, answers) for one in logic.conditions]
    parts += [_group_holds(group, answers) for group in logic.groups]
    return _matches(logic.match, parts)


def _group_holds(group: Group, answers: Answers) -> bool:
    return _matches(group.match, (_compare(one, answers) for one in group.conditions))


def _matches(match: str, parts: Iterable[bool]) -> bool:
    return all(parts) if match == "all" else any(parts)


def _compare(condition: Condition, answers: Answers) -> bool:
    return compares(answers.get((condition.step_id, condition.field_id)), condition.operator, condition.value)


def compares(value: Any, operator: str, wanted: Any) -> bool:
    """Whether the comparison holds; where nothing was answered, the negated ones do."""
    if is_empty(value):
        return operator in NEGATED
    match operator:
        case "equals":
            return same(value, wanted)
        case "not_equals":
            return not same(value, wanted)
        case "in":
            return _is_in(value, wanted)
        case "not_in":
            return not _is_in(value, wanted)
        case "contains":
            return _contains(value, wanted)
        case "not_contains":
            return not _contains(value, wanted)
        case "greater_than":
            return _ordered(value, wanted) and value > wanted
        case "less_than":
            return _ordered(value, wanted) and value < wanted
        case _:
            return operator == "is_not_empty"


def _is_in(value: Any, wanted: Any) -> bool:
    chosen = value if isinstance(value, list) else [value]
    return any(same(one, other) for one in chosen for other in wanted)


def _contains(value: Any, wanted: Any) -> bool:
    if isinstance(value, list):
        return any(same(one, wanted) for one in value)
    return isinstance(value, str) and isinstance(wanted, str) and wanted.casefold() in value.casefold()


def _ordered(value: Any, wanted: Any) -> bool:
    """Numbers compare with numbers, and texts with texts (dates are texts that sort)."""
    kinds = [str if isinstance(one, str) else float for one in (value, wanted)]
    plain = all(isinstance(one, (str, int, float)) and not isinstance(one, bool) for one in (value, wanted))
    return plain and kinds[0] is kinds[1]
