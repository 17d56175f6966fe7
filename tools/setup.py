"""Bring `.venv` up to date: `setup.py run` for the server, `setup.py dev` for the checks as well.

Nothing happens when nothing changed: a stamp in `.venv` holds the digest of what was installed. This file must still
be readable to old Pythons, to tell them that they are old.
"""

import hashlib
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

NEEDED = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
MODELS = "src/frontdesk/adapters/faces_local_models.py"
PROJECT = "--no-deps --no-build-isolation --editable ."


def main() -> None:
    """Do what the command line asks for, or leave with one line that says why not."""
    if sys.version_info < NEEDED:
        sys.exit(
            "Frontdesk needs Python {}.{} or newer, and {} is {}. Install a newer one, then: "
            "make PYTHON=/path/to/python3.11".format(*NEEDED, sys.executable, platform.python_version())
        )
    os.chdir(ROOT)
    create()
    install("run", PROJECT, described())
    if sys.argv[1:] == ["dev"]:
        install("dev", "", "")
    models(required=sys.argv[1:] == ["dev"])


def create() -> None:
    """Make the environment, anew when the folder was moved or the Python is another one."""
    stamp = VENV / ".place"
    place = f"{ROOT} {platform.python_version()} {platform.machine()}"
    if stamp.exists() and stamp.read_text() == place:
        return
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True)
    if made.returncode != 0:
        sys.exit(
            "Python's venv module is missing or broken. On Debian and Ubuntu: apt install python3-venv\n"
            + (made.stderr or made.stdout).strip()
        )
    stamp.write_text(place)


def described() -> str:
    """What `pyproject.toml` says of the installed package; the settings of the checks do not count."""
    import tomllib  # Old Pythons lack it, and have left by now.

    told = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return repr([told["project"], told["build-system"], told["tool"].get("hatch")])


def install(part: str, then: str, besides: str) -> None:
    """Install `requirements/PART.txt`, then what `then` names, unless the stamp says that just this was done."""
    stamp = VENV / f".{part}"
    listed = (ROOT / "requirements" / f"{part}.txt").read_text()
    digest = hashlib.sha256((listed + besides).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    stamp.unlink(missing_ok=True)
    started = time.monotonic()
    total = sum(1 for line in listed.splitlines() if line[:1].isalpha())
    print(f"Setting up .venv/{part}: {total} packages (the first time takes a minute or two)", flush=True)
    # The list is whole. Left to look for dependencies, pip refuses a pinned package that another one asks for with an
    # extra as soon as a newer version of it is published.
    pip(f"install --require-hashes --no-deps --requirement requirements/{part}.txt", total)
    if then:
        pip(f"install {then}", 0)
    stamp.write_text(digest)
    print(f"Set up in {time.monotonic() - started:.0f} s", flush=True)


def models(required: bool) -> None:
    """Bring the networks for faces, once for each version that the code names; without them only faces fail."""
    stamp = VENV / ".models"
    digest = hashlib.sha256((ROOT / MODELS).read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    print("Fetching the networks for faces (80 MB, once)", flush=True)
    done = subprocess.run([str(VENV / "bin" / "frontdesk"), "models", "fetch"])
    if done.returncode == 0:
        stamp.write_text(digest)
    elif required:
        sys.exit("The set-up failed: the tests need the networks for faces; the reason is above.")
    else:
        print("Going on without them: selfies and liveness checks will fail until `frontdesk models fetch` works.")


def pip(arguments: str, total: int) -> None:
    """Run pip, showing how far it is; all of its words only if it fails."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments.split()]
    said: list[str] = []
    seen = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            said.append(line)
            if line.startswith(("Collecting", "Requirement already")) and total:
                seen += 1
                show(f"  {seen} of {total} fetched", seen % 20 == 0)
            elif line.startswith("Installing collected") and total:
                show("  unpacking" + " " * 20, True)
    show("", False)
    if child.returncode != 0:
        sys.exit("".join(said[-40:]) + "The set-up failed: the reason is above. Is a package registry reachable?")


def show(text: str, always: bool) -> None:
    """Progress: one line that changes on a terminal, now and then a line elsewhere."""
    if sys.stdout.isatty():
        sys.stdout.write("\r\033[K" + text.rstrip())
        sys.stdout.flush()
    elif always:
        print(text.rstrip(), flush=True)


if __name__ == "__main__":
    main()
