"""Bring published clients that the tests run unmodified: each version into a folder of its own below `.cache`.

Two versions of one package cannot share an environment; what they need besides comes from ours.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = ("everruns-0.1.1", "everruns-0.3.1")


def folder_of(client: str) -> Path:
    """Where a client is installed."""
    return ROOT / ".cache" / "clients" / client


def main() -> None:
    """Install what is missing."""
    for client in CLIENTS:
        bring(client)


def bring(client: str) -> Path:
    """The folder of a client, installed now if it was not."""
    folder, wanted = folder_of(client), ROOT / "requirements" / f"{client}.txt"
    stamp = folder / ".requirements"
    if stamp.exists() and stamp.read_text() == wanted.read_text():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run([*pip, "--require-hashes", "--target", str(folder), "-r", str(wanted)], check=False)
    if done.returncode != 0:
        sys.exit(f"{client} could not be installed: a package index is needed for this once")
    stamp.write_text(wanted.read_text())
    return folder


if __name__ == "__main__":
    main()
