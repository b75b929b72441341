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
Flags = npt.NDArray[np.bool_]


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
    """How reward models are grown: small trees, few of them, since what they miss costs width and not truth. A leaf has
    at least one in `rows_per_leaf` of the rows that a model learns from, within `leaf_rows`. With the `objective`
    binary rewards are 0 and 1, and what is expected is a chance."""

    rounds: int = 40
    leaves: int = 8
    learning_rate: float = 0.1
    rows_per_leaf: int = 200
    leaf_rows: tuple[int, int] = (20, 100)
    objective: str = "regression"
    l2: float = 10.0
    seed: int = 1
    threads: int = 1

    def least_rows(self, rows: int) -> int:
        """The fewest rows of a leaf of a model that learns from so many."""
        fewest, most = self.leaf_rows
        return min(max(rows // self.rows_per_leaf, fewest), most)


class RewardModels:
    """The reward models over the rows of `contexts`, which earned `reward` (n,) by the `actions` (n,) that they took:
    the inputs are sorted into bins once, however often the customers are parted."""

    def __init__(self, contexts: Contexts, reward: Floats, actions: Indexes, settings: RewardSettings) -> None:
        limits = {"verbosity": -1, "num_threads": settings.threads, "feature_pre_filter": False}
        every = contexts.taking(np.arange(len(reward)), actions)
        self._contexts, self._actions, self._settings = contexts, actions, settings
        self._told = self._said(limits)
        codes = list(contexts.categories)
        self._binned = lightgbm.Dataset(every, reward, categorical_feature=codes, params=limits).construct()

    def expected(self, folds: Indexes, wanted: Flags | None = None) -> Floats:
        """The expected reward of every action on every row, (n, k), from the rows of other folds (n,); where only some
        are `wanted` (n, k), 0 for the others, but for the action that was taken."""
        n, k = len(folds), len(self._contexts.of_actions)
        expected = np.zeros((n, k))
        for fold in np.unique(folds).tolist():
            model = self._fit(np.flatnonzero(folds != fold))
            for action in range(k):
                asked = folds == fold
                if wanted is not None:
                    asked &= wanted[:, action] | (self._actions == action)
                rows = np.flatnonzero(asked)
                if len(rows):
                    taken = self._contexts.taking(rows, action)
                    expected[rows, action] = model.predict(taken, num_threads=self._settings.threads)
        return expected

    def _fit(self, rows: Indexes) -> lightgbm.Booster:
        told = {**self._told, "min_data_in_leaf": self._settings.least_rows(len(rows))}
        return lightgbm.train(told, self._binned.subset(rows.tolist()), self._settings.rounds)

    def _said(self, limits: dict[str, int]) -> dict[str, object]:
        settings = self._settings
        return {
            "objective": settings.objective,
            "num_leaves": settings.leaves,
            "learning_rate": settings.learning_rate,
            "lambda_l2": settings.l2,
            "cat_l2": settings.l2,
            "max_cat_to_onehot": 32,
            "seed": settings.seed,
            "deterministic": True,
            "force_col_wise": True,
            **limits,
        }
