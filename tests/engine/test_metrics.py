"""Counting in workers, adding up in the supervisor, and what Prometheus sees."""

from __future__ import annotations

import gc
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from engine import counts as counting
from engine.counts import EDGES, Counts, Snapshot, added
from engine.metrics import MetricsUnavailable, Tally, exposition, serve_metrics
from engine.workers.gc_pauses import GcPauses


def _counted(calls: int) -> Snapshot:
    counts = Counts()
    counts.add("befit_calls", ("Decide", "OK"), calls)
    return counts.snapshot()


def _samples(text: bytes) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(text.decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for found in families
        for sample in found.samples
    }


def test_bins_start_at_a_tenth_of_a_millisecond_and_have_an_edge_at_ten():
    assert EDGES[0] == 0.0001
    assert 0.01 in EDGES
    assert list(EDGES) == sorted(EDGES)


def test_a_duration_on_an_edge_falls_below_it():
    counts = Counts()
    observe = counts.observer("befit_stage_seconds", "call")
    for seconds in (0.01, 0.010001, 5.0):
        observe(seconds)
    bins, total = counts.snapshot().durations[("befit_stage_seconds", "call")]
    edge = EDGES.index(0.01)
    assert (bins[edge], bins[edge + 1], bins[-1]) == (1, 1, 1)
    assert total == pytest.approx(5.020001)


def test_a_snapshot_survives_the_way_to_the_supervisor():
    counts = Counts()
    counts.add("befit_proposed", ("push", "prospect", "nothing"))
    counts.observer("befit_stage_seconds", "profile")(0.002)
    snapshot = counts.snapshot()
    line = snapshot.to_json()
    assert b"\n" not in line
    assert Snapshot.from_json(line) == snapshot


def test_snapshots_of_several_workers_add_up():
    first, second = Counts(), Counts()
    first.add("befit_degraded", ("MODEL_MISSING",), 2)
    second.add("befit_degraded", ("MODEL_MISSING",), 3)
    first.observer("befit_stage_seconds", "call")(0.5)
    second.observer("befit_stage_seconds", "call")(0.5)
    total = added([first.snapshot(), second.snapshot()])
    assert total.counters[("befit_degraded", ("MODEL_MISSING",))] == 5
    bins, seconds = total.durations[("befit_stage_seconds", "call")]
    assert (sum(bins), seconds) == (2, 1.0)


def test_too_many_label_sets_are_counted_under_other(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(counting, "MOST_SERIES", 3)
    counts = Counts()
    for action in range(10):
        counts.add("befit_proposed", ("web", "prospect", f"action_{action}"))
    seen = counts.snapshot().counters
    assert len(seen) == 4
    assert seen[("befit_proposed", ("other", "other", "other"))] == 7


def test_counters_never_fall_when_a_worker_is_replaced():
    tally = Tally()
    tally.workers[0] = _counted(10)
    tally.retire(0)
    tally.workers[0] = _counted(1)
    assert _samples(exposition(tally))[("befit_worker_calls_total", (("worker", "0"),))] == 11


def test_the_share_of_each_worker_is_told():
    tally = Tally()
    tally.workers = {0: _counted(7), 1: _counted(5)}
    seen = _samples(exposition(tally))
    assert seen[("befit_worker_calls_total", (("worker", "0"),))] == 7
    assert seen[("befit_worker_calls_total", (("worker", "1"),))] == 5
    assert seen[("befit_calls_total", (("method", "Decide"), ("status", "OK")))] == 12


def test_histograms_are_cumulative_and_end_with_all():
    counts = Counts()
    observe = counts.observer("befit_stage_seconds", "call")
    for seconds in (0.00005, 0.0015, 0.02, 9.0):
        observe(seconds)
    tally = Tally()
    tally.workers[0] = counts.snapshot()
    seen = _samples(exposition(tally))
    assert seen[("befit_stage_seconds_bucket", (("le", "0.01"), ("stage", "call")))] == 2
    assert seen[("befit_stage_seconds_bucket", (("le", "+Inf"), ("stage", "call")))] == 4
    assert seen[("befit_stage_seconds_count", (("stage", "call"),))] == 4


def test_pauses_of_the_collector_are_noted_by_generation():
    counts = Counts()
    moments = iter([10.0, 10.25])
    pauses = GcPauses(counts, clock=lambda: next(moments))
    pauses("start", {"generation": 2})
    pauses("stop", {"generation": 2})
    bins, total = counts.snapshot().durations[("befit_gc_pause_seconds", "2")]
    assert (sum(bins), total) == (1, 0.25)


def test_the_collector_calls_what_watches_it():
    counts = Counts()
    pauses = GcPauses(counts)
    gc.callbacks.append(pauses)
    try:
        gc.collect()
    finally:
        gc.callbacks.remove(pauses)
    assert sum(counts.snapshot().durations[("befit_gc_pause_seconds", "2")][0]) == 1


def test_metrics_are_served_on_a_port_of_their_own():
    tally = Tally()
    tally.workers[0] = _counted(4)
    port, end = serve_metrics(tally, "127.0.0.1", 0)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            text = answer.read()
    finally:
        end()
    assert b'befit_calls_total{method="Decide",status="OK"} 4.0' in text


def test_a_port_that_is_taken_is_refused_by_name():
    port, end = serve_metrics(Tally(), "127.0.0.1", 0)
    try:
        with pytest.raises(MetricsUnavailable, match=f"127.0.0.1:{port}"):
            serve_metrics(Tally(), "127.0.0.1", port)
    finally:
        end()
