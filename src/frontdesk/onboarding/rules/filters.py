"""The filters of balances and transactions: read strictly, then asked of each record."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from frontdesk.onboarding.rules.refusals import InvalidField, UnknownFields

Test = Callable[[Mapping[str, Any]], bool]
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
}
_DECIMAL = re.compile(r"-?\d{1,18}(\.\d{1,9})?")
_TEXTS = {"account_id": "account_id", "currency": "currency"}
BALANCE_TYPES = frozenset(
    {
        *("ClosingAvailable", "ClosingBooked", "ClosingCleared", "Expected", "ForwardAvailable", "Information"),
        *("InterimAvailable", "InterimBooked", "InterimCleared", "OpeningAvailable", "OpeningBooked"),
        *("OpeningCleared", "PreviouslyClosedBooked"),
    }
)


def balance_tests(wanted: Mapping[str, Any]) -> list[Test]:
    """The tests of a filter on balances. Records have `account_id`, `type`, `currency`.

    Raises `UnknownFields`, `InvalidField`."""
    _check_names(wanted, {*_TEXTS, "type"})
    if "type" in wanted and wanted["type"] not in BALANCE_TYPES:
        raise InvalidField("filter.type", "a type of balance")
    return [_text(name, wanted[name]) for name in wanted]


def transaction_tests(wanted: Mapping[str, Any]) -> list[Test]:
    """The tests of a filter on transactions. Records have the texts by name, `amount` (a decimal) and `booked_at`.

    Raises `UnknownFields`, `InvalidField`."""
    dates = {f"booking_date_{name}": name for name in _COMPARE}
    _check_names(wanted, {*_TEXTS, "status", "category", "credit_debit_indicator", *_COMPARE, *dates})
    tests = []
    for name, value in wanted.items():
        if name in _COMPARE:
            tests.append(_compared("amount", name, _decimal(name, value)))
        elif name in dates:
            tests.append(_compared("booked_at", dates[name], _instant(name, value)))
        else:
            if name == "credit_debit_indicator" and value not in ("debit", "credit"):
                raise InvalidField(f"filter.{name}", "debit or credit")
            tests.append(_text(name, value))
    return tests


def passes(record: Mapping[str, Any], tests: list[Test]) -> bool:
    """Whether a record passes every test."""
    return all(test(record) for test in tests)


def _check_names(wanted: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(wanted) - known)
    if unknown:
        raise UnknownFields([f"filter.{name}" for name in unknown])


def _text(name: str, value: Any) -> Test:
    if not isinstance(value, str) or not value:
        raise InvalidField(f"filter.{name}", "a text")
    return lambda record: record[name] == value


def _compared(key: str, operator: str, value: Any) -> Test:
    compare = _COMPARE[operator]
    return lambda record: compare(record[key], value)


def _decimal(name: str, value: Any) -> Decimal:
    text = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    if not isinstance(text, str) or _DECIMAL.fullmatch(text) is None:
        raise InvalidField(f"filter.{name}", "a decimal number")
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise InvalidField(f"filter.{name}", "a decimal number") from error


def _instant(name: str, value: Any) -> datetime:
    expected = "a UTC date and time, as 2031-01-04T08:00:00Z"
    if not isinstance(value, str):
        raise InvalidField(f"filter.{name}", expected)
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise InvalidField(f"filter.{name}", expected) from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
