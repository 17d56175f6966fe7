"""Bring what tests run apart from our environment, each into a folder of its own in `.cache`: `clients.py [NAME ...]`.

Two versions of one published client cannot share an environment; what they need besides comes from ours. `llama` is
llama.cpp's server with a small model (SmolLM2, 135 million parameters), built into wheels.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = ("everruns-0.1.1", "everruns-0.3.1")
ALL = (*CLIENTS, "llama")


def folder_of(client: str) -> Path:
    """Where a client is installed."""
    return ROOT / ".cache" / "clients" / client


def main() -> None:
    """Install what is missing of those that the command line names, or of all."""
    for client in sys.argv[1:] or ALL:
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
