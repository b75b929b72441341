"""How personal the bundle should be, decided from the lesson that it is trained on, and the table it serves then.

What is valued is the reward of the rows: the amount that the history has, else what the policy says that a success
gains and a contact costs. Rates in the table are those of success, each row weighted by one over the probability of its
choice, so that actions which were shown to the willing are not taken for better ones - as far as that is told apart
from the plain rate q by more than noise, since a few rows may have nearly all the weight:

    rate = q + max(0, 1 - v / d^2) x d,   d = r - q,  r the weighted rate

(the positive part of James and Stein's estimator). v is the variance of r: sum w^2 (y - r)^2 / (sum w)^2, and no less
than q (1 - q) sum w^2 / (sum w)^2, as rows of much weight may all have failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from models.actions import ActionTable
from models.folds import folds_of
from models.inputs import action_matrix
from models.manifest import Input, InputScope, InputType
from models.offpolicy import Logged
from models.personal import CELL_ROWS, Personal, Trial, Valued, decide_level
from models.reward_model import Contexts, RewardModels, RewardSettings
from models.served import EVERYONE, Level, Served

FOLDS = 3
SPLITS = 3
MOST_ROWS = 200_000
FEWEST_ROWS = 500
FEWEST_RESULTS = 50
"""Successes, and failures, from which on chances are modelled by themselves."""
CHANCES = RewardSettings(objective="binary", rounds=50, leaves=16, learning_rate=0.2)
UNKNOWN = "not proven: the history does not tell with which probability actions were chosen"
FORCED = "as it was told to be"
SCARCE = "there are too few successes, or failures, to tell customers apart by"
TOO_FEW = "not proven: too few choices with a probability between 0 and 1, or of one action only"

Rows = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Choices:
    """n closed rows: the model's `values` float32 (n, len(inputs)), actions as indexes of the table, and for each its
    probability (NaN where unknown), reward, success, customer and tier, an index in `names`; `allowed` (n, actions) by
    the policy. `money` is what each action would gain on success and cost, float32 (n, actions) each; None where
    rewards are not made of that."""

    inputs: tuple[Input, ...]
    values: Rows
    actions: Indexes
    probability: Floats
    reward: Floats
    success: npt.NDArray[np.bool_]
    customer: Indexes
    names: tuple[str, ...]
    tiers: Indexes
    allowed: npt.NDArray[np.bool_]
    money: tuple[Rows, Rows] | None = None


def how_personal(choices: Choices, table: ActionTable, seed: int) -> Personal | str:
    """The level to serve; why nothing can be said, where the history has no probabilities to say it by."""
    known = np.flatnonzero((choices.probability > 0.0) & (choices.probability <= 1.0))
    if not len(known):
        return UNKNOWN
    known = _some(known, choices.customer, seed)
    tried, actions = np.unique(choices.actions[known], return_inverse=True)
    if len(known) < FEWEST_ROWS or len(tried) < 2:
        return TOO_FEW
    logged = Logged(choices.reward[known], choices.probability[known], choices.customer[known])
    allowed = choices.allowed[known][:, tried]
    several = [folds_of(logged.customer, FOLDS, seed + split) for split in range(SPLITS)]
    expected = _expected(choices, _Asked(table, known, tried, actions, allowed, seed), several)
    trials = [
        Trial(logged, actions, choices.tiers[known], folds, one, allowed)
        for folds, one in zip(several, expected, strict=True)
    ]
    return decide_level(trials)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Of which rows (n,) and tried actions (k,) rewards are expected, by their places in the choices and the table."""

    table: ActionTable
    rows: Indexes
    tried: Indexes
    actions: Indexes
    allowed: npt.NDArray[np.bool_]
    seed: int


