"""Pin what `pyproject.toml` allows: the newest versions, with the digests of their files for every platform.

The files name no registry and no path of this machine, so they serve everybody.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = ROOT / ".cache" / "uv"
OPTIONS = (
    "pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes "
    "--no-emit-index-url --no-annotate --no-header"
)
FILES = {
    "run": "pyproject.toml --group build",
    "dev": "--group dev --constraints requirements/run.txt",
    "postgresql": "--no-deps --group postgresql",
    "node": "--no-deps --group node",
}


def main() -> None:
    """Write every file anew, and say which versions changed."""
    if not (UV / "bin" / "uv").exists():
        subprocess.run([sys.executable, "-m", "venv", UV], check=True)
        subprocess.run([UV / "bin" / "python", "-m", "pip", "install", "-q", "uv>=0.13"], check=True)
    for name, source in FILES.items():
        target = ROOT / "requirements" / f"{name}.txt"
        before = versions(target)
        command = [str(UV / "bin" / "uv"), *OPTIONS.split(), *source.split(), "--output-file", str(target)]
        subprocess.run(command, check=True, cwd=ROOT)
        after = versions(target)
        for line in sorted(after - before):
            print(f"{name}: {line}")


def versions(file: Path) -> set[str]:
    """The `name==version` lines of a requirements file."""
    if not file.exists():
        return set()
    return {line.split(" ")[0] for line in file.read_text().splitlines() if line[:1].isalpha()}


if __name__ == "__main__":
    main()
