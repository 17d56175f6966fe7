"""Counting requests: cheap tallies on the request path, put into Prometheus form when asked.

Several processes behind one port leave their tallies in a folder, so that whichever is asked answers for all.
"""

import os
from bisect import bisect_left
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from prometheus_client import CollectorRegistry
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_LATEST
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_LABELS = ("surface", "route", "method", "status")


class _Tally(msgspec.Struct, array_like=True):
    count: int = 0
    seconds: float = 0.0
    buckets: list[int] = msgspec.field(default_factory=lambda: [0] * (len(_BOUNDS) + 1))

    def take(self, other: "_Tally") -> None:
        self.count += other.count
        self.seconds += other.seconds
        self.buckets = [sum(pair) for pair in zip(self.buckets, other.buckets, strict=True)]


_Labels = tuple[str, str, str, int]


class Meter:
    """Counts the answers of one route. Only the event loop's thread may count."""

    __slots__ = ("_tallies", "method", "route", "surface")

    def __init__(self, surface: str, route: str, method: str) -> None:
        self.surface = surface
        self.route = route
        self.method = method
        self._tallies: dict[int, _Tally] = {}

    def count(self, status: int, seconds: float) -> None:
        """One answer more."""
        tally = self._tallies.get(status)
        if tally is None:
            tally = self._tallies[status] = _Tally()
        tally.count += 1
        tally.seconds += seconds
        tally.buckets[bisect_left(_BOUNDS, seconds)] += 1

    def tallies(self) -> list[tuple[int, "_Tally"]]:
        """Every status that was answered so far."""
        return sorted(self._tallies.items())


class Metrics(Collector):
    """The meters of all routes, in a registry of their own, where others may register collectors too.

    `shared` is a folder in which the processes that belong together leave what they have counted.
    """

    def __init__(self, shared: Path | None = None) -> None:
        self.registry = CollectorRegistry()
        self._shared = shared
        # Not the process number alone: a later process may get it again, and what a dead one counted stays counted.
        self._name = f"{os.getpid()}-{os.urandom(4).hex()}.tally"
        self._published = b""
        self._meters: dict[tuple[str, str, str], Meter] = {}
        self.registry.register(self)

    def meter(self, surface: str, route: str, method: str) -> Meter:
        """The meter of these labels; the same one every time."""
        key = (surface, route, method)
        if key not in self._meters:
            self._meters[key] = Meter(*key)
        return self._meters[key]

    def collect(self) -> Iterable[Metric]:
        """For the registry."""
        requests = CounterMetricFamily("frontdesk_http_requests", "Requests answered.", labels=_LABELS)
        seconds = HistogramMetricFamily(
            "frontdesk_http_request_duration_seconds", "Time from request to end of answer.", labels=_LABELS
        )
        for (*names, status), tally in self._of_all().items():
            labels = (*names, str(status))
            requests.add_metric(labels, tally.count)
            seconds.add_metric(labels, _cumulated(tally), tally.seconds)
        return [requests, seconds]

    def publish(self) -> None:
        """Leave what this process has counted where the others find it."""
        if self._shared is None:
            return
        content = msgspec.json.encode(list(self._own().items()))
        if content == self._published:
            return
        written = self._shared / f"{self._name}.new"
        written.write_bytes(content)
        written.replace(self._shared / self._name)
        self._published = content

    def _own(self) -> dict[_Labels, _Tally]:
        return {
            (meter.surface, meter.route, meter.method, status): tally
            for meter in self._meters.values()
            for status, tally in meter.tallies()
        }

    def _of_all(self) -> dict[_Labels, _Tally]:
        if self._shared is None:
            return self._own()
        self.publish()
        found: dict[_Labels, _Tally] = {}
        for file in sorted(self._shared.glob("*.tally")):
            for labels, tally in _TALLIES.decode(file.read_bytes()):
                found.setdefault(labels, _Tally()).take(tally)
        return found

    def page(self) -> bytes:
        """Everything, in Prometheus' text form."""
        return generate_latest(self.registry)


_TALLIES: msgspec.json.Decoder[Any] = msgspec.json.Decoder(list[tuple[_Labels, _Tally]])


def _cumulated(tally: _Tally) -> list[tuple[str, float]]:
    total = 0
    buckets: list[tuple[str, float]] = []
    for bound, count in zip((*_BOUNDS, float("inf")), tally.buckets, strict=True):
        total += count
        buckets.append(("+Inf" if bound == float("inf") else str(bound), total))
    return buckets
