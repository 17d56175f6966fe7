"""The reading port on this machine: sandboxes with rapidocr, onnxruntime, pikepdf, PDFium and zxing."""

from collections.abc import Callable
from typing import Any, TypeVar

from frontdesk.adapters import ocr_local_works as works
from frontdesk.adapters.ocr_local_limits import Limits, empty, too_large
from frontdesk.adapters.sandbox_local import LocalSandbox
from frontdesk.basics.errors import Unavailable
from frontdesk.ports.ocr import Inspection, Reading, RefusedFile
from frontdesk.ports.sandbox import Died, RanOutOfMemory, TookTooLong

Result = TypeVar("Result")
_MEBIBYTE = 1024 * 1024


class LocalOcr:
    """Two sandboxes: a light one that inspects within seconds, and one with `readers` heavy children with the
    networks."""

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        readers: int = 1,
        threads: int = 2,
        read_pages: int = 5,
        inspect_seconds: float = 10.0,
        read_seconds: float = 60.0,
        inspect_bytes: int = 768 * _MEBIBYTE,
        read_bytes: int = 2048 * _MEBIBYTE,
        recycle_after: int = 100,
    ) -> None:
        self._limits = limits or Limits()
        self._threads = threads
        self._read_pages = read_pages
        self._inspector = LocalSandbox(
            children=1,
            seconds=inspect_seconds,
            memory_bytes=inspect_bytes,
            recycle_after=recycle_after * 10,
            modules=["frontdesk.adapters.ocr_local_inspect"],
        )
        self._readers = LocalSandbox(
            children=readers,
            seconds=read_seconds,
            memory_bytes=read_bytes,
            recycle_after=recycle_after,
            modules=["frontdesk.adapters.ocr_local_read"],
        )

    async def start(self) -> None:
        await self._inspector.start()
        await self._readers.start()

    async def stop(self) -> None:
        await self._inspector.stop()
        await self._readers.stop()

    async def inspect(self, content: bytes, mime_type: str) -> Inspection:
        self._refuse_before_sending(content)
        return await _done(self._inspector, works.inspect, content, mime_type, self._limits)

    async def read(self, content: bytes, mime_type: str) -> Reading:
        self._refuse_before_sending(content)
        return await _done(self._readers, works.read, content, mime_type, self._limits, self._read_pages, self._threads)

    async def check(self) -> None:
        from frontdesk.adapters.ocr_local_sample import WORD, sample  # draws: only the doctor needs that

        try:
            reading = await self.read(sample(), "image/png")
        except RefusedFile as error:
            raise Unavailable(f"the document reader refuses its own sample: {error.code}") from error
        if not any(WORD in line.text for page in reading.pages for line in page.lines):
            raise Unavailable("the document reader does not read its own sample")

    def pids(self) -> list[int]:
        """Of the children that live, the inspecting one first."""
        return [*self._inspector.pids(), *self._readers.pids()]

    def _refuse_before_sending(self, content: bytes) -> None:
        """What needs no child: a file of no length or of too great length is not even copied."""
        if not content:
            raise empty()
        if len(content) > self._limits.max_bytes:
            raise too_large(self._limits)


async def _done(sandbox: LocalSandbox, work: Callable[..., Result | works.Refused], *arguments: Any) -> Result:
    """What the work returns. What breaks its child is the file's fault, and told as that."""
    try:
        found = await sandbox.run(work, *arguments)
    except TookTooLong as error:
        raise RefusedFile(
            "time_limit", "This file takes too long to read. Please send a simpler or smaller one."
        ) from error
    except RanOutOfMemory as error:
        raise RefusedFile("memory_limit", "This file needs too much memory. Please send a simpler one.") from error
    except Died as error:
        raise RefusedFile("unreadable", "This file cannot be opened. Please make a new one.") from error
    if isinstance(found, works.Refused):
        raise RefusedFile(found.code, found.reason)
    return found
