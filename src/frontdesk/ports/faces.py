"""The face port: which faces are in a picture, how are they turned, and how alike are they?"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Face:
    """One face. `box` is x, y, width, height and `landmarks` x, y of the right eye, left eye, nose, right and left
    corner of the mouth (the person's own right and left), in pixels of the upright picture. `embedding` has unit
    length: the cosine of two faces (-1 to 1) is the sum of their products."""

    box: tuple[float, float, float, float]
    score: float
    landmarks: tuple[float, ...]
    embedding: tuple[float, ...]


class Faces(Protocol):
    """Looks into JPEG, PNG and the first page of a PDF. Errors: `RefusedFile`; `Unavailable` when the finder failed.

    Work is done under limits of time, memory and pixels, where a crash costs this one call and nothing else.
    """

    async def start(self) -> None:
        """Get ready to be asked; costly parts may wait for the first call."""
        ...

    async def stop(self) -> None:
        """End whatever is under way (those calls raise `Unavailable`). Stopping twice is no error."""
        ...

    async def find(self, content: bytes, mime_type: str, turned: float = 0) -> tuple[Face, ...]:
        """The faces, the largest first; at most 16. None is no error.

        The picture is first turned clockwise by the quarter turn that is nearest to `turned` degrees.
        """
        ...

    async def check(self) -> None:
        """Whether the models are there and work. Raises `Unavailable` with the reason and the remedy."""
        ...
