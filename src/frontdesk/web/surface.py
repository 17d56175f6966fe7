"""One kind's face: which paths are its own, and how its refusals look."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from frontdesk.basics.errors import Problem
from frontdesk.web.endpoint import Endpoint
from frontdesk.web.problems import FloorProblem


class Refusal(NamedTuple):
    """All that an error body may tell."""

    status: int
    code: str
    message: str
    details: Mapping[str, Any] | None
    request_id: str
    now: datetime
    retry_after: int | None


ErrorShape = Callable[[Refusal], tuple[bytes, str]]
"""Writes an error body: its bytes and its content type."""


def _no_headers(problem: Problem) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Surface:
    """What the floor knows of a kind.

    `prefixes` decide who words the refusal of an unknown path: the longest that matches whole segments.
    """

    name: str
    prefixes: tuple[str, ...]
    endpoints: tuple[Endpoint, ...]
    shape: ErrorShape
    statuses: Mapping[type[Problem], int]
    """Status of every refusal of this kind. The floor's own have their usual status unless named here."""
    codes: Mapping[type[Problem], str] = field(default_factory=dict)
    """Published codes where the class's own is not the published one."""
    messages: Mapping[type[Problem], str] = field(default_factory=dict)
    """Fixed texts where the published one differs from the floor's."""
    error_type: Any = None
    """The error body as a msgspec type, for the description."""
    error_types: Mapping[int, Any] = field(default_factory=dict)
    """Statuses whose body differs from `error_type`."""
    origins: frozenset[str] = frozenset()
    """Origins whose pages may call the endpoints marked `cors`; `*` for every one."""
    unknown_token: tuple[type[Problem], ...] = ()
    """Refusals that count as a guessed access token; without any, every 404 of such an endpoint does."""
    headers: Callable[[Problem], Mapping[str, str]] = _no_headers
    """Further headers of a refusal."""
    title: str = ""
    description: str = ""

    def status_of(self, problem: Problem) -> int | None:
        """The status, by the nearest class that has one; None when the table forgot it."""
        for ancestor in type(problem).__mro__:
            found = self.statuses.get(ancestor)
            if found is not None:
                return found
            own = ancestor.__dict__.get("status")
            if own is not None and issubclass(ancestor, FloorProblem):
                return int(own)
        return None

    def code_of(self, problem: Problem) -> str:
        """The published code, by the nearest class that is named; a class with a code of its own keeps it."""
        for ancestor in type(problem).__mro__:
            found = self.codes.get(ancestor)
            if found is not None:
                return found
            if "code" in ancestor.__dict__ and not issubclass(ancestor, FloorProblem):
                break
        return problem.code

    def message_of(self, problem: Problem) -> str:
        """The text that is told."""
        return self.messages.get(type(problem), problem.message)
