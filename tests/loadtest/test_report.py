"""From what was noted to figures, tables and a picture."""

from __future__ import annotations

import io
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from loadtest.calling import Noted
from loadtest.measure import Cpu, Measured, quantiles
from loadtest.plot import draw
from loadtest.processes import children, command_line, cpu_seconds
from loadtest.report import figures, median_of, summary, tables
from loadtest.scenario import read
from loadtest.scrape import Change, parsed

BEFORE = parsed(
    """# HELP befit_stage_seconds Time.
befit_stage_seconds_count{stage="profile"} 10.0
befit_stage_seconds_sum{stage="profile"} 1.0
befit_worker_calls_total{worker="0"} 5.0
"""
)
AFTER = parsed(
    """befit_stage_seconds_count{stage="profile"} 20.0
befit_stage_seconds_sum{stage="profile"} 1.005
befit_worker_calls_total{worker="0"} 80.0
befit_worker_calls_total{worker="1"} 25.0
befit_calls_total{method="Decide",status="OK"} 1.0
befit_calls_total{method="Decide",status="UNAVAILABLE"} 2.0
"""
)


def _measured(scale: float = 1.0) -> Measured:
    latencies = np.arange(1.0, 101.0) * scale
    noted = Noted([], [], Counter({"OK": 100, "UNAVAILABLE": 5}), Counter({"MODEL_MISSING": 50}))
    scenario = read("x", {"says": "a test", "mix": [{"channel": "web"}]})
    return Measured(
        scenario, 10.0, latencies, latencies / 100, noted, Cpu(0.01, 0.1 * scale, 0.02, 0.0), Change(BEFORE, AFTER)
    )


def test_figures_are_per_answered_call():
    found = figures(_measured())
    assert (found["rate"], found["failed"]) == (10.0, {"UNAVAILABLE": 5})
    assert found["cpu_us_per_call"]["workers"] == pytest.approx(1000)
    assert found["cpu_cores"]["store"] == pytest.approx(0.002)
    assert found["degraded_share"] == {"MODEL_MISSING": 0.5}
    assert found["stage_us"]["profile"] == pytest.approx(500)
    assert found["worker_share"] == {"0": 0.75, "1": 0.25}


def test_quantiles_reach_to_the_slowest_call():
    expected = {"p50": 501, "p90": 901, "p99": 991, "p99.9": 1000, "max": 1001}
    assert quantiles(np.arange(1.0, 1002.0)) == pytest.approx(expected)
    assert quantiles(np.array([])) == {}


def test_several_runs_are_told_by_their_median():
    told = summary([_measured(1), _measured(9), _measured(2)])
    assert told["median"]["latency_ms"]["max"] == 200
    assert [run["latency_ms"]["max"] for run in told["runs"]] == [100, 900, 200]
    assert median_of([{"a": 1}, {"a": 3, "b": 4}, {}]) == {"a": 1, "b": 0}
    json.dumps(told)


def test_the_tables_tell_what_matters():
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(tables(summary([_measured()])))
    shown = console.export_text()
    for word in ("p99.9", "us per call", "profile", "MODEL_MISSING 50.0%", "5 UNAVAILABLE", "0 75.0%, 1 25.0%"):
        assert word in shown


def test_the_picture_is_written(tmp_path: Path):
    draw([_measured(), _measured(2)], tmp_path / "x.png")
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


def test_a_change_adds_up_what_it_is_not_asked_for():
    change = Change(BEFORE, AFTER)
    assert change.by("befit_calls_total", "method") == {"Decide": 3}
    assert change.by("befit_calls_total", "status") == {"OK": 1, "UNAVAILABLE": 2}


def test_cpu_time_is_user_and_system_time_of_a_process(tmp_path: Path):
    (tmp_path / "7" / "task" / "7").mkdir(parents=True)
    (tmp_path / "7" / "stat").write_text("7 (a (b) c) S " + " ".join(["0"] * 10) + " 250 50 0 0")
    (tmp_path / "7" / "cmdline").write_bytes(b"python\0-m\0engine.workers.worker")
    (tmp_path / "7" / "task" / "7" / "children").write_text("12 9 ")
    assert cpu_seconds(7, tmp_path) == pytest.approx(3.0)
    assert command_line(7, tmp_path) == "python -m engine.workers.worker"
    assert children(7, tmp_path) == [9, 12]
    assert (cpu_seconds(8, tmp_path), command_line(8, tmp_path)) == (0.0, "")
