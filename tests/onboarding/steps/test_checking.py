"""The data of a step against its schema: which refusal, and what it says."""

from typing import Any

import pytest

from frontdesk.basics.errors import Problem
from frontdesk.onboarding.model.skill import Step
from frontdesk.onboarding.rules.refusals import InvalidField, MissingFields, UnknownFields
from frontdesk.onboarding.steps.checking import Checker
from frontdesk.onboarding.steps.skills import deposit, payment

FIELDS = {
    "name": {"type": "string", "minLength": 1, "description": "a name"},
    "where": {
        "type": "object",
        "properties": {"city": {"type": "string", "description": "a city"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "note": {"type": "string"},
}
CHECKER = Checker(Step("s", fields=FIELDS, optional=("where", "note")))


def refusal(data: dict[str, Any]) -> Problem:
    with pytest.raises(Problem) as caught:
        CHECKER.check(data)
    return caught.value


def test_what_fits_comes_back_without_its_nulls() -> None:
    assert CHECKER.check({"name": "Ana", "note": None}) == {"name": "Ana"}


@pytest.mark.parametrize(
    ("data", "kind", "message"),
    [
        ({}, MissingFields, "Missing: data.name"),
        ({"name": None, "colour": 1}, MissingFields, "Missing: data.name"),
        ({"name": 7, "colour": 1}, UnknownFields, "Unknown: data.colour"),
        ({"name": "", "note": 5}, InvalidField, "data.name: expected a name"),
        ({"name": "A", "where": {}}, MissingFields, "Missing: data.where.city"),
        ({"name": "A", "where": {"city": "B", "x": 1}}, UnknownFields, "Unknown: data.where.x"),
        ({"name": "A", "where": {"city": 1}}, InvalidField, "data.where.city: expected a city"),
        ({"name": "A", "note": 5}, InvalidField, "data.note: expected another value"),
    ],
)
def test_what_does_not_fit_is_told_in_the_documented_order(
    data: dict[str, Any], kind: type[Problem], message: str
) -> None:
    found = refusal(data)
    assert (type(found), found.message) == (kind, message)


def test_no_refusal_holds_the_value() -> None:
    assert "hunter2" not in refusal({"name": ["hunter2"]}).message


@pytest.mark.parametrize("step", [*deposit.SKILL.steps, *payment.SKILL.steps], ids=lambda step: step.name)
def test_every_field_of_the_shipped_skills_says_what_it_expects(step: Step) -> None:
    assert [name for name, schema in step.fields.items() if not schema.get("description")] == []
