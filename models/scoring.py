"""What every scorer does: raw margins of the candidates of one decision, who share the customer and the moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.manifest import Input, InputScope

Row = NDArray[np.float32]
Indexes = NDArray[np.intp]
Margins = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PreparedActions:
    """A catalogue's action inputs, ready for one scorer: `matrix` float32 (n_actions, n_action_inputs), and the masks
    (n_actions, n_trees) that a native scorer makes of them."""

    matrix: Row
    masks: NDArray[Any] | None = None


class Scorer(Protocol):
    """Scores candidates. Inputs come per scope, each in the order of the bundle's inputs of that scope.

    `reason` is "" for the native scorer, else why it could not take the model.
    """

    @property
    def reason(self) -> str: ...

    def prepare_actions(self, matrix: Row) -> PreparedActions:
        """Once per catalogue: from float32 (n_actions, n_action_inputs)."""
        ...

    def score(self, customer: Row, moment: Row, actions: PreparedActions, chosen: Indexes, pair: Row | None) -> Margins:
        """Raw margins float64 (k,) of the actions with indexes `chosen` (k,), for float32 `customer` (n_customer,),
        `moment` (n_moment,) and `pair` (k, n_pair), which may be None where there are no pair inputs. Raises
        ValueError where a part has another width."""
        ...

    def propensity(self, raw: Margins) -> Margins:
        """Probabilities in [0, 1] of raw margins."""
        ...


@dataclass(frozen=True, slots=True)
class ScopeColumns:
    """Which columns of the model belong to each scope: intp arrays in the order of the inputs."""

    customer: Indexes
    moment: Indexes
    action: Indexes
    pair: Indexes


def scope_columns(inputs: tuple[Input, ...]) -> ScopeColumns:
    """Split the model's columns by scope."""
    places = {
        scope: np.array([i for i, one in enumerate(inputs) if one.scope == scope], dtype=np.intp)
        for scope in InputScope
    }
    return ScopeColumns(
        places[InputScope.CUSTOMER], places[InputScope.MOMENT], places[InputScope.ACTION], places[InputScope.PAIR]
    )


def logistic(raw: Margins, steepness: float) -> Margins:
    """1 / (1 + exp(-steepness x raw)), by way of tanh, which cannot overflow."""
    return 0.5 + 0.5 * np.tanh((0.5 * steepness) * raw)
