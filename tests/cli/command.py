"""Runs `frontdesk` as a program of its own: to its end, or in the background until it is told to stop."""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from cli.warm import warm
from servers.child import free_ports

SRC = Path(__file__).resolve().parents[2] / "src"
SECONDS = 180


class Command:
    """The command with a data folder of its own, in an empty folder, with no settings but those given."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "PATH") if name in os.environ}
        self.environment = kept | {"PYTHONPATH": str(SRC), "NO_COLOR": "1"} | settings

    def run(self, *arguments: str, status: int = 0, seconds: float = SECONDS) -> subprocess.CompletedProcess[str]:
        """Run to the end; it must end with `status`."""
        line = [*arguments, "--data", str(self.data)]
        found, wrote = warm().run(line, self.folder, self.environment, seconds)
        out, err = ((wrote / name).read_text() for name in ("out", "err"))
        shutil.rmtree(wrote)
        done = subprocess.CompletedProcess(line, found, out, err)
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def json(self, *arguments: str) -> Any:
        """What it prints with `--json`."""
        return json.loads(self.run(*arguments, "--json").stdout)

    def line(self, *arguments: str) -> list[str]:
        """The whole command line."""
        return [sys.executable, "-m", "frontdesk", *arguments, "--data", str(self.data)]

    @contextlib.contextmanager
    def running(self, *arguments: str) -> Iterator["Background"]:
        """Run in the background until the context ends."""
        errors = (self.folder / f"errors-{time.monotonic_ns()}.log").open("w+")
        with (
            errors,
            subprocess.Popen(
                self.line(*arguments),
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            ) as popen,
        ):
            background = Background(popen, Path(errors.name))
            try:
                yield background
            finally:
                if popen.poll() is None:
                    popen.kill()

    @contextlib.contextmanager
    def serving(self, *arguments: str) -> Iterator["Served"]:
        """A server on a free port, from its ready line to a polite end."""
        (port,) = free_ports(1)
        with self.running("serve", "--port", str(port), *arguments) as background:
            assert background.next_line() == f"Frontdesk is ready on http://127.0.0.1:{port}"
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=SECONDS, trust_env=False) as client:
                yield Served(background, client, port)
            assert background.stop() == 0
            assert background.popen.stdout is not None
            assert background.popen.stdout.read() == ""


class Background:
    """A command that goes on."""

    def __init__(self, popen: subprocess.Popen[str], log: Path) -> None:
        self.popen = popen
        self._log = log
        self._pending = b""

    def next_line(self) -> str:
        """The next line that it prints."""
        assert self.popen.stdout is not None
        # Read by ourselves: a buffered reader takes more than a line, and what it holds nobody can wait for.
        while b"\n" not in self._pending:
            readable, _, _ = select.select([self.popen.stdout], [], [], SECONDS)
            assert readable, f"nothing was printed; {self.errors()}"
            piece = os.read(self.popen.stdout.fileno(), 65_536)
            assert piece, self.errors()
            self._pending += piece
        line, _, self._pending = self._pending.partition(b"\n")
        return line.decode()

    def errors(self) -> str:
        """What it wrote to standard error so far."""
        return self._log.read_text()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end, and wait; its status."""
        self.popen.send_signal(number)
        return self.popen.wait(SECONDS)


class Served:
    """A running server and a client of it."""

    def __init__(self, background: Background, client: httpx.Client, port: int) -> None:
        self.background, self.client, self.port = background, client, port
