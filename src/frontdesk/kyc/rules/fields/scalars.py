"""Numbers, dates, yes or no, choices, and files."""

import math
import re
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from frontdesk.kyc.model.definition import Field
from frontdesk.kyc.rules.fields.around import Around, BadValueError
from frontdesk.kyc.rules.fields.texts import text_of

_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,15})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_RELATIVE = re.compile(r"today(?:([+-])([0-9]{1,5})([dmy]))?")
LARGEST_NUMBER = 10**15
LONGEST_CHOICE = 200


def check_number(field: Field, value: Any, around: Around) -> int | float:
    """A JSON number, or a string that is one."""
    number = _number(value)
    _check_range(number, field.options.get("min_value"), field.options.get("max_value"))
    decimals = field.options.get("decimals")
    if decimals is not None and _decimals(number) > decimals:
        raise BadValueError(f"must have at most {decimals} decimals" if decimals else "must be a whole number")
    return number


def _number(value: Any) -> int | float:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        text = value.strip()
        value = float(text) if "." in text else int(text)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadValueError("must be a number")
    if not math.isfinite(value) or abs(value) > LARGEST_NUMBER:
        raise BadValueError("must be a number that is not so large")
    return value


def _check_range(number: float, low: float | None, high: float | None) -> None:
    if low is not None and number < low:
        raise BadValueError(f"must be at least {low:g}")
    if high is not None and number > high:
        raise BadValueError(f"must be at most {high:g}")


def _decimals(number: float) -> int:
    try:
        exponent = Decimal(str(number)).normalize().as_tuple().exponent
    except InvalidOperation as error:
        raise BadValueError("must be a number") from error
    return max(0, -exponent) if isinstance(exponent, int) else 0


def check_date(field: Field, value: Any, around: Around) -> str:
    """A day of the calendar within the field's limits."""
    day = value.strip() if isinstance(value, str) else ""
    found = parse_date(day)
    if found is None:
        raise BadValueError("must be a date, like 1985-03-15")
    low, high = field.options.get("min_date"), field.options.get("max_date")
    if low is not None and (first := resolve_date(low, around.today)) is not None and found < first:
        raise BadValueError(f"must be {first.isoformat()} or later")
    if high is not None and (last := resolve_date(high, around.today)) is not None and found > last:
        raise BadValueError(f"must be {last.isoformat()} or earlier")
    return day


def parse_date(text: str) -> date | None:
    """`YYYY-MM-DD` and nothing else."""
    day = text.strip()
    if _DATE.fullmatch(day) is None:  # other forms of ISO 8601 are read as well
        return None
    try:
        return date.fromisoformat(day)
    except ValueError:
        return None


def is_date_limit(text: str) -> bool:
    """Whether a limit is a date, or `today` with a distance: `today-18y`, `today+30d`, `today-6m`."""
    return parse_date(text) is not None or _RELATIVE.fullmatch(text) is not None


def resolve_date(limit: str, today: date) -> date | None:
    """The day that a limit means today; None when it lies outside the calendar, and so limits nothing."""
    parts = _RELATIVE.fullmatch(limit)
    if parts is None:
        return parse_date(limit)
    sign, count, unit = parts.groups()
    if count is None:
        return today
    distance = int(count) if sign == "+" else -int(count)
    try:
        if unit == "d":
            return today + timedelta(days=distance)
        months = today.year * 12 + today.month - 1 + distance * (12 if unit == "y" else 1)
        return _day_of(months // 12, months % 12 + 1, today.day)
    except (ValueError, OverflowError):
        return None


def _day_of(year: int, month: int, day: int) -> date:
    """The 29th to 31st become the last day of a shorter month."""
    for earlier in range(4):
        try:
            return date(year, month, day - earlier)
        except ValueError:
            if day - earlier <= 28:
                raise
    raise ValueError("no such day")


def check_boolean(field: Field, value: Any, around: Around) -> bool:
    """True or false; consents must be true."""
    if not isinstance(value, bool):
        raise BadValueError("must be true or false")
    if field.options.get("must_be_true") and not value:
        raise BadValueError("must be accepted")
    return value


def check_select(field: Field, value: Any, around: Around) -> str | list[str]:
    """One of the options, or several where the field says so."""
    if not field.options.get("allow_multiple"):
        return _choice(field, value)
    if not isinstance(value, list):
        raise BadValueError("must be a list of options")
    if len(value) > max(len(field.options["options"]), 100):
        raise BadValueError("must not have so many entries")
    return list(dict.fromkeys(_choice(field, one) for one in value))


def _choice(field: Field, value: Any) -> str:
    if isinstance(value, str) and any(value == one["value"] for one in field.options["options"]):
        return value
    if field.options.get("allow_other") and isinstance(value, str) and value.strip():
        return text_of(value, LONGEST_CHOICE)
    raise BadValueError("must be one of the options")


def check_file(field: Field, value: Any, around: Around) -> str | list[str]:
    """Confirmed documents of this session that were sent for this field."""
    sent = around.documents.get(field.field_id, frozenset())
    several = bool(field.options.get("allow_multiple"))
    chosen = value if several and isinstance(value, list) else [value]
    if any(not isinstance(one, str) or one not in sent for one in chosen):
        raise BadValueError("must name a confirmed upload for this field")
    most = field.options.get("max_files", 10)
    if len(set(chosen)) > most:
        raise BadValueError(f"must have at most {most} files")
    return list(dict.fromkeys(chosen)) if several else chosen[0]
