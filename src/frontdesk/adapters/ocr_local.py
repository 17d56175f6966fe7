"""The reading port on this machine: child processes with rapidocr, onnxruntime, pikepdf, PDFium and zxing."""

import asyncio
from dataclasses import asdict
from typing import Any

import msgspec

from frontdesk.adapters.ocr_local_limits import Limits, empty, too_large
from frontdesk.adapters.ocr_local_pool import Child
from frontdesk.basics.errors import Unavailable
from frontdesk.ports.ocr import Inspection, Page, Reading, RefusedFile

_MEBIBYTE = 1024 * 1024


class LocalOcr:
    """Two kinds of children: a light one that inspects within seconds, and `readers` heavy ones with the
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
        shared: dict[str, Any] = {
            "limits": asdict(self._limits),
            "threads": threads,
            "read_pages": read_pages,
        }
        light = {**shared, "memory_bytes": inspect_bytes}
        heavy = {**shared, "memory_bytes": read_bytes}
        self._inspector = Child("inspect", light, seconds=inspect_seconds, recycle_after=recycle_after * 10)
        self._readers = [
            Child("read", heavy, seconds=read_seconds, recycle_after=recycle_after) for _ in range(readers)
        ]
        self._idle: asyncio.Queue[Child] = asyncio.Queue()
        for child in self._readers:
            self._idle.put_nowait(child)

    async def start(self) -> None:
        for child in (self._inspector, *self._readers):
            child.open()

    async def stop(self) -> None:
        for child in (self._inspector, *self._readers):
            await child.close()

    async def inspect(self, content: bytes, mime_type: str) -> Inspection:
        self._refuse_before_sending(content)
        answer = await self._inspector.ask({"mime_type": mime_type}, content)
        return msgspec.convert(answer["inspection"], Inspection)

    async def read(self, content: bytes, mime_type: str) -> Reading:
        self._refuse_before_sending(content)
        child = await self._idle.get()
        try:
            answer = await child.ask({"mime_type": mime_type}, content)
        finally:
            self._idle.put_nowait(child)
        pages = msgspec.convert(answer["pages"], tuple[Page, ...])
        return Reading(answer["engine"], answer["page_count"], pages, answer["seconds"], answer["peak_bytes"])

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
        return [child.pid for child in (self._inspector, *self._readers) if child.pid is not None]

    def _refuse_before_sending(self, content: bytes) -> None:
        """What needs no child: a file of no length or of too great length is not even copied."""
        if not content:
            raise empty()
        if len(content) > self._limits.max_bytes:
            raise too_large(self._limits)
