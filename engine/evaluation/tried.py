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

Indexes = npt.NDArray[np.intp]


class NothingToEvaluate(BefitError):
    """There is no choice whose probability, action and result are known."""


@dataclass(frozen=True, slots=True)
class Tried:
    """n choices. `actions` are the catalogue indexes of what was chosen (n,), NOTHING included, `tried` those that ever
    were, in order; `contexts` hold the rows with one action per entry of `tried`. `questions` asks what a policy would
    have done, in the same order, once; `first` and `last` are the moments (s) between which they lie. `placements` name
    what was filled; empty = whatever takes the action."""

    logged: Logged
    actions: Indexes
    tried: Indexes
    contexts: Contexts
    questions: Iterable[Question]
    first: float
    last: float
    placements: tuple[str, ...] = ()

    @property
    def places(self) -> Indexes:
        """Where each chosen action stands in `tried`, (n,)."""
        return np.searchsorted(self.tried, self.actions)
