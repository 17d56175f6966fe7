"""All fields of a form at once: what is missing, what is wrong, and the normal form of the rest."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from frontdesk.kyc.model.definition import Field
from frontdesk.kyc.rules.conditions import is_empty, requires, shows
from frontdesk.kyc.rules.fields.around import BULLETS, Around, BadPartsError, BadValueError, Fault
from frontdesk.kyc.rules.fields.contacts import check_email, check_phone
from frontdesk.kyc.rules.fields.countries import check_country, country_of
from frontdesk.kyc.rules.fields.limits import check_limits
from frontdesk.kyc.rules.fields.scalars import (
    check_boolean,
    check_date,
    check_file,
    check_number,
    check_select,
)
from frontdesk.kyc.rules.fields.texts import (
    check_domain,
    check_name,
    check_text,
    check_url,
    check_wallet,
    text_of,
)

ADDRESS_PARTS = ("line1", "line2", "city", "region", "postal_code", "country")
MOST_ENTRIES = 100


class Checked(msgspec.Struct, frozen=True):
    """`values` are those of visible fields that were answered rightly, in normal form."""

    values: dict[str, Any]
    missing: tuple[Fault, ...]
    faults: tuple[Fault, ...]
    visible: frozenset[str]


def check_fields(fields: tuple[Field, ...], entered: Mapping[str, Any], around: Around) -> Checked:
    """Judge every field in order: a condition sees the answers before it. Unknown keys are dropped."""
    known = dict(around.answers)
    around = replace(around, answers=known)
    values: dict[str, Any] = {}
    visible: list[str] = []
    missing: list[Fault] = []
    faults: list[Fault] = []
    for one in fields:
        if not shows(one.conditional_logic, known):
            continue
        visible.append(one.field_id)
        value = entered.get(one.field_id)
        empty = is_empty(value)
        if empty and around.fill_defaults and one.field_id not in entered:
            value = one.default_value
            empty = is_empty(value)
        if empty:
            if requires(one, around.answers):
                missing.append(Fault(one.field_id, one.name, "is required"))
            continue
        try:
            if one.sensitive and value == BULLETS:
                raise BadValueError("must be entered again")
            normal = CHECKS[one.type](one, value, around)
            check_limits(one, normal, around)
        except BadValueError as bad:
            faults.append(Fault(one.field_id, one.name, str(bad)))
        except BadPartsError as bad:
            missing += [_below(one, fault) for fault in bad.missing]
            faults += [_below(one, fault) for fault in bad.faults]
        else:
            values[one.field_id] = normal
            known[around.step_id or "", one.field_id] = known[None, one.field_id] = normal
    return Checked(values, tuple(missing), tuple(faults), frozenset(visible))


def _below(field: Field, fault: Fault) -> Fault:
    separator = "" if fault.field_id.startswith("[") else "."
    path = f"{field.field_id}{separator}{fault.field_id}"
    return Fault(path, f"{field.name} {fault.name}", fault.message)


def _check_object(field: Field, value: Any, around: Around) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise BadValueError("must be an object")
    checked = check_fields(field.fields, value, around)
    if checked.missing or checked.faults:
        raise BadPartsError(list(checked.missing), list(checked.faults))
    return checked.values


def _check_entries(field: Field, value: Any, around: Around) -> list[dict[str, Any]]:
    """Objects of one shape; the sum of one of their numbers may be limited (shares of ownership)."""
    if not isinstance(value, list):
        raise BadValueError("must be a list of entries")
    low, high = field.options.get("min_items", 0), field.options.get("max_items", MOST_ENTRIES)
    if not low <= len(value) <= high:
        raise BadValueError(f"must have {low} to {high} entries")
    entries: list[dict[str, Any]] = []
    missing: list[Fault] = []
    faults: list[Fault] = []
    for place, one in enumerate(value):
        if not isinstance(one, Mapping):
            faults.append(Fault(f"[{place}]", f"{place + 1}", "must be an object"))
            continue
        checked = check_fields(field.fields, one, around)
        missing += [_of_entry(place, fault) for fault in checked.missing]
        faults += [_of_entry(place, fault) for fault in checked.faults]
        entries.append(checked.values)
    if missing or faults:
        raise BadPartsError(missing, faults)
    summed = field.options.get("sum_field")
    if summed is not None:
        # Shares such as 33.33 + 66.67 must not fail by the last bit of a float.
        total = round(sum(entry.get(summed, 0) for entry in entries), 6)
        most = field.options.get("sum_max", 100)
        if total > most:
            raise BadValueError(f"the sum must be at most {most:g}")
    return entries


def _of_entry(place: int, fault: Fault) -> Fault:
    return Fault(f"[{place}].{fault.field_id}", f"{place + 1}: {fault.name}", fault.message)


def _check_address(field: Field, value: Any, around: Around) -> dict[str, str]:
    """The known parts of a postal address; `country_field` gives the country where the address has none."""
    if not isinstance(value, Mapping):
        raise BadValueError("must be an object with the parts of an address")
    parts: dict[str, str] = {}
    faults: list[Fault] = []
    for part in ADDRESS_PARTS:
        given = value.get(part)
        if is_empty(given):
            continue
        try:
            parts[part] = country_of(given) if part == "country" else text_of(given, 200)
        except BadValueError as bad:
            faults.append(Fault(part, part, str(bad)))
    source = field.options.get("country_field")
    if source is not None and "country" not in parts:
        known = around.answers.get((None, source))
        if isinstance(known, str):
            parts["country"] = known
    wrong = {fault.field_id for fault in faults}
    missing = [
        Fault(part, part, "is required")
        for part in field.options.get("required_parts", ())
        if part not in parts and part not in wrong
    ]
    if missing or faults:
        raise BadPartsError(missing, faults)
    return parts


CHECKS: Mapping[str, Callable[[Field, Any, Around], Any]] = {
    "text": check_text,
    "number": check_number,
    "date": check_date,
    "boolean": check_boolean,
    "select": check_select,
    "file": check_file,
    "email": check_email,
    "phone": check_phone,
    "url": check_url,
    "country": check_country,
    "name": check_name,
    "wallet": check_wallet,
    "domain": check_domain,
    "address": _check_address,
    "entity_array": _check_entries,
    "sub_merchants": _check_entries,
    "object": _check_object,
}
"""Every field type, and what brings its value into normal form or raises."""