def _expected(choices: Choices, asked: _Asked, several: Sequence[Indexes]) -> list[Floats]:
    """The expected rewards (n, k) for each of several partings into folds. Where money is what a success gains, chances
    are modelled, as they are in decisions: they tell customers apart far better than money does."""
    contexts = _contexts(choices, asked.table, asked.rows, asked.tried)
    success = choices.success[asked.rows]
    if choices.money is None or min(int(success.sum()), int((~success).sum())) < FEWEST_RESULTS:
        models = RewardModels(contexts, choices.reward[asked.rows], asked.actions, RewardSettings(seed=asked.seed))
        return [models.expected(folds, asked.allowed) for folds in several]
    gains, costs = (money[np.ix_(asked.rows, asked.tried)].astype(np.float64) for money in choices.money)
    chances = RewardModels(contexts, success.astype(np.float64), asked.actions, replace(CHANCES, seed=asked.seed))
    return [chances.expected(folds, asked.allowed) * gains - costs for folds in several]


def served(level: Level, choices: Choices, ids: Sequence[str]) -> Served:
    """What the bundle serves at this level."""
    if level is Level.FULL:
        return Served()
    weight = 1.0 / np.where(choices.probability > 0.0, choices.probability, 1.0)
    names = () if level is Level.ONE else choices.names
    found: dict[str, dict[str, float]] = {name: {} for name in (EVERYONE, *names)}
    for action in np.unique(choices.actions).tolist():
        mine = choices.actions == action
        whole = told_apart(choices.success[mine], weight[mine])
        found[EVERYONE][ids[action]] = whole
        for tier, name in enumerate(names):
            here = mine & (choices.tiers == tier)
            found[name][ids[action]] = _towards(whole, choices.success[here], weight[here], float(weight[mine].mean()))
    return Served(level, found)


def told_apart(success: npt.NDArray[np.bool_], weight: Floats) -> float:
    """The weighted rate of success of n > 0 rows, drawn towards the plain one as far as the two differ by chance."""
    plain, weighted = float(success.mean()), float(np.average(success, weights=weight))
    share = np.square(weight / weight.sum())
    noise = max(float((share * np.square(success - weighted)).sum()), plain * (1.0 - plain) * float(share.sum()))
    off = weighted - plain
    return plain + max(0.0, 1.0 - noise / off**2) * off if off else plain


def spoken(found: Personal | str, level: Level) -> dict[str, Any]:
    """What the manifest keeps of it: the level, why, and each level's value with its interval."""
    if isinstance(found, str):
        return {"level": level.value, "why": found}
    values = {one.value: _value(valued) for one, valued in found.values.items()}
    return {"level": level.value, "why": found.why, "values": values, "random": _value(found.random)}


def _value(one: Valued) -> dict[str, Any]:
    estimate = one.value
    return {
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "effective_rows": one.support.effective,
        "refused": one.support.refused,
    }


def _some(known: Indexes, customer: Indexes, seed: int) -> Indexes:
    """At most `MOST_ROWS` rows, of whole customers."""
    if len(known) <= MOST_ROWS:
        return known
    parts = -(-len(known) // MOST_ROWS)
    kept: Indexes = known[folds_of(customer[known], parts, seed) == 0]
    return kept


def _contexts(choices: Choices, table: ActionTable, rows: Indexes, tried: Indexes) -> Contexts:
    shared = [
        place for place, one in enumerate(choices.inputs) if one.scope in (InputScope.CUSTOMER, InputScope.MOMENT)
    ]
    own = [one for one in choices.inputs if one.scope is InputScope.ACTION]
    columns = [*(choices.inputs[place] for place in shared), *own]
    categories = tuple(place for place, one in enumerate(columns) if one.type is InputType.CATEGORY)
    return Contexts(choices.values[rows][:, shared], action_matrix(own, table)[tried], categories)


def _towards(whole: float, success: npt.NDArray[np.bool_], weight: Floats, usual: float) -> float:
    """The rate of a cell, drawn towards the whole as if that were CELL_ROWS rows of the usual weight."""
    heavy = CELL_ROWS * usual
    return float((weight[success].sum() + heavy * whole) / (weight.sum() + heavy))
