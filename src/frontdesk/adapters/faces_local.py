"""The face port on this machine: YuNet finds, SFace compares, both in the sandbox's child processes."""

import math
from pathlib import Path

from frontdesk.adapters import faces_local_models as models
from frontdesk.adapters import faces_local_works as work
from frontdesk.adapters.faces_local_sample import NOSE, sample
from frontdesk.adapters.ocr_local_limits import Limits, empty, too_large
from frontdesk.basics.errors import Rejected, Unavailable
from frontdesk.ports.faces import Face
from frontdesk.ports.ocr import RefusedFile
from frontdesk.ports.sandbox import RanOutOfMemory, Sandbox, TookTooLong

EMBEDDING = 128
"""Numbers that describe a face."""
_NEAR = 12.0
"""Pixels by which the finder may miss the nose of its sample."""


class LocalFaces:
    """Keeps `sandbox` for itself: it starts and stops it. `folder` holds the models."""

    def __init__(self, folder: Path, sandbox: Sandbox, limits: Limits | None = None) -> None:
        self._folder, self._sandbox, self._limits = folder, sandbox, limits or Limits()

    async def start(self) -> None:
        """See `Faces`."""
        await self._sandbox.start()

    async def stop(self) -> None:
        """See `Faces`."""
        await self._sandbox.stop()

    async def find(self, content: bytes, mime_type: str, turned: float = 0) -> tuple[Face, ...]:
        """See `Faces`."""
        if not content:
            raise empty()
        if len(content) > self._limits.max_bytes:
            raise too_large(self._limits)
        if models.absent(self._folder):
            raise Unavailable(f"the face models are not in {self._folder}; to bring them: {models.REMEDY}")
        try:
            found = await self._sandbox.run(work.find, str(self._folder), content, mime_type, turned, self._limits)
        except TookTooLong as error:
            raise RefusedFile(
                "time_limit", "This file takes too long. Please send a simpler or smaller one."
            ) from error
        except RanOutOfMemory as error:
            raise RefusedFile("memory_limit", "This file needs too much memory. Please send a smaller one.") from error
        except Rejected as error:
            raise RefusedFile("unreadable", "This file cannot be opened safely. Please take a new picture.") from error
        if isinstance(found, work.Refused):
            raise RefusedFile(found.code, found.reason)
        if isinstance(found, work.Broken):
            raise Unavailable(f"{found.reason}; to mend it: {models.REMEDY}")
        return found

    async def check(self) -> None:
        """See `Faces`."""
        try:
            faces = await self.find(sample(), "image/png")
        except RefusedFile as error:
            raise Unavailable(f"the face finder refuses its own sample: {error.code}") from error
        if len(faces) != 1 or math.dist(faces[0].landmarks[4:6], NOSE) > _NEAR:
            raise Unavailable("the face finder does not find the face in its own sample")
        if len(faces[0].embedding) != EMBEDDING or not 0.99 < math.hypot(*faces[0].embedding) < 1.01:
            raise Unavailable("the face comparer does not describe the face in its own sample")
