"""Nothing grows past the size at which a reader loses the thread."""

from pathlib import Path

import pytest

from shape.tree import PACKAGE, functions, modules, short, written

FILE, FUNCTION, PORT, KERNEL = 500, 60, 120, 1_500

TABLE = "a table: one endpoint after the other, nothing decided"
LONGER = {
    "src/frontdesk/agents/routes/sessions.py:endpoints": TABLE,
    "src/frontdesk/kyc/routes/public.py:endpoints": TABLE,
    "src/frontdesk/kyc/routes/sessions.py:endpoints": TABLE,
    "src/frontdesk/forms/routes/sessions.py:endpoints": TABLE,
}
"""A file, or `FILE:FUNCTION`, that may be longer than the limit, and the reason."""


def lines(text: str) -> int:
    """Number of lines."""
    return len(text.splitlines())


def test_no_file_is_longer_than_500_lines() -> None:
    found = {short(path): lines(path.read_text()) for path in written()}
    assert {name: length for name, length in found.items() if length > FILE and name not in LONGER} == {}


def test_no_function_is_longer_than_60_lines() -> None:
    found = {
        f"{short(path)}:{name}": (function.end_lineno or 0) - function.lineno + 1
        for path in written()
        for name, function in functions(path)
    }
    assert {name: length for name, length in found.items() if length > FUNCTION and name not in LONGER} == {}


@pytest.mark.parametrize("port", sorted((PACKAGE / "ports").glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_no_port_is_longer_than_120_lines(port: Path) -> None:
    assert lines(port.read_text()) <= PORT


def test_the_kernel_as_a_whole_stays_small() -> None:
    kernel = [path for path in modules() if path.is_relative_to(PACKAGE / "kernel")]
    assert sum(lines(path.read_text()) for path in kernel) <= KERNEL


def test_an_exception_is_still_needed() -> None:
    sizes = {short(path): lines(path.read_text()) > FILE for path in written()} | {
        f"{short(path)}:{name}": (function.end_lineno or 0) - function.lineno + 1 > FUNCTION
        for path in written()
        for name, function in functions(path)
    }
    assert [name for name in LONGER if not sizes.get(name)] == []
