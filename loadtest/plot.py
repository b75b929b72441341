"""A measurement as a picture: how many calls took how long, on axes where the tail can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from loadtest.measure import Measured

MARKS = (50, 90, 99, 99.9, 99.99)


def draw(runs: Sequence[Measured], path: Path) -> None:
    """Write a PNG: for each run the latency at every percentile, percentiles spread by powers of ten."""
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    for number, run in enumerate(runs, start=1):
        share = 1 - np.arange(run.answered) / max(1, run.answered)
        axes.plot(1 / share, run.latencies_ms, label=f"run {number}")
    scenario = runs[0].scenario
    axes.set(xscale="log", yscale="log", xlabel="percentile", ylabel="latency, ms", title=scenario.says)
    axes.set_xticks([100 / (100 - mark) for mark in MARKS], [f"p{mark:g}" for mark in MARKS])
    axes.minorticks_off()
    axes.axhline(10, color="grey", linestyle=":", linewidth=1)
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=120)
