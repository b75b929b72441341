"""Choices that were made with known probabilities, as an evaluation needs them, whatever they were read from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from documents.problem import BefitError
from engine.resolution import Question
from models.offpolicy import Logged
from models.reward_model import Contexts

GONE = -2
"""The index of whatever was chosen and the policy no longer has: nobody chooses it again, but it was chosen."""

FRESH = 0.1
"""Share of choices that may be open where a challenger is judged."""

Indexes = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class NothingToEvaluate(BefitError):
    """There is no choice whose probability, action and result are known."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Which choices (n,) judge. Successes are known before silence is: of the newest choices, what is closed is what
    went well. So only choices before the first that is still open judge; where those are fewer than half of the closed
    ones, all closed ones do, and flatter: `open` is then how many are missing beside them."""

    rows: Flags
    open: int

    @classmethod
    def of(cls, at: Floats, closed: Flags) -> Settled:
        """Of choices at these moments (s), (n,)."""
        before = at < at[~closed].min(initial=np.inf)
        if 2 * before.sum() >= closed.sum():
            return cls(before, 0)
        return cls(closed, int((~closed).sum()))


@dataclass(frozen=True, slots=True)
class Tried:
    """n choices. `actions` are the catalogue indexes of what was chosen (n,), NOTHING and GONE included, `tried` those
    that ever were, in order; `contexts` hold the rows with one action per entry of `tried`. `questions` asks what a
    policy would have done, in the same order, once; `first` and `last` are the moments (s) between which they lie.
    `placements` name what was filled; empty = whatever takes the action. `open` as in Settled."""

    logged: Logged
    actions: Indexes
    tried: Indexes
    contexts: Contexts
    questions: Iterable[Question]
    first: float
    last: float
    placements: tuple[str, ...] = ()
    open: int = 0

    @property
    def places(self) -> Indexes:
        """Where each chosen action stands in `tried`, (n,)."""
        return np.searchsorted(self.tried, self.actions)

    @property
    def too_fresh(self) -> bool:
        """Whether what is open may turn the verdict: more than one choice in ten."""
        return self.open > FRESH * (self.open + len(self.logged))
