"""Scores with bit masks in numpy: the customer's side once per decision, the actions' side once per catalogue.

Equal to `Booster.predict(raw_score=True)` but for the order in which leaf values are added (1e-13 or so).
It takes about a dozen numpy calls whatever the number of candidates, and covers trees of up to 64 leaves whose
tables stay below MAX_TABLE_BYTES (1,000 trees of 63 leaves over 60 inputs need about half of it).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.leaf_masks import Masks, NotCovered, nodes_of
from models.manifest import Input
from models.prefix_masks import PrefixMasks, prefix_masks, rows_needed
from models.scoring import Indexes, Margins, PreparedActions, Row, logistic, scope_columns
from models.trees import Forest

MAX_TABLE_BYTES = 256_000_000
_EXPONENT_BITS = 52
_EXPONENT_BIAS = 1023


@dataclass(frozen=True, slots=True)
class NativeScorer:
    """A forest split by scope: `once` for customer and moment together, `action`, `pair`.

    `leaf_value` float64 (n_trees x width,); `leaf_base` int64 (n_trees,) is each tree's first leaf less the
    exponent bias, since a leaf's number is read off the exponent of its bit.
    """

    once: PrefixMasks
    action: PrefixMasks
    pair: PrefixMasks
    leaf_value: Margins
    leaf_base: Indexes
    steepness: float

    @property
    def reason(self) -> str:
        return ""

    def prepare_actions(self, matrix: Row) -> PreparedActions:
        table = self.once.table
        masks = np.full((len(matrix), table.shape[1]), np.iinfo(table.dtype).max, dtype=table.dtype)
        self.action.narrow(masks, matrix)
        return PreparedActions(matrix, masks)

    def score(self, customer: Row, moment: Row, actions: PreparedActions, chosen: Indexes, pair: Row | None) -> Margins:
        if actions.masks is None:
            raise ValueError("actions prepared by another scorer")
        masks = actions.masks.take(chosen, axis=0)
        masks &= self.once.of_one(np.concatenate((customer, moment)))
        if pair is not None or self.pair.width:
            self.pair.narrow(masks, np.empty((len(chosen), 0), dtype=np.float32) if pair is None else pair)
        return self._sum(masks)

    def propensity(self, raw: Margins) -> Margins:
        return logistic(raw, self.steepness)

    def _sum(self, masks: Masks) -> Margins:
        lowest = masks & np.negative(masks)
        leaves = lowest.astype(np.float64).view(np.int64)
        leaves >>= _EXPONENT_BITS
        leaves += self.leaf_base
        sums: Margins = np.add.reduce(self.leaf_value.take(leaves), axis=1)
        return sums


def native_scorer(forest: Forest, inputs: tuple[Input, ...]) -> NativeScorer | NotCovered:
    """Compile a forest, or say what is not covered. Raises ModelTextInvalid where a tree is not a tree."""
    nodes = nodes_of(forest)
    if isinstance(nodes, NotCovered):
        return nodes
    if forest.steepness is None:
        return NotCovered("an objective without a probability")
    columns = scope_columns(inputs)
    needed = rows_needed(nodes, np.arange(len(inputs))) * nodes.mask.itemsize * len(forest.trees)
    if needed > MAX_TABLE_BYTES:
        return NotCovered(f"tables of {needed / 1e6:.0f} MB")
    trees, width = nodes.leaf_value.shape
    return NativeScorer(
        once=prefix_masks(nodes, np.concatenate((columns.customer, columns.moment))),
        action=prefix_masks(nodes, columns.action),
        pair=prefix_masks(nodes, columns.pair),
        leaf_value=nodes.leaf_value.ravel(),
        leaf_base=np.arange(trees, dtype=np.int64) * width - _EXPONENT_BIAS,
        steepness=forest.steepness,
    )
