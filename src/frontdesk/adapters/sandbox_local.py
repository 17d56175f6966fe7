"""The sandbox on this machine: long-lived child processes, killed when late, replaced when dead."""

import asyncio
import os
import pickle
import signal
import struct
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from typing import Any, TypeVar

from frontdesk.adapters.sandbox_local_answers import opened
from frontdesk.basics.errors import Unavailable
from frontdesk.ports.sandbox import Died, RanOutOfMemory, TookTooLong

Result = TypeVar("Result")
_MEBIBYTE = 1024 * 1024
_LONGEST_ANSWER = 256 * _MEBIBYTE
_START_SECONDS = 60.0
# How a process ends when the work itself broke it: an error on the way out, or a signal that the processor raised.
_BROKEN_BY_WORK = {
    1,
    *(-number for number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL)),
}


class LocalSandbox:
    """`children` processes at most, each with `memory_bytes` and `seconds` for one piece of work.

    `modules` are loaded when a child starts, so that its first piece of work need not wait for them.
    """

    def __init__(
        self,
        *,
        children: int = 3,
        seconds: float = 30.0,
        memory_bytes: int = 1024 * _MEBIBYTE,
        recycle_after: int = 500,
        modules: Sequence[str] = (),
    ) -> None:
        self._children = [_Child(seconds, memory_bytes, recycle_after, modules) for _ in range(children)]
        self._long = asyncio.Semaphore(max(1, children - 1))
        # Last in, first out: as long as one child is enough, the other is not even started.
        self._idle: asyncio.LifoQueue[_Child] = asyncio.LifoQueue()
        for child in reversed(self._children):
            self._idle.put_nowait(child)

    async def start(self) -> None:
        for child in self._children:
            child.is_closed = False

    async def stop(self) -> None:
        for child in self._children:
            await child.close()

    async def run(self, work: Callable[..., Result], *arguments: Any, seconds: float | None = None) -> Result:
        question = pickle.dumps((work.__module__, work.__qualname__, arguments))
        async with self._long if seconds is not None else nullcontext():
            child = await self._idle.get()
            try:
                answer = await child.ask(question, seconds)
            finally:
                self._idle.put_nowait(child)
        kind, value = opened(answer)
        if kind == "problem":
            raise value
        if kind == "memory":
            raise RanOutOfMemory("The work needs more memory than it may have")
        if kind == "unavailable":
            raise Unavailable(f"what the work needs cannot be loaded: {value}")
        if kind == "fault":
            raise Died(f"The work ended with {value}")
        result: Result = value
        return result

    async def check(self) -> None:
        try:
            if await self.run(_sum, 1, 2) != 3:
                raise Unavailable("the child process for documents does not count")
        except (TookTooLong, RanOutOfMemory, Died) as error:
            raise Unavailable(f"the child process for documents does not work: {error}") from error

    def pids(self) -> list[int]:
        """Of the children that live."""
        return [child.pid for child in self._children if child.pid is not None]


def _sum(one: int, other: int) -> int:
    return one + other


class _Child:
    """One process at a time and one piece of work at a time."""

    def __init__(self, seconds: float, memory_bytes: int, recycle_after: int, modules: Sequence[str]) -> None:
        self.is_closed = False
        self._modules = modules
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self._recycle_after = recycle_after
        self._served = 0
        self._worker: Process | None = None
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        return self._worker.pid if self._worker is not None and self._worker.returncode is None else None

    async def close(self) -> None:
        """Kill what runs. Work under way raises `Unavailable`."""
        self.is_closed = True
        if self._worker is not None and self._worker.returncode is None:
            _kill(self._worker)
        async with self._turn:
            await self._end()

    async def ask(self, question: bytes, seconds: float | None = None) -> bytes:
        seconds = seconds or self._seconds
        async with self._turn:
            if self.is_closed:
                raise Unavailable("the child process for documents is stopped")
            worker = await self._running()
            finished = False
            try:
                async with asyncio.timeout(seconds):
                    answer = await _exchange(worker, question)
                finished = True
            except TimeoutError:
                raise TookTooLong(f"The work was not done within {seconds:g} seconds") from None
            except (asyncio.IncompleteReadError, ConnectionError) as error:
                raise await self._obituary(worker) from error
            finally:
                # Killed also when the waiting task was cancelled: half an answer in the pipe would go to the next.
                if not finished:
                    await self._end()
            self._served += 1
            # A process that ran out of memory may have lost more than the one allocation.
            if self._served >= self._recycle_after or answer.startswith(b"M"):
                await self._end()
        return answer

    async def _running(self) -> Process:
        if self._worker is not None and self._worker.returncode is None:
            return self._worker
        await self._end()
        # Neither secrets of the environment nor the parent's descriptors are for a process that opens strangers' files.
        environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONUTF8": "1"}
        command = [sys.executable, "-m", "frontdesk.adapters.sandbox_local_child", str(self._memory_bytes)]
        command += self._modules
        try:
            self._worker = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment, limit=_LONGEST_ANSWER
            )
            async with asyncio.timeout(_START_SECONDS):
                kind, value = opened(await _receive(self._worker))
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            await self._end()
            raise Unavailable("the child process for documents did not start") from error
        if kind == "unavailable":
            await self._end()
            raise Unavailable(f"what the work needs cannot be loaded: {value}")
        return self._worker

    async def _obituary(self, worker: Process) -> Exception:
        code = await worker.wait()
        if not self.is_closed and code in _BROKEN_BY_WORK:
            return Died(f"The work ended its process ({code})")
        return Unavailable(f"the child process for documents died ({code})")

    async def _end(self) -> None:
        worker, self._worker, self._served = self._worker, None, 0
        if worker is None:
            return
        if worker.returncode is None:
            _kill(worker)
        if worker.stdin is not None:
            worker.stdin.close()
        await worker.wait()


def _kill(worker: Process) -> None:
    """Not by `Process.kill`, which first looks whether the process has ended: one that ends just then would be reaped
    there, and asyncio, which waits for it too, would find no such child and complain on standard error."""
    with suppress(ProcessLookupError):
        os.kill(worker.pid, signal.SIGKILL)


async def _exchange(worker: Process, question: bytes) -> bytes:
    assert worker.stdin is not None
    worker.stdin.write(struct.pack(">I", len(question)))
    worker.stdin.write(question)
    await worker.stdin.drain()
    return await _receive(worker)


async def _receive(worker: Process) -> bytes:
    assert worker.stdout is not None
    (length,) = struct.unpack(">I", await worker.stdout.readexactly(4))
    if length > _LONGEST_ANSWER:
        raise ConnectionError("the child process answers nonsense")
    return await worker.stdout.readexactly(length)
