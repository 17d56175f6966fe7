"""A process that has the command imported already and forks for every run of it: importing costs two seconds of
processor time, a fork costs none, and what runs is the same program in a process of its own.

Run as a program it reads one JSON line a run on standard input and answers each with the status.
"""

import atexit
import json
import os
import select
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]


class Warm:
    """The process, and how it is asked."""

    def __init__(self) -> None:
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "PATH") if name in os.environ}
        path = os.pathsep.join(str(each) for each in (TESTS.parent / "src", TESTS))
        # One thread: a process with more must not be forked.
        also = {"PYTHONPATH": path, "NO_COLOR": "1", "OPENBLAS_NUM_THREADS": "1"}
        line = [sys.executable, "-m", "cli.warm"]
        # A session of its own: what it has forked ends with it.
        self._process = subprocess.Popen(
            line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=kept | also, start_new_session=True
        )
        atexit.register(self.end)

    def run(self, arguments: list[str], folder: Path, environment: dict[str, str], seconds: float) -> tuple[int, Path]:
        """The status, and the folder that holds `out` and `err`. Raises `TimeoutError`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        wish = {"arguments": arguments, "folder": str(folder), "environment": environment}
        self._process.stdin.write(json.dumps(wish).encode() + b"\n")
        self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            self.end()
            raise TimeoutError(f"frontdesk {' '.join(arguments)} has not ended after {seconds:g} s")
        told = json.loads(self._process.stdout.readline())
        return told["status"], Path(told["wrote"])

    def end(self) -> None:
        """End the process, and with it what it runs."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        warm.cache_clear()


@cache
def warm() -> Warm:
    """The one of this test worker, started when it is first asked for."""
    return Warm()


def serve() -> None:
    """Until standard input ends. A run leaves this loop in its child, as `SystemExit`."""
    import tempfile

    import alembic.command  # noqa: F401 - what the command itself imports when it migrates, as in a fresh folder

    import frontdesk.cli

    assert len(os.listdir("/proc/self/task")) == 1 or sys.platform != "linux", "more than one thread"
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        wish = json.loads(line)
        wrote = tempfile.mkdtemp(dir=wish["folder"])
        child = os.fork()
        if child == 0:
            _become(wish, wrote)
            frontdesk.cli.main()
            sys.exit(0)
        _, status = os.waitpid(child, 0)
        answers.write(json.dumps({"status": os.waitstatus_to_exitcode(status), "wrote": wrote}) + "\n")
        answers.flush()


def _become(wish: dict[str, Any], wrote: str) -> None:
    """What a new process would be: its folder, its variables, its arguments, its files."""
    os.chdir(wish["folder"])
    os.environ.clear()
    os.environ.update(wish["environment"])
    sys.argv = ["frontdesk", *wish["arguments"]]
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for number, name in ((1, "out"), (2, "err")):
        opened = os.open(f"{wrote}/{name}", os.O_WRONLY | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    os.close(nothing)
    os.closerange(3, 64)


if __name__ == "__main__":
    serve()
