"""The import contracts hold, and they report what they are meant to report."""

import configparser
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from shape.tree import KINDS, PACKAGE, ROOT

COMMAND = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
VIOLATIONS = (
    ("basics.clock", "config"),
    ("ports.db", "kernel.change"),
    ("kernel.change", "web"),
    ("kernel.vault", "kernel.sessions"),
    ("kernel.sessions", "kernel.change"),
    ("kernel.lifecycle", "asyncio"),
    ("kernel.change", "starlette"),
    ("adapters.db_sqlite", "kernel.change"),
    ("kyc.model", "asyncio"),
    ("kyc.model", "kyc.rules"),
    ("kyc.rules", "kyc.store"),
    ("kyc.rules", "sqlite3"),
    ("kyc.service", "kyc.routes"),
    ("kyc.service", "kyc.wire"),
    ("kyc.service", "web"),
    ("kyc.service", "adapters.db_sqlite"),
    ("kyc.jobs", "kyc.store"),
    ("kyc.jobs", "starlette"),
    ("kyc.wire", "kyc.jobs"),
    ("kyc.routes", "kyc.store"),
    ("web", "kyc.rules"),
    ("migrations", "adapters.db_sqlite"),
)
OUTSIDE = {"asyncio", "sqlite3", "starlette"}
ROOMS = ("routes", "wire", "jobs", "service", "store", "rules", "model")


def lint(root: Path, config: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the package below `root`."""
    environment = os.environ | {"PYTHONPATH": str(root), "NO_COLOR": "1", "COLUMNS": "200"}
    command = [*COMMAND, "--no-logo", "--no-cache", "--config", str(config)]
    return subprocess.run(command, env=environment, cwd=config.parent, capture_output=True, text=True, check=False)


def test_the_contracts_hold() -> None:
    done = lint(PACKAGE.parent, ROOT / ".importlinter")
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_kind_has_contracts_for_its_rooms() -> None:
    config = configparser.ConfigParser(comment_prefixes=(";",))
    config.read(ROOT / ".importlinter")
    listed = config["importlinter:contract:rooms"]["containers"].split()
    assert {f"frontdesk.{kind}" for kind in KINDS if (PACKAGE / kind).is_dir()} <= set(listed)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a small tree of the same shape that breaks a contract in every line."""
    root = tmp_path_factory.mktemp("trial")
    packages = ("onboarding", "forms", "agents", "kyc", "ui", "web", "kernel", "ports", "adapters", "basics")
    files = [f"{package}/__init__" for package in (*packages, "migrations")]
    files += [f"kyc/{room}" for room in (*ROOMS, "misplaced")]
    files += [f"kernel/{path.stem}" for path in (PACKAGE / "kernel").iterdir() if path.stem != "__init__"]
    files += ["__init__", "config", "cli", "app", "worker", "wiring", "stray"]
    files += ["basics/clock", "ports/db", "adapters/db_sqlite"]
    for name in files:
        file = root / "frontdesk" / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    for importer, imported in VIOLATIONS:
        path = root / "frontdesk" / importer.replace(".", "/")
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        line = f"import {imported}\n" if imported in OUTSIDE else f"import frontdesk.{imported}\n"
        # Imports within functions count, too.
        file.write_text(file.read_text() + f"def later_{len(file.read_text())}():\n    {line}")
    done = lint(root, _contracts_of_a_whole_tree(root))
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def _contracts_of_a_whole_tree(root: Path) -> Path:
    """Our contracts with everything that is to come moved into its place."""
    text = (ROOT / ".importlinter").read_text()
    for name in ("app", "ui"):
        if f"    frontdesk.{name}\n" not in text:
            text = text.replace("    frontdesk.*.routes\n", f"    frontdesk.{name}\n    frontdesk.*.routes\n", 1)
    config = root / "contracts.ini"
    config.write_text(text)
    return config


@pytest.mark.parametrize(("importer", "imported"), VIOLATIONS)
def test_an_import_against_the_directions_is_reported(report: str, importer: str, imported: str) -> None:
    pattern = rf"frontdesk\.{re.escape(importer)} -> (frontdesk\.)?{re.escape(imported)} \(l\.\d+"
    assert re.search(pattern, report), f"{importer} -> {imported}\n{report}"


@pytest.mark.parametrize("module", ["frontdesk.stray", "frontdesk.kyc.misplaced"])
def test_a_module_without_a_place_is_reported(report: str, module: str) -> None:
    container, _, name = module.rpartition(".")
    assert re.search(rf"- {name}\b|{re.escape(container)}.*{name}", report), report
