"""Days that a drawn company lived through after its history: decisions by its rules, answers by its truth, as a log."""

from __future__ import annotations

import asyncio
from pathlib import Path

from engine.demo.company.read_sketch import load_sketch
from engine.demo.company.truth import truth_of
from engine.demo.days.lived_log import Days, write_demo_log
from engine.demo.days.project import DemoProject
from engine.demo.drawing import SEED, Drawn
from engine.project import load_snapshot, read_text

LOG_FOLDER = "log"


def live_through(project: Path, drawn: Drawn, days: Days) -> int:
    """Write the log of the days into the project's `log`; how many entries it has. Raises OSError."""
    snapshot = load_snapshot(project, None)
    sketch = load_sketch(project, drawn.schema, drawn.policy)
    truth = truth_of(sketch, drawn.population, SEED)
    company = DemoProject(project, read_text(project), snapshot, drawn.population, truth)
    return asyncio.run(write_demo_log(company, project / LOG_FOLDER, days))
