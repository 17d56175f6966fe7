"""Values against JSON Schemas that others wrote: nothing is fetched, and no value is repeated in a message."""

from collections.abc import Mapping
from typing import Any

import jsonschema_rs


def is_schema(schema: Mapping[str, Any]) -> bool:
    """Whether this is a JSON Schema that can be used without fetching anything."""
    try:
        jsonschema_rs.validator_for(dict(schema), offline=True)
    except (ValueError, jsonschema_rs.ReferencingError):
        return False
    return True


def fault(schema: Mapping[str, Any], value: Any) -> str | None:
    """The first thing that is wrong with `value` and where, or None. A schema that is none forbids nothing."""
    try:
        validator = jsonschema_rs.validator_for(dict(schema), offline=True, mask="the value")
    except (ValueError, jsonschema_rs.ReferencingError):
        return None
    error = next(iter(validator.iter_errors(value)), None)
    if error is None:
        return None
    place = ".".join(str(step) for step in error.instance_path)
    return f"{place}: {error.message}" if place else str(error.message)
