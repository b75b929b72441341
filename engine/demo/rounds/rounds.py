"""Rounds: customers turn up, are decided for, answer; the log teaches a challenger; the better one decides next.

Every round meets customers whom none met before, so that what it earns differs from another's by what was learnt and by
who came, and by nothing that was sold or worn out before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from engine.demo.company.truth import Truth
from engine.demo.rounds.at_work import AtWork, Realised
from engine.demo.rounds.meetings import DAYS, Meetings
from engine.demo.rounds.relearning import Challenge, Relearnt, relearn
from engine.snapshot import Snapshot
from models.fit import FitSettings
from models.train import TrainSettings


@dataclass(frozen=True, slots=True)
class Plan:
    """How many rounds, of how many customers each, from which day on; a population of `rounds` x `customers` is
    needed."""

    rounds: int
    customers: int
    first: date
    seed: int = 1
    settings: TrainSettings = field(default_factory=lambda: TrainSettings(fit=FitSettings(threads=1)))


@dataclass(frozen=True, slots=True)
class Round:
    """One round: what was learnt from those before it, None in the first, who came, and what `champion` made of it."""

    number: int
    learnt: Relearnt | None
    champion: Snapshot
    meetings: Meetings
    realised: Realised


async def run_rounds(snapshot: Snapshot, truth: Truth, plan: Plan, folder: Path) -> AsyncIterator[Round]:
    """The rounds, beginning with what `snapshot` decides; log and bundles are written into `folder`. A challenger
    learns from all but the later half of the latest round, which judges it.

    Raises EngineRefused, BundleUnwritable, BundleRefused, OSError.
    """
    company, learnt, cut = AtWork(snapshot, truth), None, 0.0
    for number in range(plan.rounds):
        if number:
            learnt = relearn(company.snapshot, folder, cut, Challenge(folder / f"bundle-{number}", plan.settings))
            company.snapshot = learnt.champion
        who = np.arange(number * plan.customers, (number + 1) * plan.customers)
        meetings = company.expects(who, plan.first + timedelta(days=DAYS * number), plan.seed + number)
        realised = await company.meet(meetings)
        await company.write_log(folder)
        cut = float(np.median(meetings.at))
        yield Round(number + 1, learnt, company.snapshot, meetings, realised)
