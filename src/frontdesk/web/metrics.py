"""Counting requests: cheap tallies on the request path, put into Prometheus form when asked."""

from bisect import bisect_left
from collections.abc import Iterable

from prometheus_client import CollectorRegistry
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_LATEST
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_LABELS = ("surface", "route", "method", "status")


class _Tally:
    __slots__ = ("buckets", "count", "seconds")

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0
        self.buckets = [0] * (len(_BOUNDS) + 1)


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
    """The meters of all routes, in a registry of their own, where others may register collectors too."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
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
        for meter in self._meters.values():
            for status, tally in meter.tallies():
                labels = (meter.surface, meter.route, meter.method, str(status))
                requests.add_metric(labels, tally.count)
                seconds.add_metric(labels, _cumulated(tally), tally.seconds)
        return [requests, seconds]

    def page(self) -> bytes:
        """Everything, in Prometheus' text form."""
        return generate_latest(self.registry)


def _cumulated(tally: _Tally) -> list[tuple[str, float]]:
    total = 0
    buckets: list[tuple[str, float]] = []
    for bound, count in zip((*_BOUNDS, float("inf")), tally.buckets, strict=True):
        total += count
        buckets.append(("+Inf" if bound == float("inf") else str(bound), total))
    return buckets
