"""What was sent, laid over what is stored, and what is shown of it again."""

from collections.abc import Mapping
from typing import Any

from frontdesk.kyc.model.definition import Field
from frontdesk.kyc.rules.fields.around import BULLETS


def merge(fields: tuple[Field, ...], stored: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a form after a submission: what was not sent stays, null clears, unknown keys go."""
    merged: dict[str, Any] = {}
    for one in fields:
        key = one.field_id
        if key in sent:
            merged[key] = _unmask(one, stored[key], sent[key]) if key in stored else sent[key]
        elif stored.get(key) is not None:
            merged[key] = stored[key]
    return merged


def _unmask(field: Field, stored: Any, sent: Any) -> Any:
    """Entries of lists have no identity, so bullets inside them are not put back, but refused later."""
    if field.sensitive and sent == BULLETS:
        return stored
    if field.type == "object" and isinstance(stored, Mapping) and isinstance(sent, Mapping):
        inner = {one.field_id: one for one in field.fields}
        return {
            key: _unmask(inner[key], stored[key], value) if key in inner and key in stored else value
            for key, value in sent.items()
        }
    return sent


def masked(fields: tuple[Field, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with bullets in place of sensitive ones, however deep."""
    known = {one.field_id: one for one in fields}
    return {key: _mask(known[key], value) for key, value in values.items() if key in known}


def _mask(field: Field, value: Any) -> Any:
    if field.sensitive:
        return BULLETS
    if field.fields and isinstance(value, Mapping):
        return masked(field.fields, value)
    if field.fields and isinstance(value, list):
        return [masked(field.fields, one) for one in value]
    return value
