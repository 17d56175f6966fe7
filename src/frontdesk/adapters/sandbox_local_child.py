"""The child process that does the sandbox's work: limits first, then one piece of work after the other.

Frames are a length (4 bytes, big-endian) and that many bytes. Started as
`python -m frontdesk.adapters.sandbox_local_child MEMORY_BYTES MODULE…`; its first frame says that it is ready.
"""

import importlib
import os
import pickle
import resource
import struct
import sys
from typing import Any, BinaryIO

from frontdesk.adapters.sandbox_local_answers import closed
from frontdesk.basics.errors import Problem

_FORBIDDEN = (
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "socket.sendto",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
)


def main(memory_bytes: int, modules: list[str]) -> None:
    """Serve until the parent closes the pipe."""
    # The listening socket of a server is inheritable, and uvloop passes on whatever is: a child that keeps it would
    # hold the port after its server was killed, and connections would wait there for nobody.
    os.closerange(3, max(os.sysconf("SC_OPEN_MAX"), 4096))
    # Libraries print to standard output when they feel like it: the frames get a descriptor of their own.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    confine(memory_bytes)
    try:
        for module in modules:
            importlib.import_module(module)
    except ImportError as error:
        _send(answers, closed("unavailable", str(error)))
        return
    _send(answers, closed("value", "ready"))
    while (question := _receive(sys.stdin.buffer)) is not None:
        _send(answers, _done(question))


def _done(question: bytes) -> bytes:
    try:
        module, name, arguments = pickle.loads(question)  # noqa: S301 - the parent's own words
        work: Any = importlib.import_module(module)
        for part in name.split("."):
            work = getattr(work, part)
        return closed("value", work(*arguments))
    except Problem as problem:
        return closed("problem", problem)
    except MemoryError:
        return closed("memory", None)
    except ImportError as error:
        return closed("unavailable", str(error))
    except RecursionError:
        return closed("fault", "RecursionError")
    except Exception as error:  # noqa: BLE001 - the outermost place of this process: its parent is told of every failure
        return closed("fault", type(error).__name__)


def confine(memory_bytes: int) -> None:
    """No more memory than this, no files, no core, no network, no further programs.

    RLIMIT_DATA counts what is written to. RLIMIT_AS would also count the libraries and the address space that
    allocators merely reserve, several times what is used.
    """
    for what, limit in (
        (resource.RLIMIT_DATA, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (limit, limit))
    sys.addaudithook(_forbid)


def _forbid(event: str, _arguments: tuple[Any, ...]) -> None:
    if event in _FORBIDDEN:
        raise PermissionError(f"work in the sandbox may not use {event}")


def _receive(pipe: BinaryIO) -> bytes | None:
    head = pipe.read(4)
    if len(head) < 4:
        return None
    (length,) = struct.unpack(">I", head)
    body = pipe.read(length)
    return body if len(body) == length else None


def _send(pipe: BinaryIO, message: bytes) -> None:
    pipe.write(struct.pack(">I", len(message)) + message)
    pipe.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
