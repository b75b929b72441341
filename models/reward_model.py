"""What each action would earn on each row, expected by models that never saw the row's customer.

One LightGBM regression of the reward over the inputs of customer, moment and action, per part of the customers; each
row is told by the model of the other parts. Inputs of the pair are left out: they are those of the action that was
taken, and a row's other actions have none.
"""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm
import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Contexts:
    """n rows as a reward model sees them: `values` float32 (n, d) of customer and moment, `of_actions` float32 (k, a)
    of the actions. `categories` are the places among the d + a columns that hold codes."""

    values: Rows
    of_actions: Rows
    categories: tuple[int, ...]

    def taking(self, rows: Indexes, actions: Indexes | int) -> Rows:
        """The whole rows (len(rows), d + a) with these actions."""
        taken = np.broadcast_to(self.of_actions[actions], (len(rows), self.of_actions.shape[1]))
        return np.hstack((self.values[rows], taken))


@dataclass(frozen=True, slots=True)
class RewardSettings:
    """How reward models are grown: small trees, few of them, since what they miss costs width and not truth."""

    rounds: int = 40
    leaves: int = 8
    learning_rate: float = 0.1
    least_rows_per_leaf: int = 100
    l2: float = 10.0
    seed: int = 1
    threads: int = 1


def cross_fitted(
    contexts: Contexts, reward: Floats, actions: Indexes, folds: Indexes, settings: RewardSettings
) -> Floats:
    """The expected reward of every action on every row, (n, k), from what rows of other folds (n,) earned (n,) by the
    actions that they took (n,)."""
    n, k = len(reward), len(contexts.of_actions)
    expected = np.empty((n, k))
    for fold in np.unique(folds).tolist():
        there = np.flatnonzero(folds == fold)
        model = _fit(contexts, reward, actions, np.flatnonzero(folds != fold), settings)
        for action in range(k):
            expected[there, action] = model.predict(contexts.taking(there, action), num_threads=settings.threads)
    return expected


def _fit(
    contexts: Contexts, reward: Floats, actions: Indexes, rows: Indexes, settings: RewardSettings
) -> lightgbm.Booster:
    known = contexts.taking(rows, actions[rows])
    limits = {"verbosity": -1, "num_threads": settings.threads}
    data = lightgbm.Dataset(known, reward[rows], categorical_feature=list(contexts.categories), params=limits)
    told = {
        "objective": "regression",
        "num_leaves": settings.leaves,
        "learning_rate": settings.learning_rate,
        "min_data_in_leaf": settings.least_rows_per_leaf,
        "lambda_l2": settings.l2,
        "cat_l2": settings.l2,
        "max_cat_to_onehot": 32,
        "seed": settings.seed,
        "deterministic": True,
        "force_col_wise": True,
        **limits,
    }
    return lightgbm.train(told, data, settings.rounds)
