"""The SQL that the package holds: every statement by the name of its constant."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from shape.tree import KINDS, PACKAGE, dotted, modules, parsed, short

SQL = re.compile(r"\s*(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH)\b[\s\S]*\b(?:FROM|VALUES|SET|SELECT)\b")


def holders() -> list[Path]:
    """The modules of the kernel and of the kinds."""
    floors = ("kernel", *KINDS)
    return [path for path in modules() if path.relative_to(PACKAGE).parts[0] in floors]


def statements() -> dict[str, str]:
    """Every module-level constant that is a statement, or a collection of statements."""
    found: dict[str, str] = {}
    for path in holders():
        if any(word in path.read_text() for word in ("SELECT", "INSERT", "UPDATE", "DELETE")):
            module = importlib.import_module(dotted(path))
            for name, value in vars(module).items():
                if name.isupper() or name.lstrip("_").isupper():
                    found |= dict(_texts(f"{dotted(path)}.{name}", value))
    return found


def _texts(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and SQL.match(value):
        yield name, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(f"{name}[{key}]", each)
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from _texts(f"{name}[{number}]", each)


def unnamed() -> list[str]:
    """Where a statement is written inside a function, so that no test can find it."""
    return [
        f"{short(path)}:{node.lineno}"
        for path in holders()
        for function in ast.walk(parsed(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
        if node.value != ast.get_docstring(function, clean=False)
    ]


def parameters(sql: str) -> int:
    """How many arguments a statement takes."""
    return max((int(number) for number in re.findall(r"\$(\d+)", sql)), default=0)
