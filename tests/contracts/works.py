"""Work for the contract of the sandbox: good, refused, endless, greedy, deadly."""

import ctypes
import importlib
import socket
import subprocess
import sys
import time
from pathlib import Path

from forms.factories import fields
from frontdesk.forms.model.field import Field
from frontdesk.forms.rules.refusals import PdfCorrupt


def double(text: bytes) -> bytes:
    return text * 2


def shown() -> tuple[Field, ...]:
    return fields()


def refuse(reason: str) -> None:
    raise PdfCorrupt(reason, details={"page": 3})


def wait(seconds: float) -> None:
    time.sleep(seconds)


def grow(mebibytes: int) -> int:
    return len(b"x" * (mebibytes * 1024 * 1024))


def crash() -> None:
    ctypes.string_at(0)


def leave() -> None:
    sys.exit(7)


def stumble() -> None:
    raise ZeroDivisionError("with words that nobody shall read")


def need() -> None:
    importlib.import_module("a_module_that_is_not_there")


def sink(depth: int = 0) -> int:
    return sink(depth + 1)


def connect() -> None:
    socket.create_connection(("127.0.0.1", 9))


def launch() -> None:
    subprocess.run([sys.executable, "-c", ""], check=True)


def write(path: str) -> None:
    Path(path).write_bytes(b"something")


class Stranger:
    """Not of the package: a child may not send it."""


def smuggle() -> Stranger:
    return Stranger()


def print_something() -> str:
    print("libraries print when they feel like it")
    return "said"
