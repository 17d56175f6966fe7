"""Every refusal has a published code, pinned, and a status: in the table of its kind, or the floor's own."""

import importlib
import re
from collections.abc import Mapping

from frontdesk.basics.errors import Problem
from shape.problems import PINNED, listed, problems
from shape.tree import KINDS, PACKAGE

NOT_ANSWERED = {
    "BrokenSeal": "what is stored cannot be opened: a fault of ours, and answered as one",
    "BadSetting": "it ends the start of the server, before there is anybody to answer",
}
"""Refusals that no HTTP answer tells, and why."""


def tables() -> dict[str, Mapping[type[Problem], int]]:
    """`STATUSES` of every kind that has a `wire`; a line counts for the subclasses of its refusal, too."""
    found = {}
    for kind in KINDS:
        if (PACKAGE / kind / "wire.py").exists():
            found[kind] = importlib.import_module(f"frontdesk.{kind}.wire").STATUSES
        elif (PACKAGE / kind / "wire").is_dir():
            found[kind] = importlib.import_module(f"frontdesk.{kind}.wire.refusals").STATUSES
    return found


def test_the_published_codes_are_the_pinned_ones() -> None:
    assert listed() == PINNED.read_text(), "a decision? then: python tests/shape/problems.py"


def test_a_code_is_words_and_nothing_else() -> None:
    assert [problem.code for problem in problems() if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", problem.code)] == []


def belongs_to(problem: type[Problem], kind: str) -> bool:
    """Whether a kind has to answer it: its own, the kernel's, and those of the web and below."""
    floor = problem.__module__.split(".")[1]
    return floor == kind or floor not in KINDS


def test_every_refusal_has_a_status_in_its_kind() -> None:
    missing = [
        f"{kind}: {problem.__module__}.{problem.__qualname__}"
        for kind, statuses in tables().items()
        for problem in problems()
        if belongs_to(problem, kind)
        and problem.__qualname__ not in NOT_ANSWERED
        and not hasattr(problem, "status")
        and not set(problem.__mro__[: problem.__mro__.index(Problem)]) & set(statuses)
        and problem is not Problem
    ]
    assert missing == []


def test_a_status_table_holds_refusals_and_their_statuses_only() -> None:
    for kind, statuses in tables().items():
        odd = [p for p, status in statuses.items() if not issubclass(p, Problem) or not 400 <= status < 600]
        assert odd == [], kind
