"""Every refusal of the package: `python tests/shape/problems.py` writes the pinned list anew."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from frontdesk.basics.errors import Problem
from shape.tree import PACKAGE, dotted, modules

PINNED = Path(__file__).with_name("problems.txt")


def problems() -> list[type[Problem]]:
    """`Problem` and all its subclasses in the package, by module and name."""
    for path in modules():
        if "class " in path.read_text() and not path.is_relative_to(PACKAGE / "migrations"):
            importlib.import_module(dotted(path))
    ours: set[type[Problem]] = {Problem, *_below(Problem)}
    return sorted(
        (problem for problem in ours if problem.__module__.startswith("frontdesk.")),
        key=lambda problem: (problem.__module__, problem.__qualname__),
    )


def _below(problem: type[Problem]) -> Iterator[type[Problem]]:
    subclasses: list[type[Problem]] = problem.__subclasses__()
    for subclass in subclasses:
        yield subclass
        yield from _below(subclass)


def listed() -> str:
    """One line for each: module, class, published code."""
    return "".join(f"{problem.__module__} {problem.__qualname__} {problem.code}\n" for problem in problems())


if __name__ == "__main__":
    PINNED.write_text(listed())
