"""Child processes from the parent's side: started when first needed, killed when late, replaced when dead."""

import asyncio
import json
import os
import signal
import struct
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from typing import Any

from frontdesk.basics.errors import Unavailable
from frontdesk.ports.ocr import RefusedFile

_MAX_ANSWER = 32 * 1024 * 1024
_START_SECONDS = 60.0
# How a process ends when the file itself broke the decoder: an uncaught error, or a signal the processor
# raised.
_BROKEN_BY_CONTENT = {
    1,
    *(-number for number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL)),
}


class Child:
    """One child process at a time and one request at a time. Errors: `RefusedFile`, `Unavailable`."""

    def __init__(self, role: str, settings: dict[str, Any], *, seconds: float, recycle_after: int) -> None:
        self._role = role
        self._settings = json.dumps(settings)
        self._seconds = seconds
        self._recycle_after = recycle_after
        self._served = 0
        self._worker: Process | None = None
        self._turn = asyncio.Lock()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Of the process that would serve the next request, if there is one."""
        return self._worker.pid if self._worker is not None and self._worker.returncode is None else None

    def open(self) -> None:
        """Accept requests; the process itself waits for the first one."""
        self._closed = False

    async def close(self) -> None:
        """Kill what runs. A request under way raises `Unavailable`."""
        self._closed = True
        if self._worker is not None and self._worker.returncode is None:
            self._worker.kill()
        async with self._turn:
            await self._end()

    async def ask(self, request: dict[str, Any], content: bytes) -> dict[str, Any]:
        """Send one file, wait for the answer within the time limit."""
        async with self._turn:
            if self._closed:
                raise Unavailable("the document reader is stopped")
            worker = await self._running()
            finished = False
            try:
                async with asyncio.timeout(self._seconds):
                    answer = await _exchange(worker, request, content)
                finished = True
            except TimeoutError:
                raise RefusedFile(
                    "time_limit", "This file takes too long to read. Please send a simpler or smaller one."
                ) from None
            except (asyncio.IncompleteReadError, ConnectionError) as error:
                raise await self._obituary(worker) from error
            finally:
                # Killed also when the waiting task was cancelled: half an answer in the pipe would go to the
                # next one.
                if not finished:
                    await self._end()
            self._served += 1
            # A process that ran out of memory may have lost more than the one allocation.
            if self._served >= self._recycle_after or answer.get("refused") == "memory_limit":
                await self._end()
        return _opened(answer)

    async def _running(self) -> Process:
        if self._worker is not None and self._worker.returncode is None:
            return self._worker
        await self._end()
        # Neither secrets of the environment nor the parent's descriptors are for a process that opens
        # strangers' files.
        environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONUTF8": "1"}
        command = [sys.executable, "-m", "frontdesk.adapters.ocr_local_child", self._role, self._settings]
        try:
            self._worker = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment, limit=_MAX_ANSWER
            )
            async with asyncio.timeout(_START_SECONDS):
                first = await _receive(self._worker)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            await self._end()
            raise Unavailable("the document reader did not start") from error
        if "fault" in first:
            await self._end()
            raise Unavailable(first["fault"])
        return self._worker

    async def _obituary(self, worker: Process) -> Exception:
        code = await worker.wait()
        if not self._closed and code in _BROKEN_BY_CONTENT:
            return RefusedFile("unreadable", "This file cannot be opened. Please make a new one.")
        return Unavailable(f"the document reader died ({code})")

    async def _end(self) -> None:
        worker, self._worker, self._served = self._worker, None, 0
        if worker is None:
            return
        if worker.returncode is None:
            worker.kill()
        if worker.stdin is not None:
            worker.stdin.close()
        await worker.wait()


async def _exchange(worker: Process, request: dict[str, Any], content: bytes) -> dict[str, Any]:
    assert worker.stdin is not None
    head = json.dumps(request).encode()
    worker.stdin.write(struct.pack(">I", len(head)) + head + struct.pack(">I", len(content)))
    worker.stdin.write(content)
    await worker.stdin.drain()
    return await _receive(worker)


async def _receive(worker: Process) -> dict[str, Any]:
    assert worker.stdout is not None
    (length,) = struct.unpack(">I", await worker.stdout.readexactly(4))
    if length > _MAX_ANSWER:
        raise ConnectionError("the document reader answers nonsense")
    answer: dict[str, Any] = json.loads(await worker.stdout.readexactly(length))
    return answer


def _opened(answer: dict[str, Any]) -> dict[str, Any]:
    if "refused" in answer:
        raise RefusedFile(answer["refused"], answer["reason"])
    return answer
