"""Two servers measured in turn: requests a second and processor time of each, and what one is beside the other."""

import contextlib
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import load

BUSY = 0.9
"""Of a core: a generator that is busier than this may have been what was measured."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One stretch of requests to one server."""

    rate: float
    """Answers a second."""
    cost: float
    """Microseconds of the server's processor time for each answer, all of its threads together."""
    generating: float
    """The share of a core that the generator took meanwhile."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The bare server and ours, one right after the other."""

    bare: Sample
    ours: Sample

    @property
    def by_rate(self) -> float:
        """What ours reaches of the bare server's rate."""
        return self.ours.rate / self.bare.rate

    @property
    def by_cost(self) -> float:
        """The same by processor time, which suffers far less from neighbours on the machine."""
        return self.bare.cost / self.ours.cost


def processor_seconds(pid: int) -> float:
    """What the threads of the process have used so far, in its own code and in the kernel's for it."""
    spent = 0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):  # it has ended meanwhile
            spent += int((thread / "schedstat").read_text().split()[0])
    return spent / 1e9


def sampled(
    pid: int, port: int, requests: Iterator[bytes], wanted: int, *, keep: bool = False
) -> tuple[Sample, list[bytes]]:
    """Send them all; the bodies too, if they are to be kept. Raises `SystemExit` for any other status than `wanted`."""
    before = processor_seconds(pid)
    tally = load.run(port, requests, keep=keep)
    spent = processor_seconds(pid) - before
    if set(tally.statuses) != {wanted}:
        raise SystemExit(f"unexpected answers: {tally.statuses}")
    sample = Sample(tally.rate, spent / tally.answered * 1e6, tally.busy / tally.seconds)
    return sample, tally.bodies


def median(pairs: Sequence[Pair]) -> dict[str, float]:
    """The middle of the rounds, each figure by itself."""
    return {
        "by_rate": statistics.median(one.by_rate for one in pairs),
        "by_cost": statistics.median(one.by_cost for one in pairs),
        "bare_rate": statistics.median(one.bare.rate for one in pairs),
        "rate": statistics.median(one.ours.rate for one in pairs),
        "bare_cost": statistics.median(one.bare.cost for one in pairs),
        "cost": statistics.median(one.ours.cost for one in pairs),
        "bare_generating": statistics.median(one.bare.generating for one in pairs),
        "generating": statistics.median(one.ours.generating for one in pairs),
    }
