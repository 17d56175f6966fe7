"""Asking a service of the operator's whether it knows something of a person, a company or a wallet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Subject:
    """Who or what is asked about. `id` is of this question alone. A wallet has its address as `name`, and a `network`.

    `kind` is `individual`, `company` or `wallet`; the birth date is `YYYY-MM-DD`, countries are alpha-2.
    """

    id: str
    kind: str
    name: str
    date_of_birth: str | None = None
    countries: tuple[str, ...] = ()
    network: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Something that the service knows of a subject. `confidence` is 0 to 1, `source` where it stands."""

    subject_id: str
    source: str
    category: str
    confidence: float
    title: str
    url: str | None = None


class Screening(Protocol):
    """One check at one service. Asking twice changes nothing."""

    async def screen(self, check: str, subjects: Sequence[Subject]) -> tuple[Match, ...]:
        """What is known of the subjects; nothing means that the service has looked at each of them and found nothing.

        Without subjects the question is whether the service is there and takes our key.
        Bounded in time. Raises `Unavailable` when the service did not answer, or may answer later; `Rejected` when it
        refuses, or answers something that is no answer.
        """
