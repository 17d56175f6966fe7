"""What the tests of shape look at: the package's files, and the files that the repository holds."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "frontdesk"
KINDS = ("onboarding", "forms", "agents", "kyc")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> list[Path]:
    """The package's Python files."""
    return sorted(PACKAGE.rglob("*.py"))


def written() -> list[Path]:
    """Every Python file we write: package, tests, tools, benchmarks."""
    return [path for path in tracked() if path.suffix == ".py"]


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the repository, new ones that git would take included."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


@cache
def parsed(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(path.read_text(), str(path))


def dotted(path: Path) -> str:
    """`src/frontdesk/kyc/rules/__init__.py` as `frontdesk.kyc.rules`."""
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def functions(path: Path) -> Iterator[tuple[str, Function]]:
    """Every function of a file with its name, a method's with its class."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Module | ast.ClassDef | Function):
            owner = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
            for child in node.body:
                if isinstance(child, Function):
                    yield owner + child.name, child


def short(path: Path) -> str:
    """The path below the repository."""
    return str(path.relative_to(ROOT))
