"""Faults on demand: by the name of a person, or set for everybody."""

import pytest

from frontdesk.cli.sandbox.faults import Call, Fault, Faults, fault_of_name


@pytest.mark.parametrize(
    ("user", "call", "fault"),
    [
        ("ana.pop", "read", None),
        ("down", "read", "down"),
        ("down", "payment", "down"),
        ("down", "begin", None),
        ("down", "finish", None),
        ("Down-Finish", "finish", "down"),
        ("down-finish", "read", None),
        ("slow.anna", "read", "slow"),
        ("slow+1@desk.example", "read", "slow"),
        ("slowly", "read", None),
        ("downtown", "read", None),
        (" throttled ", "read", "throttled"),
        ("down-nothing", "read", None),
        ("", "read", None),
    ],
)
def test_a_name_says_what_fails_and_when(user: str, call: Call, fault: str | None) -> None:
    assert fault_of_name(user, call) == fault


def test_a_fault_that_was_set_is_over_after_its_times() -> None:
    faults = Faults(Fault("down", ("begin", "read"), times=2))
    assert [faults.of(call, "ana") for call in ("begin", "finish", "read", "read")] == ["down", None, "down", None]


def test_a_fault_without_a_number_of_times_goes_on() -> None:
    faults = Faults(Fault("slow"))
    assert {faults.of("delete", "ana") for _ in range(9)} == {"slow"}
