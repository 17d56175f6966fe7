"""Reading the fields of a form."""

from collections.abc import Callable
from datetime import date
from typing import Any

from msgspec.structs import replace

from frontdesk.kyc.model.definition import Field, ValidationRules
from frontdesk.kyc.model.definition_dict import NESTED_KEY
from frontdesk.kyc.rules.conditions import is_empty
from frontdesk.kyc.rules.fields.around import Around, BadPartsError, BadValueError
from frontdesk.kyc.rules.fields.check import CHECKS
from frontdesk.kyc.rules.fields.limits import check_limits, pattern_fault
from frontdesk.kyc.rules.parsing.logic import Known, read_logic
from frontdesk.kyc.rules.parsing.options import read_options
from frontdesk.kyc.rules.parsing.reader import Reader

MOST_FIELDS = 200
DEEPEST = 3
_LARGE = 10**15
_SUB_MERCHANT = (
    {"field_id": "name", "name": "Name", "type": "name", "required": True, "name_type": "company"},
    {"field_id": "country", "name": "Country", "type": "country", "required": True},
    {"field_id": "website", "name": "Website", "type": "url"},
    {"field_id": "tax_id", "name": "Tax id", "type": "text"},
)


def read_fields(
    owner: Reader, key: str, known: Known, new_id: Callable[[], str], *, step_id: str, depth: int = 1
) -> tuple[Field, ...]:
    """The fields below a key. Missing ids are made.

    Ids are unique in the whole workflow, those of nested fields among their neighbours.
    """
    seen = set(known)
    found: list[Field] = []
    taken: set[str] = set()
    for reader in _readers(owner, key):
        field = _read_field(reader, seen, taken, new_id, step_id, depth)
        if field is None:
            continue
        if field.field_id in taken or (depth == 1 and (None, field.field_id) in known):
            reader.fault("field_id", "is used twice")
        taken.add(field.field_id)
        seen |= {(step_id, field.field_id), (None, field.field_id)}
        found.append(field)
    return tuple(found)


def _readers(owner: Reader, key: str) -> list[Reader]:
    """What is written, after the fields that related merchants always have."""
    readers = owner.objects(key, MOST_FIELDS)
    if key != "item_fields" or owner.body.get("type") != "sub_merchants":
        return readers
    given = {one.body.get("field_id") for one in readers}
    built_in = [one for one in _SUB_MERCHANT if one["field_id"] not in given]
    return [Reader(one, owner.at(key), owner.faults) for one in built_in] + readers


def _read_field(
    reader: Reader,
    known: Known,
    siblings: set[str],
    new_id: Callable[[], str],
    step_id: str,
    depth: int,
) -> Field | None:
    name = reader.text("name", 200, required=True)
    kind = reader.choice("type", CHECKS, required=True)
    field_id = reader.identifier("field_id")
    if not reader.has("field_id"):
        field_id = new_id()
    limits = _read_rules(reader, siblings)
    logic = read_logic(reader, known)
    texts = {key: reader.text(key, 2000) for key in _TEXTS}
    required, sensitive = reader.flag("required"), reader.flag("sensitive")
    field_key = reader.identifier("field_key")
    if kind is None:
        return None
    nested: tuple[Field, ...] = ()
    if kind in NESTED_KEY:
        nested = _read_nested(reader, kind, known, new_id, step_id, depth)
    if kind == "file" and depth > 1:
        reader.fault("type", "files cannot be part of another field")
    options = read_options(reader, kind, known, nested)
    if name is None or field_id is None:
        return None
    field = Field(
        field_id=field_id,
        name=name,
        type=kind,
        required=required,
        field_key=field_key,
        description=texts["description"],
        tooltip=texts["tooltip"],
        instructions=texts["instructions"],
        placeholder=texts["placeholder"],
        help_text=texts["help_text"],
        sensitive=sensitive,
        validation_rules=limits,
        conditional_logic=logic,
        options=options,
        fields=nested,
    )
    return replace(field, default_value=_read_default(reader, field))


_TEXTS = ("description", "tooltip", "instructions", "placeholder", "help_text")


def _read_nested(
    reader: Reader, kind: str, known: Known, new_id: Callable[[], str], step_id: str, depth: int
) -> tuple[Field, ...]:
    key = NESTED_KEY[kind]
    if depth >= DEEPEST:
        reader.fault(key, f"fields nest at most {DEEPEST} deep")
        return ()
    nested = read_fields(reader, key, known, new_id, step_id=step_id, depth=depth + 1)
    if not nested and not reader.body.get(key):
        reader.fault(key, "must have at least one field")
    return nested


def _read_rules(owner: Reader, siblings: set[str]) -> ValidationRules:
    reader = owner.object("validation_rules")
    if reader is None:
        return ValidationRules()
    pattern = reader.text("pattern", 10_000)
    if pattern is not None and (fault := pattern_fault(pattern)) is not None:
        reader.fault("pattern", fault)
    rules = ValidationRules(
        pattern=pattern,
        pattern_message=reader.text("pattern_message", 500),
        min_length=reader.whole("min_length", 0, 100_000),
        max_length=reader.whole("max_length", 1, 100_000),
        min_value=reader.number("min_value", -_LARGE, _LARGE),
        max_value=reader.number("max_value", -_LARGE, _LARGE),
        min_items=reader.whole("min_items", 0, 1000),
        max_items=reader.whole("max_items", 1, 1000),
        unique_items=reader.flag("unique_items"),
        equals_field=reader.identifier("equals_field"),
    )
    reader.in_order("min_length", "max_length", rules.min_length, rules.max_length)
    reader.in_order("min_value", "max_value", rules.min_value, rules.max_value)
    reader.in_order("min_items", "max_items", rules.min_items, rules.max_items)
    if rules.equals_field is not None and rules.equals_field not in siblings:
        reader.fault("equals_field", "must be an earlier field of the same form")
    return rules


def _read_default(reader: Reader, field: Field) -> Any:
    """The default in normal form. Limits that move with the day are judged when the form is sent."""
    value = reader.body.get("default_value")
    if is_empty(value):
        return None
    if field.type == "file":
        reader.fault("default_value", "a file has no default")
        return None
    lasting = replace(
        field,
        options={key: one for key, one in field.options.items() if key not in ("min_date", "max_date")},
        validation_rules=replace(field.validation_rules, equals_field=None),
    )
    around = Around(today=date.min)
    try:
        normal = CHECKS[field.type](lasting, value, around)
        check_limits(lasting, normal, around)
    except BadValueError as bad:
        reader.fault("default_value", str(bad))
    except BadPartsError:
        reader.fault("default_value", "does not fit the field")
    else:
        return normal
    return None
