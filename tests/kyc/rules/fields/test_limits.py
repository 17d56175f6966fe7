"""Patterns of tenants: which are allowed, and what they match."""

import time

import pytest

from frontdesk.kyc.rules.fields.limits import matches, pattern_fault


@pytest.mark.parametrize(
    "pattern",
    [
        "[A-Z]{2}[0-9]{9}",
        "(?:[A-Z0-9]{4} ?){4,7}[0-9]{2}",
        r"\d{4}-\d{4}-\d{4}-\d{4}-\d{8}-\d{8}",
        "(?i)abc",
        "a{,3}|b{2,}",
        r"\{[0-9]+\}",
    ],
)
def test_usual_patterns_are_welcome(pattern):
    assert pattern_fault(pattern) is None


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        "[a",
        "a{2,1}",
        "(" * 400 + ")" * 400,
        r"\L<names>",
        "a" * 501,
        "a{1001}",
        "(?:a{1000000}){1000000}",
        "(?:(?:(?:a{100}){100}){100}){100}",
        "(?x)(?:a{1000}) {1000}",
        "a{99999999999999999999}",
    ],
)
def test_patterns_that_do_not_compile_or_would_eat_all_memory_are_refused_at_once(pattern):
    before = time.perf_counter()
    assert pattern_fault(pattern)
    assert time.perf_counter() - before < 0.5


def test_a_pattern_fits_the_whole_value_or_not_at_all():
    assert matches("a|ab", "ab", [])
    assert not matches("a", "ab", [])
    assert not matches("^a$", "a\n", [])


def test_a_pattern_that_runs_out_of_time_is_noted():
    slow: list[str] = []
    assert not matches("(a|aa)+$", "a" * 80 + "b", slow)
    assert slow == ["(a|aa)+$"]
    assert not matches("a", "a", ["x", "y", "z"])
