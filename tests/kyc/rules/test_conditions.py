"""Conditions: operators, groups, and what a missing answer means."""

import pytest

from frontdesk.kyc.model.definition import Condition, Field, Group, Logic
from frontdesk.kyc.rules.conditions import demands, is_empty, requires, same, shows
from kyc.factories import when

FORM = {"country": "BR", "age": 30, "vat": True, "tags": ["a", "b"], "born": "1990-01-01", "zero": 0}
ANSWERS = {(step_id, field_id): value for step_id in ("s", None) for field_id, value in FORM.items()}


@pytest.mark.parametrize(
    ("field_id", "operator", "value", "holds"),
    [
        ("country", "equals", "BR", True),
        ("country", "equals", "PT", False),
        ("country", "not_equals", "PT", True),
        ("country", "in", ["BR", "MX"], True),
        ("country", "not_in", ["BR"], False),
        ("country", "contains", "b", True),
        ("country", "not_contains", "x", True),
        ("age", "equals", 30.0, True),
        ("age", "greater_than", 29, True),
        ("age", "greater_than", 30, False),
        ("age", "less_than", 31, True),
        ("age", "greater_than", "29", False),
        ("vat", "equals", True, True),
        ("vat", "equals", 1, False),
        ("vat", "greater_than", 0, False),
        ("zero", "equals", False, False),
        ("zero", "is_empty", None, False),
        ("tags", "contains", "a", True),
        ("tags", "not_contains", "c", True),
        ("tags", "in", ["b", "z"], True),
        ("born", "less_than", "1995-01-01", True),
        ("country", "is_not_empty", None, True),
        ("gone", "equals", "x", False),
        ("gone", "in", ["x"], False),
        ("gone", "contains", "x", False),
        ("gone", "greater_than", 1, False),
        ("gone", "less_than", 1, False),
        ("gone", "is_not_empty", None, False),
        ("gone", "is_empty", None, True),
        ("gone", "not_equals", "x", True),
        ("gone", "not_in", ["x"], True),
        ("gone", "not_contains", "x", True),
    ],
)
def test_an_operator_compares_and_a_missing_field_is_nothing(field_id, operator, value, holds):
    assert shows(when(field_id, operator, value), ANSWERS) is holds
    assert shows(when(field_id, operator, value, action="hide"), ANSWERS) is not holds
    assert demands(when(field_id, operator, value, action="require"), ANSWERS) is holds


def test_all_and_any_and_groups_one_deep():
    yes, no = Condition("country", "equals", "BR"), Condition("country", "equals", "PT")
    assert not shows(Logic("show", "all", (yes, no)), ANSWERS)
    assert shows(Logic("show", "any", (yes, no)), ANSWERS)
    assert shows(Logic("show", "all", (yes,), (Group("any", (no, yes)),)), ANSWERS)
    assert not shows(Logic("show", "all", (yes,), (Group("all", (no, yes)),)), ANSWERS)


def test_a_condition_may_name_the_step():
    assert shows(Logic("show", "all", (Condition("age", "equals", 30, "s"),)), ANSWERS)
    assert not shows(Logic("show", "all", (Condition("age", "equals", 30, "t"),)), ANSWERS)


def test_require_never_hides():
    logic = when("country", "equals", "PT", action="require")
    assert shows(logic, ANSWERS)
    assert not requires(Field("x", "X", "text", conditional_logic=logic), ANSWERS)
    assert requires(Field("x", "X", "text", required=True, conditional_logic=logic), ANSWERS)


def test_nothing_is_empty_but_false_and_zero_are_answers():
    assert all(is_empty(one) for one in (None, "", " ", [], {}, {"a": None}))
    assert not any(is_empty(one) for one in (False, 0, "x", [None], {"a": 0}))
    assert same(1, 1.0)
    assert not same(True, 1)
