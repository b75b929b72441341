"""Customers who turn up: when, where, and what each would say to every action - the ground truth of a round."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from engine.demo.company.draws import Flags, Floats, Indexes
from engine.demo.company.moments import Moments, draw_moments
from engine.demo.company.truth import Truth

DAYS = 7
"""How many days a round takes."""


@dataclass(frozen=True, slots=True)
class Meetings:
    """n customers in order of time: `at` (s), `moments`, `strangers` (n,), of whom nothing is known. For each of the
    truth's actions, (n, A): `acceptance` the true probability of success, `accepts` what it comes to, `refuses` who
    says so if not."""

    at: Floats
    moments: Moments
    acceptance: Floats
    accepts: Flags
    refuses: Flags
    strangers: Flags

    def __len__(self) -> int:
        return len(self.at)


def draw_meetings(truth: Truth, channels: Collection[str], who: Indexes, first: date, seed: int) -> Meetings:
    """Each of `who` (rows of the population) once, at a moment within a week from the day `first` on; those who would
    be met in other channels stay away. The same arguments draw the same."""
    sketch = truth.sketch
    rng = np.random.default_rng([seed, 10])
    moments = draw_moments(sketch, truth.population, who, seed)
    here = np.flatnonzero(np.isin(np.array(sketch.channels)[moments.channel], list(channels)))
    at = _midnights(first, sketch.zone)[rng.integers(0, DAYS, len(here))] + 3600.0 * moments.hour[here]
    order = np.argsort(at, kind="stable")
    met = moments.take(here[order])
    acceptance = truth.acceptance(met)
    answer = rng.random(acceptance.shape)
    told = np.array([(one.candour, one.strangers) for one in sketch.contacts.channels])[met.channel]
    refuses = answer > 1.0 - told[:, :1]
    return Meetings(at[order], met, acceptance, answer < acceptance, refuses, rng.random(len(met)) < told[:, 1])


def _midnights(first: date, zone: str) -> Floats:
    days = [datetime.combine(first + timedelta(days=day), time(), ZoneInfo(zone)) for day in range(DAYS)]
    return np.array([day.timestamp() for day in days])
