"""Reading the options that a field has because of its type."""

from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

from frontdesk.kyc.model.definition import Field
from frontdesk.kyc.rules.fields.check import ADDRESS_PARTS, MOST_ENTRIES
from frontdesk.kyc.rules.fields.countries import COUNTRIES
from frontdesk.kyc.rules.fields.scalars import is_date_limit, parse_date
from frontdesk.kyc.rules.fields.texts import NETWORKS
from frontdesk.kyc.rules.parsing.logic import Known
from frontdesk.kyc.rules.parsing.reader import NOT_AVAILABLE, Reader
from frontdesk.kyc.rules.upload import EXTENSIONS

COUNTRY_TYPES = ("nationality", "residence", "incorporation", "tax_residence", "other")
_LARGE = 10**15
Options = dict[str, Any]


def read_options(reader: Reader, kind: str, known: Known, nested: tuple[Field, ...]) -> Options:
    """The options that say something, as plain values."""
    if kind == "address":
        found = _address(reader, known)
    elif kind in ("entity_array", "sub_merchants"):
        found = _entries(reader, nested)
    else:
        read = _READERS.get(kind)
        found = read(reader) if read is not None else {}
    return {key: value for key, value in found.items() if value is not None and value is not False}


def _text(reader: Reader) -> Options:
    return {"max_length": reader.whole("max_length", 1, 100_000), "multiline": reader.flag("multiline")}


def _number(reader: Reader) -> Options:
    low, high = (reader.number(key, -_LARGE, _LARGE) for key in ("min_value", "max_value"))
    reader.in_order("min_value", "max_value", low, high)
    return {"min_value": low, "max_value": high, "decimals": reader.whole("decimals", 0, 10)}


def _date(reader: Reader) -> Options:
    found: Options = {}
    for key in ("min_date", "max_date"):
        limit = reader.text(key, 20)
        if limit is not None and not is_date_limit(limit):
            reader.fault(key, "must be a date, or today with a distance, like today-18y")
        found[key] = limit
    low, high = (parse_date(found[key] or "") for key in ("min_date", "max_date"))
    if low is not None and high is not None and low > high:
        reader.fault("min_date", "must not be more than max_date")
    return found


def _boolean(reader: Reader) -> Options:
    return {"must_be_true": reader.flag("must_be_true")}


def _select(reader: Reader) -> Options:
    choices: list[dict[str, str]] = []
    given = reader.body.get("options")
    if not isinstance(given, (list, tuple)) or not 1 <= len(given) <= 1000:
        reader.fault("options", "must be a list of 1 to 1000 options")
        given = []
    for place, one in enumerate(given):
        choice = {"value": one, "label": one} if isinstance(one, str) else one
        where = f"options[{place}]"
        if not isinstance(choice, Mapping):
            reader.fault(where, "must be text, or an object with value and label")
            continue
        value, label = choice.get("value"), choice.get("label", choice.get("value"))
        if not (_is_short(value) and _is_short(label)):
            reader.fault(where, "value and label must be text of 1 to 200 characters")
        elif any(value == known["value"] for known in choices):
            reader.fault(where, "is there twice")
        else:
            choices.append({"value": value, "label": label})
    return {
        "options": choices,
        "allow_multiple": reader.flag("allow_multiple"),
        "allow_other": reader.flag("allow_other"),
    }


def _is_short(part: Any) -> TypeGuard[str]:
    return isinstance(part, str) and 1 <= len(part) <= 200


def _file(reader: Reader) -> Options:
    if reader.flag("face_present"):
        reader.fault("face_present", NOT_AVAILABLE)
    types = reader.texts("accepted_mime_types", allowed=EXTENSIONS)
    return {
        "accepted_mime_types": list(types) or None,
        "max_size_mb": reader.number("max_size_mb", 0.01, 100),
        "allow_multiple": reader.flag("allow_multiple"),
        "max_files": reader.whole("max_files", 1, 100),
        "extraction_profile": reader.text("extraction_profile", 100),
    }


def _email(reader: Reader) -> Options:
    if reader.flag("require_verification"):
        reader.fault("require_verification", NOT_AVAILABLE)
    return {
        "validate_email": reader.flag("validate_email"),
        "block_disposable": reader.flag("block_disposable"),
    }


def _phone(reader: Reader) -> Options:
    shape = reader.choice("format", ("international", "national"))
    country = reader.choice("default_country", COUNTRIES)
    if shape == "national" and country is None:
        reader.fault("default_country", "is required for national numbers")
    return {"format": shape, "default_country": country}


def _url(reader: Reader) -> Options:
    return {"https_only": reader.flag("https_only")}


def _country(reader: Reader) -> Options:
    return {
        "country_type": reader.choice("country_type", COUNTRY_TYPES),
        "allowed": list(reader.texts("allowed", allowed=COUNTRIES, most=300)) or None,
        "blocked": list(reader.texts("blocked", allowed=COUNTRIES, most=300)) or None,
    }


def _name(reader: Reader) -> Options:
    return {
        "name_type": reader.choice("name_type", ("individual", "company")),
        "validate_lists": reader.flag("validate_lists"),
    }


def _wallet(reader: Reader) -> Options:
    return {
        "network": reader.choice("network", NETWORKS),
        "validate_lists": reader.flag("validate_lists"),
    }


def _domain(reader: Reader) -> Options:
    if reader.flag("validate_web"):
        reader.fault("validate_web", NOT_AVAILABLE)
    return {}


def _address(reader: Reader, known: Known) -> Options:
    source = reader.identifier("country_field")
    if source is not None and (None, source) not in known:
        reader.fault("country_field", "must be a field that comes earlier")
    parts = reader.texts("required_parts", allowed=ADDRESS_PARTS)
    return {"country_field": source, "required_parts": list(parts) or None}


def _entries(reader: Reader, nested: tuple[Field, ...]) -> Options:
    low = reader.whole("min_items", 0, MOST_ENTRIES)
    high = reader.whole("max_items", 1, MOST_ENTRIES)
    reader.in_order("min_items", "max_items", low, high)
    summed = reader.identifier("sum_field")
    if summed is not None and all(one.field_id != summed or one.type != "number" for one in nested):
        reader.fault("sum_field", "must be a number field of the entries")
    most = reader.number("sum_max", 0, _LARGE)
    if most is not None and summed is None:
        reader.fault("sum_max", "needs sum_field")
    return {"min_items": low, "max_items": high, "sum_field": summed, "sum_max": most}


_READERS: Mapping[str, Callable[[Reader], Options]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "boolean": _boolean,
    "select": _select,
    "file": _file,
    "email": _email,
    "phone": _phone,
    "url": _url,
    "country": _country,
    "name": _name,
    "wallet": _wallet,
    "domain": _domain,
}
