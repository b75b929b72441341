"""The counts of all workers as Prometheus metrics, served on one port by the supervisor.

One endpoint for the whole server, because workers share one port: a scrape of that port would meet a random
worker. Each worker sends a snapshot every second; the counts of a worker that ended are kept, so that
counters never fall. Weak side: a worker that is killed takes up to one second of counts with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from documents.problem import BefitError
from engine.counts import COUNTERS, DURATIONS, EDGES, GAUGES, NONE_COUNTED, Snapshot, added

_EDGE_NAMES = (*map(str, EDGES), "+Inf")


class MetricsUnavailable(BefitError):
    """The port of /metrics cannot be listened on."""


class Tally:
    """What the supervisor knows of its workers' counts. `workers` maps the worker's number to its last snapshot."""

    def __init__(self) -> None:
        self.workers: dict[int, Snapshot] = {}
        self.ready = 0
        self.restarts = 0
        self._ended: dict[int, Snapshot] = {}

    def retire(self, worker: int) -> None:
        """The worker ended: keep what it counted, and let its successor count from nothing."""
        self._ended[worker] = replace(self.of(worker), gauges={})
        self.workers.pop(worker, None)

    def of(self, worker: int) -> Snapshot:
        """What a worker and those before it with the same number counted."""
        pair = (self._ended.get(worker, NONE_COUNTED), self.workers.get(worker, NONE_COUNTED))
        return added(pair)

    def numbers(self) -> list[int]:
        return sorted({*self.workers, *self._ended})


class TallyCollector(Collector):
    """Turns a tally into metric families at each scrape."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def collect(self) -> Iterator[Metric]:
        by_worker = {number: self._tally.of(number) for number in self._tally.numbers()}
        yield from _families(added(by_worker.values()))
        calls = CounterMetricFamily("befit_worker_calls", "Answered calls by worker.", labels=("worker",))
        for number, snapshot in by_worker.items():
            answered = sum(value for (name, _), value in snapshot.counters.items() if name == "befit_calls")
            calls.add_metric((str(number),), answered)
        yield calls
        yield GaugeMetricFamily("befit_workers_ready", "Workers that answer now.", value=self._tally.ready)
        yield CounterMetricFamily("befit_worker_restarts", "Workers started anew.", value=self._tally.restarts)


def _families(total: Snapshot) -> Iterator[Metric]:
    counters = {name: CounterMetricFamily(name, about.meaning, labels=about.labels) for name, about in COUNTERS.items()}
    for (name, labels), value in total.counters.items():
        counters[name].add_metric(labels, value)
    yield from counters.values()
    gauges = {name: GaugeMetricFamily(name, about.meaning, labels=about.labels) for name, about in GAUGES.items()}
    for (name, labels), value in total.gauges.items():
        gauges[name].add_metric(labels, value)
    yield from gauges.values()
    histograms = {
        name: HistogramMetricFamily(name, about.meaning, labels=about.labels) for name, about in DURATIONS.items()
    }
    for (name, label), (bins, seconds) in total.durations.items():
        buckets = list(zip(_EDGE_NAMES, accumulate(bins), strict=True))
        histograms[name].add_metric((label,), buckets, seconds)
    yield from histograms.values()


def exposition(tally: Tally) -> bytes:
    """The text that Prometheus scrapes."""
    registry = CollectorRegistry()
    registry.register(TallyCollector(tally))
    return generate_latest(registry)


def serve_metrics(tally: Tally, host: str, port: int) -> tuple[int, Callable[[], None]]:
    """Answer /metrics from a thread of its own: the port, and what ends it. Raises MetricsUnavailable."""
    registry = CollectorRegistry()
    registry.register(TallyCollector(tally))
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as failure:
        raise MetricsUnavailable(f"/metrics cannot listen on {host}:{port}: {failure.strerror}") from failure

    def end() -> None:
        server.shutdown()
        thread.join()
        server.server_close()

    return server.server_port, end
