"""Two servers measured in turn: requests a second and processor time of each, and what one is beside the other."""

import contextlib
import itertools
import json
import os
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import load
from rich.table import Table

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


def bare_beside(pid: int, port: int, amount: int) -> Sample:
    """The bare server right before ours is measured, so that both meet the same weather."""
    return sampled(pid, port, itertools.repeat(load.request("GET", "/x"), amount), 200)[0]


@dataclass(frozen=True, slots=True)
class Found:
    """The middle of some rounds, each figure by itself, and the least and most of the ratio by processor time."""

    by_rate: float
    by_cost: float
    least: float
    most: float
    rate: float
    cost: float
    bare_rate: float
    bare_cost: float
    generating: float
    """The most that the generator took of a core in any of the rounds."""


def middle(pairs: Sequence[Pair]) -> Found:
    """What these rounds have found."""
    costs = [one.by_cost for one in pairs]
    return Found(
        statistics.median(one.by_rate for one in pairs),
        statistics.median(costs),
        min(costs),
        max(costs),
        statistics.median(one.ours.rate for one in pairs),
        statistics.median(one.ours.cost for one in pairs),
        statistics.median(one.bare.rate for one in pairs),
        statistics.median(one.bare.cost for one in pairs),
        max(max(one.bare.generating, one.ours.generating) for one in pairs),
    )


Results = dict[tuple[str, int], dict[str, Found]]
"""By database and number of sessions stored, then by call."""


def line(found: dict[str, Found]) -> str:
    """The ratios in one line, while the rest is still to come."""
    return ", ".join(f"{name} {one.by_rate:.3f} by rate, {one.by_cost:.3f} by cost" for name, one in found.items())


Ours = TypeVar("Ours")


def in_turns(
    name: str,
    servers: Mapping[int, Ours],
    measure: Callable[[Ours], dict[str, Pair]],
    times: int,
    tell: Callable[[str], None],
) -> Results:
    """Some rounds with a server for each number of sessions stored: what is compared with the empty one has met the
    same weather."""
    found = []
    for number in range(times):
        order = list(servers.items())[:: -1 if number % 2 else 1]
        found.append({stored: measure(server) for stored, server in order})
    results: Results = {}
    for stored in servers:
        of_side = [one[stored] for one in found]
        results[name, stored] = {what: middle([one[what] for one in of_side]) for what in of_side[0]}
        tell(f"{name}, {stored} stored: {line(results[name, stored])}")
        for what in of_side[0] if stored else ():
            beside = statistics.median(one[0][what].ours.cost / one[stored][what].ours.cost for one in found)
            tell(f"{name}, {what}: {beside:.2f} of the empty server beside it, by processor time")
    return results


def table(results: Results) -> Table:
    """Everything that was found."""
    shown = Table(title="as ratios to a bare ASGI answer: by rate, and by processor time (with its least and most)")
    for name in (
        "database",
        "stored",
        "call",
        "bare/s",
        "ours/s",
        "bare µs",
        "ours µs",
        "by rate",
        "by processor time",
    ):
        shown.add_column(name, no_wrap=True)
    for (database, stored), found in results.items():
        for name, one in found.items():
            shown.add_row(
                database, f"{stored:,}", name, f"{one.bare_rate:,.0f}", f"{one.rate:,.0f}", f"{one.bare_cost:.0f}",
                f"{one.cost:.0f}", f"{one.by_rate:.3f}", f"{one.by_cost:.3f} ({one.least:.3f} to {one.most:.3f})",
            )  # fmt: skip
    return shown


def remarks(results: Results) -> list[str]:
    """What to know before believing the table."""
    said = [f"load of the machine: {Path('/proc/loadavg').read_text().strip()}, {os.cpu_count()} processors"]
    busiest = max(one.generating for found in results.values() for one in found.values())
    said.append(f"the load generator took at most {busiest:.2f} of a core")
    if busiest > BUSY:
        said.append("so the generator may have been the limit: believe the processor time rather than the rate")
    return said


def as_json(results: Results) -> str:
    """The same for programs."""
    return json.dumps(
        [
            {"database": database, "stored": stored, "call": name, **asdict(one)}
            for (database, stored), found in results.items()
            for name, one in found.items()
        ]
    )
