"""A server as a child: it listens on free ports of loopback and ends together with whoever started it."""

import contextlib
import ctypes
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


class NotStartedError(RuntimeError):
    """A server did not come up; the message says why and how to mend it."""


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now. If somebody else takes one before it is used, the start fails loudly."""
    with contextlib.ExitStack() as open_sockets:
        ports = []
        for _ in range(count):
            listener = open_sockets.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            ports.append(listener.getsockname()[1])
    return ports


def unprivileged_user() -> str | None:
    """Whom to run as when we are root, because PostgreSQL refuses root; None when we are somebody else."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise NotStartedError(
        "running as root, and there is neither a user 'postgres' nor a user 'nobody' to run a server as"
    )


def user_arguments(user: str | None) -> dict[str, object]:
    """What `subprocess` needs to run as `user` with no other groups."""
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


class Child:
    """A running server, ended by its own process id."""

    def __init__(
        self, command: Sequence[str], log: Path, *, user: str | None = None, last_signal: int = signal.SIGKILL
    ) -> None:
        self.log = log
        self._last_signal = last_signal
        with log.open("wb") as output:
            self._popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
                start_new_session=True,
                preexec_fn=self._end_with_parent,
                **user_arguments(user),  # type: ignore[call-overload]
            )

    def _end_with_parent(self) -> None:
        # A test run that is killed must not leave servers behind. Only Linux can ask for this.
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, self._last_signal)

    def wait_until(self, ready: Callable[[], bool], seconds: float = 60) -> None:
        """Ask until it is ready. Raises `NotStartedError` with the end of its log."""
        for _ in _ticks(seconds):
            if self._popen.poll() is not None:
                raise NotStartedError(f"{self._popen.args} ended with {self._popen.returncode}:\n{self._tail()}")
            if ready():
                return
        self.stop()
        raise NotStartedError(f"{self._popen.args} was not ready after {seconds} s:\n{self._tail()}")

    def stop(self) -> None:
        """Send the last signal and wait for the end; kill when it does not come."""
        if self._popen.poll() is None:
            self._popen.send_signal(self._last_signal)
        try:
            self._popen.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()

    def _tail(self) -> str:
        return self.log.read_text(errors="replace")[-3000:]


def _ticks(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.05)
