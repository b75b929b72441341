"""How personal a model should be: one ranking for all, a table by tier, or every customer's own propensities.

Where personalisation is noise it loses money, so the three are valued on the same rows, each row by what other
customers' rows taught (doubly robust, see `models.offpolicy`), and the simplest within one standard error of the best
is served. What one split of the customers happens to teach is itself chance, so several splits are averaged. Needs a
history whose choices had known probabilities; support is checked before anything is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.offpolicy import Estimate, Estimator, Judged, Logged, average, difference, estimates, weights
from models.served import Level
from models.support import Support, support

CELL_ROWS = 500.0
"""How many rows the whole counts for in a cell of the table by tier: a small cell stays near the whole."""

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Trial:
    """n logged choices among k actions, and what is expected of each: `actions` taken (n,), `segments` the customers'
    tiers as numbers from 0 (n,), `folds` (n,), `expected` rewards by models of other folds (n, k). `allowed` (n, k) are
    the actions that a policy may take on each row."""

    logged: Logged
    actions: Indexes
    segments: Indexes
    folds: Indexes
    expected: Floats
    allowed: Flags

    @property
    def rows(self) -> Indexes:
        return np.arange(len(self.logged))

    def corrected(self) -> Floats:
        """A doubly robust reward of every action on every row, (n, k): averaged over rows, it is unbiased."""
        found = self.expected.copy()
        error = (self.logged.reward - self.expected[self.rows, self.actions]) / self.logged.probability
        found[self.rows, self.actions] += error
        return found

    def judged(self, chances: Floats) -> Judged:
        """A policy that takes action a on row i with `chances[i, a]`, shape (n, k)."""
        mine = self.expected[self.rows, self.actions]
        return Judged(chances[self.rows, self.actions], mine, (chances * self.expected).sum(axis=1))


@dataclass(frozen=True, slots=True)
class Valued:
    """One way to choose: its estimates by estimator, and what the log says for it. `refused` as in Support."""

    estimates: Mapping[Estimator, Estimate]
    support: Support

    @property
    def value(self) -> Estimate:
        """The doubly robust one."""
        return self.estimates[Estimator.DR]


@dataclass(frozen=True, slots=True)
class Personal:
    """The level to serve and why, each level's value, and what taking actions at random would have earned."""

    level: Level
    why: str
    values: Mapping[Level, Valued]
    random: Valued


def decide_level(trials: Sequence[Trial]) -> Personal:
    """The simplest level within one standard error of the best, from trials of the same rows with other folds; full,
    and said to be unproven, without support."""
    taken = [choices(trial) for trial in trials]
    found = {level: valued(trials, [one[level] for one in taken]) for level in Level}
    at_random = valued(trials, [evenly(trials[0].allowed)] * len(trials))
    refused = next((one.support.refused for one in found.values() if one.support.refused), "")
    if refused:
        return Personal(Level.FULL, f"not proven: {refused}", found, at_random)
    best = max(found, key=lambda level: found[level].value.value)
    for level in Level:
        less = difference(found[best].value, found[level].value, trials[0].logged.customer)
        if less.value <= less.standard_error:
            return Personal(level, _why(level, best, less), found, at_random)
    raise AssertionError("the best level is within its own error")


def valued(trials: Sequence[Trial], chances: Sequence[Floats], untried: float = 0.0) -> Valued:
    """What a policy would have earned that takes actions with these chances (n, k) in each trial, and else does
    nothing, which earns 0 - but for its mean chance of actions that were never tried."""
    logged = trials[0].logged
    judged = [trial.judged(one) for trial, one in zip(trials, chances, strict=True)]
    found = [estimates(logged, one) for one in judged]
    weight: Floats = np.mean([weights(logged, one) for one in judged], axis=0)
    merged = {name: average([one[name] for one in found], logged.customer) for name in Estimator}
    acting = float(np.mean([one.sum(axis=1).mean() for one in chances]))
    merged[Estimator.SNIPS] = _per_choice(merged[Estimator.SNIPS], acting)
    return Valued(merged, support(weight, logged.customer, acting + untried))


def _per_choice(earned: Estimate, acting: float) -> Estimate:
    """What is earned where something is done, which is what dividing by the weights gives, of all choices."""
    return Estimate(acting * earned.value, acting * earned.standard_error, acting * earned.terms)


def choices(trial: Trial) -> dict[Level, Floats]:
    """What each level takes on each row, (n, k) of 0 and 1, learnt from rows of other folds; nothing where nothing that
    is allowed is worth more."""
    corrected, tiers = trial.corrected(), int(trial.segments.max()) + 1
    one, by_tier = np.zeros_like(trial.expected), np.zeros_like(trial.expected)
    for fold in np.unique(trial.folds).tolist():
        there, others = trial.folds == fold, trial.folds != fold
        known = corrected[others], trial.allowed[others]
        whole = table_of(*known, np.zeros(int(others.sum()), dtype=np.intp), 1)
        table = table_of(*known, trial.segments[others], tiers)
        one[there] = _taken(whole[np.zeros(int(there.sum()), dtype=np.intp)], trial.allowed[there])
        by_tier[there] = _taken(table[trial.segments[there]], trial.allowed[there])
    return {Level.ONE: one, Level.TIERS: by_tier, Level.FULL: _taken(trial.expected, trial.allowed)}


def evenly(allowed: Flags) -> Floats:
    """The same chance for each allowed action of a row, (n, k); rows without any take nothing."""
    chances: Floats = allowed / np.maximum(allowed.sum(axis=1, keepdims=True), 1)
    return chances


def table_of(rewards: Floats, allowed: Flags, segments: Indexes, count: int) -> Floats:
    """Mean rewards (count, k) by segment of the rows (n, k) on which an action is allowed, each drawn towards the mean
    of all as if that were `CELL_ROWS` more rows; of an action that never is, minus infinity."""
    counted = np.where(allowed, rewards, 0.0)
    met = allowed.sum(axis=0)
    whole = np.divide(counted.sum(axis=0), met, out=np.full(len(met), -np.inf), where=met > 0)
    sums, rows = np.zeros((count, len(met))), np.zeros((count, len(met)))
    np.add.at(sums, segments, counted)
    np.add.at(rows, segments, allowed)
    means: Floats = (sums + CELL_ROWS * whole) / (rows + CELL_ROWS)
    return means


def _taken(worth: Floats, allowed: Flags) -> Floats:
    """1 for the best allowed action of each row of `worth` (m, k), where it is worth more than nothing, else 0."""
    found = np.zeros_like(worth)
    kept = np.where(allowed, worth, -np.inf)
    rows = np.arange(len(worth))
    best = kept.argmax(axis=1)
    found[rows, best] = kept[rows, best] > 0.0
    return found


def _why(level: Level, best: Level, less: Estimate) -> str:
    if level is best:
        return "earns the most by more than one standard error" if level is not Level.ONE else "earns the most"
    return f"earns {less.value:.4g} less than {best.value}, within the standard error of {less.standard_error:.4g}"
