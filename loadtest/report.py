"""What a measurement tells: as plain values for programs, as tables for people; several runs as their median."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from loadtest.measure import Measured, quantiles


def summary(runs: Sequence[Measured]) -> dict[str, Any]:
    """All figures of a scenario: the median of the runs, and each run."""
    each = [figures(run) for run in runs]
    return {
        "scenario": {key: value for key, value in asdict(runs[0].scenario).items() if key != "mix"},
        "machine": f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}",
        "median": {key: median_of([run[key] for run in each]) for key in each[0]},
        "runs": each,
    }


def figures(run: Measured) -> dict[str, Any]:
    """The figures of one run. CPU in microseconds per answered call, or as a share of one core."""
    calls = max(1, run.answered)
    cpu = asdict(run.cpu)
    shares = run.change.by("befit_worker_calls_total", "worker")
    return {
        "rate": run.rate,
        "answered": run.answered,
        "failed": {status: count for status, count in run.noted.statuses.items() if status != "OK"},
        "degraded_share": {code: count / calls for code, count in run.noted.degraded.items()},
        "latency_ms": quantiles(run.latencies_ms),
        "sent_late_ms": quantiles(run.late_ms),
        "cpu_us_per_call": {name: seconds / calls * 1e6 for name, seconds in cpu.items()},
        "cpu_cores": {name: seconds / run.seconds for name, seconds in cpu.items()},
        "stage_us": run.change.mean_micros("befit_stage_seconds", "stage"),
        "in_server_us": run.change.mean_micros("befit_call_seconds", "method"),
        "gc_pauses": run.change.by("befit_gc_pause_seconds_count", "generation"),
        "gc_pause_us": run.change.mean_micros("befit_gc_pause_seconds", "generation"),
        "loop_lag_us": run.change.mean_micros("befit_loop_lag_seconds", "loop"),
        "reloads": reload_figures(run),
        "worker_share": {worker: count / max(1.0, sum(shares.values())) for worker, count in shares.items()},
    }


def reload_figures(run: Measured) -> dict[str, float]:
    """What came of changes of the policy: how many, s each, workers that were late, answers made of two revisions."""
    found = run.reloads
    if found is None:
        return {}
    revisions = len({name.split(" ", 1)[0] for name in run.noted.revisions})
    told = {"done": len(found.seconds), "refused": len(found.refused), "late_workers": found.late}
    told |= {"mixed_answers": found.mixed(run.noted.revisions), "revisions_answered": revisions}
    return told | {"seconds_each": median(found.seconds) if found.seconds else 0.0}


def median_of(values: Sequence[Any]) -> Any:
    """The median of numbers; of mappings key by key, a key that is missing counting as 0."""
    if not isinstance(values[0], Mapping):
        return median(values)
    keys = dict.fromkeys(key for value in values for key in value)
    return {key: median_of([value.get(key, 0) for value in values]) for key in keys}


def tables(told: Mapping[str, Any]) -> RenderableType:
    """A summary for people."""
    scenario, found = told["scenario"], told["median"]
    title = Text.assemble((scenario["name"], "bold"), f": {scenario['says']}")
    pace = f"{scenario['rate']:g} calls/s open loop" if scenario["mode"] == "open" else "closed loop"
    setup = f"{pace}, {scenario['connections']} connections, {scenario['workers']} workers, {len(told['runs'])} runs"
    parts: list[RenderableType] = [title, Text(f"{setup}; {told['machine']}", style="dim")]
    parts.append(_row("ms", {"latency": found["latency_ms"], "sent late": found["sent_late_ms"]}, "{:.2f}"))
    cpu = {"us per call": found["cpu_us_per_call"], "share of a core": found["cpu_cores"]}
    parts.append(_row("CPU", cpu, "{:.4g}"))
    parts.append(_row("mean us", {"stage": found["stage_us"], "in server": found["in_server_us"]}, "{:.0f}"))
    failed = ", ".join(f"{count:g} {status}" for status, count in found["failed"].items()) or "none"
    parts.append(Text(f"{found['rate']:.0f} answered a second; failed: {failed}"))
    if found["reloads"]:
        said = ", ".join(f"{key.replace('_', ' ')} {value:.4g}" for key, value in found["reloads"].items())
        parts.append(Text(f"policies put in force: {said}"))
    for name, shares in (("with less information", found["degraded_share"]), ("by worker", found["worker_share"])):
        parts.append(Text(f"{name}: {', '.join(f'{key} {share:.1%}' for key, share in shares.items()) or 'none'}"))
    return Group(*parts)


def _row(unit: str, rows: Mapping[str, Mapping[str, float]], form: str) -> Table:
    columns = list(dict.fromkeys(key for row in rows.values() for key in row))
    grid = Table(unit, *columns, box=None, header_style="dim", pad_edge=False)
    for name, row in rows.items():
        if row:
            grid.add_row(name, *(form.format(row[key]) if key in row else "" for key in columns))
    return grid


def show(told: Mapping[str, Any]) -> None:
    Console(highlight=False, soft_wrap=True).print(tables(told), "")
