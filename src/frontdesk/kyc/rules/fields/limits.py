"""Limits that any field may carry: pattern, length, range, number of items, equality with another."""

import re
from math import prod
from typing import Any

import regex

from frontdesk.kyc.model.definition import Field
from frontdesk.kyc.rules.conditions import same
from frontdesk.kyc.rules.fields.around import Around, BadValueError

LONGEST_PATTERN = 500
PATTERN_SECONDS = 0.05
MOST_SLOW = 3
"""A form with many entries must not spend the time of a slow pattern on each of them."""


_COUNT = re.compile(r"(\))?\{([0-9]*)(?:,([0-9]*))?\}")
_VERBOSE = re.compile(r"\(\?[A-Za-z0-9]*x")
MOST_REPEATS = 1000
MOST_NESTED_REPEATS = 100_000


def pattern_fault(pattern: str) -> str | None:
    """Why a workflow may not use this pattern."""
    if len(pattern) > LONGEST_PATTERN:
        return f"must have at most {LONGEST_PATTERN} characters"
    # The engine spells counted repeats out when it compiles: (?:a{1000000}){1000000} eats all memory. Verbose
    # patterns could hide such a count behind a comment.
    if _VERBOSE.search(pattern):
        return "must not be in verbose mode"
    found = _COUNT.findall(pattern)
    counts = [max(int(low or 1), int(high or 1), 1) for _, low, high in found]
    of_groups = any(group for group, _, _ in found)
    if max(counts, default=1) > MOST_REPEATS or (of_groups and prod(counts) > MOST_NESTED_REPEATS):
        return "repeats too often"
    try:
        regex.compile(pattern)
    except (regex.error, RecursionError, OverflowError):
        return "is not a regular expression"
    return None


def check_limits(field: Field, value: Any, around: Around) -> None:
    """Raises `BadValueError` for the first limit that does not hold."""
    limits = field.validation_rules
    if isinstance(value, str):
        _check_text(field, value, around)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        if limits.min_value is not None and value < limits.min_value:
            raise BadValueError(f"must be at least {limits.min_value:g}")
        if limits.max_value is not None and value > limits.max_value:
            raise BadValueError(f"must be at most {limits.max_value:g}")
    elif isinstance(value, list):
        _check_items(field, value)
    if limits.equals_field is not None:
        other = around.answers.get((around.step_id, limits.equals_field))
        if not same(value, other):
            raise BadValueError("must be the same in both places")


def _check_text(field: Field, value: str, around: Around) -> None:
    limits = field.validation_rules
    if limits.min_length is not None and len(value) < limits.min_length:
        raise BadValueError(f"must have at least {limits.min_length} characters")
    if limits.max_length is not None and len(value) > limits.max_length:
        raise BadValueError(f"must have at most {limits.max_length} characters")
    if limits.pattern is not None and not matches(limits.pattern, value, around.slow):
        raise BadValueError(limits.pattern_message or "does not have the expected form")


def matches(pattern: str, value: str, slow: list[str]) -> bool:
    """Whether the whole value fits. A pattern that takes too long counts as not fitting."""
    if len(slow) >= MOST_SLOW:
        return False
    try:
        return regex.fullmatch(pattern, value, timeout=PATTERN_SECONDS) is not None
    except TimeoutError:
        slow.append(pattern)
        return False


def _check_items(field: Field, value: list[Any]) -> None:
    limits = field.validation_rules
    if limits.min_items is not None and len(value) < limits.min_items:
        raise BadValueError(f"must have at least {limits.min_items} entries")
    if limits.max_items is not None and len(value) > limits.max_items:
        raise BadValueError(f"must have at most {limits.max_items} entries")
    if limits.unique_items and any(same(one, other) for place, one in enumerate(value) for other in value[:place]):
        raise BadValueError("must not have the same entry twice")
