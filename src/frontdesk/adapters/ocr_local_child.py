"""The child process that opens strangers' files: limits first, then one request after the other.

Frames are a length (4 bytes, big-endian) and that many bytes. A request is two frames (JSON, then the file),
an answer is one (JSON). Started as `python -m frontdesk.adapters.ocr_local_child inspect|read` with a JSON of
settings.
"""

import json
import os
import resource
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, BinaryIO

from frontdesk.adapters.ocr_local_inspect import inspect
from frontdesk.adapters.ocr_local_limits import Limits
from frontdesk.ports.ocr import RefusedFile

Answer = dict[str, Any]
Work = Callable[[dict[str, Any], bytes], Answer]

_FORBIDDEN = (
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "socket.sendto",
    "subprocess.Popen",
    "os.system",
)


def main(role: str, settings: dict[str, Any]) -> None:
    """Serve until the parent closes the pipe."""
    # The listening socket of several server processes is inheritable, and uvloop passes on whatever is: a child that
    # keeps it would hold the port after its server was killed, and connections would wait there for nobody.
    os.closerange(3, max(os.sysconf("SC_OPEN_MAX"), 4096))
    # Libraries print to standard output when they feel like it: the frames get a descriptor of their own.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests = sys.stdin.buffer
    confine(int(settings["memory_bytes"]))
    limits = Limits(**{**settings["limits"], "allowed": tuple(settings["limits"]["allowed"])})
    try:
        work = load(role, settings, limits)
    except (ImportError, OSError) as error:
        send(answers, {"fault": f"the reader cannot be loaded: {error}"})
        return
    send(answers, {"ready": role})
    while (head := receive(requests)) is not None:
        content = receive(requests)
        if content is None:
            return
        send(answers, answer(work, json.loads(head), content))


def answer(work: Work, request: dict[str, Any], content: bytes) -> Answer:
    """What `work` returns, or the refusal it raises."""
    began = time.monotonic()
    try:
        out = work(request, content)
    except RefusedFile as refusal:
        return {"refused": refusal.code, "reason": refusal.reason}
    except MemoryError:
        return {
            "refused": "memory_limit",
            "reason": "This file needs too much memory. Please send a simpler one.",
        }
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {**out, "seconds": round(time.monotonic() - began, 3), "peak_bytes": peak}


def load(role: str, settings: dict[str, Any], limits: Limits) -> Work:
    """The work of this process. Only the reading one loads the networks."""
    if role == "inspect":
        return lambda request, content: {"inspection": asdict(inspect(content, request["mime_type"], limits))}
    from frontdesk.adapters.ocr_local_read import ENGINE, PaperReader

    reader = PaperReader(int(settings["threads"]))

    def read(request: dict[str, Any], content: bytes) -> Answer:
        count, pages = reader.read(content, request["mime_type"], limits, int(settings["read_pages"]))
        return {"engine": ENGINE, "page_count": count, "pages": [asdict(page) for page in pages]}

    return read


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
        raise PermissionError(f"the reader may not use {event}")


def receive(pipe: BinaryIO) -> bytes | None:
    """One frame, or None when the other side closed the pipe."""
    head = pipe.read(4)
    if len(head) < 4:
        return None
    (length,) = struct.unpack(">I", head)
    body = pipe.read(length)
    return body if len(body) == length else None


def send(pipe: BinaryIO, message: Answer) -> None:
    """One frame of JSON."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    pipe.write(struct.pack(">I", len(body)) + body)
    pipe.flush()


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
