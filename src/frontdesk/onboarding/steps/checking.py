"""The data of a step against its schema: refusals that name the field and what is expected, never the value."""

from collections.abc import Mapping, Sequence
from typing import Any

import jsonschema_rs

from frontdesk.onboarding.model.skill import Step
from frontdesk.onboarding.rules.refusals import InvalidField, MissingFields, UnknownFields


class Checker:
    """Checks the `data` of one step."""

    def __init__(self, step: Step) -> None:
        self._schema: dict[str, Any] = {
            "type": "object",
            "properties": {name: dict(schema) for name, schema in step.fields.items()},
            "required": [name for name in step.fields if name not in step.optional],
            "additionalProperties": False,
        }
        self._validator = jsonschema_rs.validator_for(self._schema, validate_formats=True)

    def check(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data without its nulls. Raises `MissingFields`, `UnknownFields`, `InvalidField`, in this order."""
        given = {name: value for name, value in data.items() if value is not None}
        if not self._validator.is_valid(given):
            self._refuse(given)
        return given

    def _refuse(self, given: dict[str, Any]) -> None:
        errors = list(self._validator.iter_errors(given))
        missing, unknown = [], []
        for one in errors:
            kind: Any = one.kind
            if kind.name == "required":
                missing.append(_place([*one.instance_path, kind.property]))
            elif kind.name == "additionalProperties":
                unknown += [_place([*one.instance_path, name]) for name in kind.unexpected]
        if missing:
            raise MissingFields(missing)
        if unknown:
            raise UnknownFields(unknown)
        raise InvalidField(_place(errors[0].instance_path), self._expectation(errors[0].schema_path))

    def _expectation(self, path: Sequence[Any]) -> str:
        """The nearest description on the way to the part of the schema that failed."""
        at: Any = self._schema
        found = "another value"
        for part in path:
            at = at[part] if isinstance(at, list) or part in at else {}
            if isinstance(at, dict) and isinstance(at.get("description"), str):
                found = at["description"]
        return found


def _place(path: Sequence[Any]) -> str:
    """`data.payment_info[0].debtor`. Names that a client made up are cut short."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{str(part)[:60]}" for part in path]
    return "data" + "".join(parts)
